//! Opening and closing pages, and everything else a step can change.

use std::cell::RefCell;
use std::rc::Rc;

use background_sync::policy::{Origin, Partition, WindowClients};
use background_sync::{ClearedScope, Driver, Hosts, NetworkSubject, Notice};
use url::Url;

use super::mirror::{Mirror, Shared};
use super::page::{Frame, Page, PageScript, scripts_of};
use super::patient_store::PatientStore;
use super::registrations::Registrations;
use super::running::RealmId;
use super::servers::Servers;
use super::site::Sites;
use super::{Engine, EngineError, EngineOptions, EngineStep, Open, Run, Who};
use crate::script::{GlobalKind, Limits, Realm, RealmOptions};

impl Engine {
    /// Starts the engine: reads its profile, and background sync reads its store.
    ///
    /// # Errors
    /// When the profile's files can't be used. None of them is changed then.
    pub fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let EngineOptions { params, seed, folder, profile, clock, earlier, servers: kept } = options;
        let file = profile.beside(".workers.json");
        let registrations = Registrations::open(file.clone()).map_err(|error| {
            let path = file.as_deref().map(super::shown).unwrap_or_default();
            EngineError::Profile(format!(
                "{path}: the service workers can't be read: {error}; move the file away to start without them"
            ))
        })?;
        let (store, reports) = profile.open_store()?;
        let (store, watch) = PatientStore::new(store);
        let mut mirror = Mirror::default();
        for registration in registrations.all() {
            mirror.workers.insert(registration.key.clone(), registration.life.worker_state());
        }
        let sites = Sites::new(&folder);
        let mut servers = Servers::new(sites.clone());
        earlier.iter().for_each(|step| remember(step, &mut mirror, &mut servers));
        if !kept.is_null() {
            servers.restore(serde_json::from_value(kept).map_err(|error| EngineError::Profile(error.to_string()))?);
        }
        let mirror = Rc::new(RefCell::new(mirror));
        let shared = Shared(Rc::clone(&mirror));
        let hosts_clock = clock.clone();
        let driver = Driver::new(params, seed, move |_| {
            let mut hosts = Hosts::new(shared.clone(), shared.clone(), shared.clone(), store, hosts_clock);
            hosts.observer = Box::new(shared);
            hosts
        });
        let mut engine = Self {
            servers: Rc::new(RefCell::new(servers)),
            clock,
            driver,
            mirror,
            store: watch,
            sites,
            profile,
            registrations,
            databases: Default::default(),
            pages: Default::default(),
            page_ids: Default::default(),
            running: Default::default(),
            attempts: Default::default(),
            awaiting_activation: Vec::new(),
            awaiting_ready: Vec::new(),
            answers: Default::default(),
            scheduled: Default::default(),
            runs: Default::default(),
            console: Default::default(),
            record: Default::default(),
            story: Default::default(),
            seed,
            next_id: 0,
        };
        engine.settle()?;
        for report in reports.into_iter().flat_map(|reports| reports.try_iter().collect::<Vec<_>>()) {
            engine.tell(Who::Trouble, report.to_string(), "");
        }
        Ok(engine)
    }

    /// Closes the browser: every request and attempt gets its end, the store its last commit.
    ///
    /// # Errors
    /// When something keeps itself busy.
    pub fn close(&mut self) -> Result<(), EngineError> {
        for window in self.pages.keys().cloned().collect::<Vec<_>>() {
            self.close_window(&window);
        }
        self.poster().notify(Notice::Shutdown);
        self.settle()
    }

    /// What the servers keep: they are not part of the browser and go on when it ends.
    #[must_use]
    pub fn servers(&self) -> serde_json::Value {
        serde_json::to_value(self.servers.borrow().kept()).unwrap_or_default()
    }

    pub(super) fn open_window(&mut self, open: &Open) -> Result<(), EngineError> {
        if self.pages.contains_key(&open.window) {
            return Err(EngineError::Step(format!("a window `{}` is open already; close it first", open.window)));
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
        let page = Page { realm, url: open.url.clone(), partition, origin: origin.clone(), frame: open.frame };
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
            self.databases.retain(|(partition, _), _| *partition != page.partition);
            self.poster().notify(Notice::PartitionClosed(page.partition));
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
        let id = self.new_id();
        let Some(page) = self.pages.get_mut(&run.window) else {
            return Err(EngineError::Step(format!("no window `{}` is open; open it in an earlier step", run.window)));
        };
        self.runs.insert(id, None);
        page.realm.run(id, &run.script);
        self.tell(Who::Page(run.window.clone()), run.script.clone(), "");
        Ok(id)
    }

    pub(super) fn network_changed(&mut self, subject: NetworkSubject) {
        let mirror = Rc::clone(&self.mirror);
        for page in self.pages.values_mut() {
            page.realm.set_online(mirror.borrow().network_of(&page.origin).is_online());
        }
        for (key, worker) in &mut self.running {
            worker.realm.set_online(mirror.borrow().network_of(key.origin()).is_online());
        }
        self.poster().notify(Notice::Network(subject));
    }

    /// Site data goes: syncs, service workers and databases.
    pub(super) fn clear_site(&mut self, partition: Partition, origin: &Origin) {
        self.poster().notify(Notice::DataCleared(ClearedScope::Origin(partition, origin.clone()), None));
        let keys: Vec<_> = self.registrations.all().map(|registration| registration.key.clone()).collect();
        for key in keys.into_iter().filter(|key| key.partition() == partition && key.origin() == origin) {
            self.registrations.remove(&key);
            self.mirror.borrow_mut().workers.remove(&key);
            self.poster().notify(Notice::Unregistered(key));
        }
        self.save_registrations();
        self.databases.remove(&(partition, origin.clone()));
        if let Err(error) = self.profile.forget_databases(partition, origin) {
            self.tell(Who::Trouble, format!("the databases of {origin} can't be removed: {error}"), "");
        }
        self.tell(Who::User, format!("clears the data of {origin}"), "");
    }
}

/// What a step of an earlier process made of the world outside of it.
fn remember(step: &EngineStep, mirror: &mut Mirror, servers: &mut Servers) {
    match step {
        EngineStep::Network(network) => mirror.network = network.0.clone(),
        EngineStep::OriginNetwork(change) => {
            mirror.origin_networks.insert(change.origin.clone(), change.state.0.clone());
        }
        EngineStep::Server(step) => servers.change(step),
        EngineStep::Permission(change) => {
            mirror.permissions.insert((change.partition.0, change.origin.clone()), change.state);
        }
        EngineStep::Switch(change) => match &change.origin {
            Some(origin) => drop(mirror.switches.insert((change.partition.0, origin.clone()), change.to)),
            None => mirror.general_switch = change.to,
        },
        EngineStep::Say(_)
        | EngineStep::Open(_)
        | EngineStep::Close(_)
        | EngineStep::Run(_)
        | EngineStep::Clear(_)
        | EngineStep::System(_)
        | EngineStep::Process(_)
        | EngineStep::ExpectServer(_)
        | EngineStep::ExpectConsole(_) => {}
    }
}
