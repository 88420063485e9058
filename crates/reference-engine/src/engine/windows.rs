//! Opening and closing pages, and running scripts in them.

use std::rc::Rc;

use background_sync::Notice;
use background_sync::policy::{Origin, Partition, WindowClients};
use url::Url;

use super::page::{Frame, Page, PageScript, scripts_of};
use super::running::RealmId;
use super::{Engine, EngineError, Open, Run, Who};
use crate::script::{GlobalKind, Limits, Realm, RealmOptions};

impl Engine {
    fn user_is_there(&self) -> Result<(), EngineError> {
        let asleep = "the system sleeps, and nobody can use it; wake it in an earlier step, with `system = \"wake\"`";
        if self.clock.is_asleep() { Err(EngineError::Step(asleep.to_owned())) } else { Ok(()) }
    }

    pub(super) fn open_window(&mut self, open: &Open) -> Result<(), EngineError> {
        self.user_is_there()?;
        if self.pages.contains_key(&open.window) {
            return Err(EngineError::Step(format!("a window `{}` is open already; close it first", open.window)));
        }
        if open.url.scheme() != "https" {
            let message = format!("{} is no secure context; pages are https here", open.url);
            return Err(EngineError::Step(message));
        }
        let origin = Origin::of(&open.url).map_err(|error| EngineError::Step(format!("{}: {error}", open.url)))?;
        let Some(file) = self.sites.file(&open.url) else {
            let path = self.sites.path_of(&open.url).map(|path| super::shown(&path)).unwrap_or_default();
            return Err(EngineError::Step(format!("{} has no page; write {path}", open.url)));
        };
        let partition = open.partition.0;
        let id = RealmId(self.new_id());
        let options = RealmOptions {
            kind: GlobalKind::Window,
            location: open.url.clone(),
            online: self.is_online(open.url.as_str()),
            limits: Limits::default(),
            seed: self.seed ^ id.0,
            clock: Rc::new(self.clock.clone()),
            indexed_db: self.databases_of(partition, &origin),
            loader: Rc::new(|_| Err("pages have no importScripts".to_owned())),
        };
        let realm = Realm::new(&options).map_err(|error| EngineError::Step(error.to_string()))?;
        let page = Page { id, realm, url: open.url.clone(), partition, origin: origin.clone(), frame: open.frame };
        self.tell(Who::User, format!("opens {}", open.url), "");
        self.pages.insert(open.window.clone(), page);
        self.page_ids.insert(id, open.window.clone());
        self.count_windows(partition, &origin);
        self.run_page_scripts(&open.window, &open.url, &String::from_utf8_lossy(&file.body));
        Ok(())
    }

    /// A script that fails does not keep the following ones from running.
    fn run_page_scripts(&mut self, window: &str, url: &Url, html: &str) {
        for script in scripts_of(html) {
            let (source, name) = match script {
                PageScript::Inline { source, line } => {
                    let padding = "\n".repeat(line.saturating_sub(1) as usize);
                    (Ok(padding + &source), url.to_string())
                }
                PageScript::External { address } => {
                    let file = url.join(&address).ok().and_then(|url| Some((self.sites.file(&url)?, url)));
                    match file {
                        Some((file, url)) => (Ok(String::from_utf8_lossy(&file.body).into_owned()), url.to_string()),
                        None => (Err(format!("the page's script {address} is not there")), url.to_string()),
                    }
                }
            };
            let Some(page) = self.pages.get_mut(window) else { return };
            let trouble = match source {
                Ok(source) => page.realm.evaluate(&source, &name).err().map(|error| error.to_string()),
                Err(missing) => Some(missing),
            };
            if let Some(trouble) = trouble {
                self.tell(Who::Trouble, trouble, name);
            }
        }
    }

    pub(super) fn close_window(&mut self, window: &str) {
        let Some(page) = self.pages.remove(window) else { return };
        self.page_ids.retain(|_, name| name != window);
        self.tell(Who::User, format!("closes {window}"), "");
        self.count_windows(page.partition, &page.origin);
        let last = !self.pages.values().any(|other| other.partition == page.partition);
        if page.partition.is_private() && last {
            self.close_partition(page.partition);
        }
    }

    fn count_windows(&mut self, partition: Partition, origin: &Origin) {
        let mut windows = WindowClients::none();
        for page in self.pages.values().filter(|page| page.partition == partition && page.origin == *origin) {
            match page.frame {
                Frame::TopLevel => windows.top_level += 1,
                Frame::Auxiliary => windows.auxiliary += 1,
                Frame::Nested => windows.nested += 1,
            }
        }
        self.mirror.borrow_mut().windows.insert((partition, origin.clone()), windows);
        self.poster().notify(Notice::Clients(partition, origin.clone()));
    }

    pub(super) fn run_in_page(&mut self, run: &Run) -> Result<u64, EngineError> {
        self.user_is_there()?;
        let id = self.new_id();
        let Some(page) = self.pages.get_mut(&run.window) else {
            return Err(EngineError::Step(format!("no window `{}` is open; open it in an earlier step", run.window)));
        };
        self.runs.insert(id, None);
        page.realm.run(id, &run.script);
        self.tell(Who::Page(run.window.clone()), run.script.clone(), "");
        Ok(id)
    }
}
