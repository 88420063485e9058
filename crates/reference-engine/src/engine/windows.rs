//! Opening and closing pages, and running scripts in them.

use std::rc::Rc;

use background_sync::Notice;
use background_sync::policy::{Origin, Partition, StorageKey, WindowClients};
use url::Url;

use super::clients::Client;
use super::home::Home;
use super::page::{Frame, Page, PageScript, scripts_of};
use super::running::RealmId;
use super::visits::visited;
use super::{Engine, EngineError, Open, Run, Who};
use crate::script::{GlobalKind, Realm, RealmOptions};

impl Engine {
    pub(super) fn user_is_there(&self) -> Result<(), EngineError> {
        let asleep = "the system sleeps, and nobody can use it; wake it in an earlier step, with `system = \"wake\"`";
        if self.clock.is_asleep() { Err(EngineError::Step(asleep.to_owned())) } else { Ok(()) }
    }

    pub(super) fn open_window(&mut self, open: &Open) -> Result<(), EngineError> {
        self.user_is_there()?;
        self.tell(Who::User, format!("opens {}", open.url), format!("in {}", open.window));
        let id = self.open(open)?;
        self.user_visits(self.page_of(id).and_then(|(_, page)| visited(page)));
        Ok(())
    }

    /// Opens a page in a tab of its own, as a script may ask for.
    pub(super) fn open_page(&mut self, window: String, url: Url, partition: Partition) -> Result<RealmId, EngineError> {
        let partition = background_sync_simulator::timeline::PartitionName(partition);
        self.tell(Who::Worker, format!("opens {url}"), format!("in {window}"));
        self.open(&Open { window, url, partition, frame: Frame::TopLevel, third_party_of: None, fenced: false })
    }

    fn open(&mut self, open: &Open) -> Result<RealmId, EngineError> {
        if self.pages.contains_key(&open.window) {
            return Err(EngineError::Step(format!("a window `{}` is open already; close it first", open.window)));
        }
        let insecure = match open.url.scheme() {
            "https" => false,
            "http" => true,
            other => return Err(EngineError::Step(format!("pages are https or http here, not {other}"))),
        };
        let origin = Origin::of(&open.url).map_err(|error| EngineError::Step(format!("{}: {error}", open.url)))?;
        let Some(file) = self.sites.file(&open.url) else {
            let path = self.sites.path_of(&open.url).map(|path| super::shown(&path)).unwrap_or_default();
            return Err(EngineError::Step(format!("{} has no page; write {path}", open.url)));
        };
        let storage_key = match &open.third_party_of {
            Some(site) => StorageKey::third_party(origin, site),
            None => StorageKey::first_party(origin),
        };
        let home = Home { partition: open.partition.0, storage_key };
        let id = RealmId(self.new_id());
        let (options, controller) = self.as_client(&home, &open.url, insecure);
        let options =
            RealmOptions { kind: GlobalKind::Window(options), ..self.realm_options(id, &home, open.url.clone()) };
        let realm = Realm::new(&options).map_err(|error| EngineError::Step(error.to_string()))?;
        let client = Client { id, home: home.clone(), url: open.url.clone(), realm, insecure, controller };
        let page = Page { client, frame: open.frame, fenced: open.fenced, detached: false };
        self.pages.insert(open.window.clone(), page);
        self.front = Some(id);
        self.count_windows(&home);
        self.run_page_scripts(&open.window, &open.url, &String::from_utf8_lossy(&file.body));
        if let Some(page) = self.pages.get_mut(&open.window) {
            page.client.realm.loaded();
        }
        // As browsers do after a navigation, whether the page is controlled or not.
        if let Some(key) = self.registrations.matching(&home, open.url.as_str()).map(|found| found.key.clone()) {
            self.look_for_update(&key);
        }
        Ok(id)
    }

    /// What a realm at an address is made with. The kind is the caller's, and so is what it imports, unless that comes
    /// from the folder.
    pub(super) fn realm_options(&mut self, id: RealmId, home: &Home, location: Url) -> RealmOptions {
        let sites = self.sites.clone();
        RealmOptions {
            kind: GlobalKind::Window(crate::script::ClientOptions::default()),
            id: id.0,
            online: self.is_online(home.origin().as_str()),
            background_sync: self.has_background_sync,
            notifications: self.notification_permission(home),
            location,
            limits: self.limits,
            seed: self.seed ^ id.0,
            clock: Rc::new(self.clock.clone()),
            indexed_db: self.databases_of(home),
            caches: self.caches_of(home),
            loader: Rc::new(move |url| {
                let file = sites.file(url).ok_or_else(|| "there is no such file".to_owned())?;
                Ok(String::from_utf8_lossy(&file.body).into_owned())
            }),
        }
    }

    /// A script that fails does not keep the following ones from running.
    fn run_page_scripts(&mut self, window: &str, url: &Url, html: &str) {
        for script in scripts_of(html) {
            let (source, name) = match script {
                PageScript::Inline { source, line } => {
                    let padding = "\n".repeat(line.saturating_sub(1) as usize);
                    (Ok(padding + &source), url.to_string())
                }
                PageScript::Module { line } => {
                    let refused = "a module script is not run; bundle it to a classic one";
                    (Err(refused.to_owned()), format!("{url}:{line}"))
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
                Ok(source) => page.client.realm.evaluate(&source, &name).err().map(|error| error.to_string()),
                Err(missing) => Some(missing),
            };
            if let Some(trouble) = trouble {
                self.tell(Who::Trouble, trouble, name);
            }
        }
    }

    pub(super) fn close_window(&mut self, window: &str) {
        let Some(page) = self.pages.remove(window) else { return };
        self.tell(Who::User, format!("closes {window}"), "");
        let (id, home) = (page.client.id, page.client.home.clone());
        drop(page);
        self.realm_gone(id);
        self.count_windows(&home);
        let last = !self.pages.values().any(|other| other.client.home.partition == home.partition);
        if home.partition.is_private() && last {
            self.close_partition(home.partition);
        }
    }

    /// The frame of a page is taken out of its document, and somebody still holds on to its objects.
    pub(super) fn detach_frame(&mut self, window: &str) -> Result<(), EngineError> {
        let Some(page) = self.pages.get_mut(window) else {
            return Err(EngineError::Step(format!("no window `{window}` is open; there is nothing to detach")));
        };
        (page.detached, page.client.controller) = (true, None);
        let home = page.client.home.clone();
        self.tell(Who::User, format!("removes the frame {window}"), "its scripts are still referred to");
        self.count_windows(&home);
        Ok(())
    }

    fn count_windows(&mut self, home: &Home) {
        let mut windows = WindowClients::none();
        let (partition, origin) = (home.partition, home.origin());
        let pages = self.pages.values().filter(|page| !page.detached);
        for page in pages.filter(|page| page.client.home.partition == partition && page.client.home.origin() == origin)
        {
            match page.frame {
                Frame::TopLevel => windows.top_level += 1,
                Frame::Auxiliary => windows.auxiliary += 1,
                Frame::Nested => {}
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
        self.runs.insert(id, (page.client.id, None));
        page.client.realm.run(id, &run.script);
        self.tell(Who::Page(run.window.clone()), run.script.clone(), "");
        Ok(id)
    }
}
