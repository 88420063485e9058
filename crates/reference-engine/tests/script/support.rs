//! Realms with harmless options, and the little that most tests do with them.

use std::rc::Rc;
use std::time::Duration;

use background_sync_reference_engine::script::{
    Caches, Call, ClientOptions, GlobalKind, IndexedDb, Limits, LogEntry, LogLevel, ManualClock, PermissionState,
    Realm, RealmOptions, RegistrationInfo, ServiceWorkerState, UpdateViaCache, WorkerInfo,
};
use url::Url;

/// 14 November 2023.
pub(crate) const START: u64 = 1_700_000_000_000;

/// What a worker's objects show of it.
pub(crate) fn worker_info(id: u64, state: ServiceWorkerState) -> WorkerInfo {
    WorkerInfo { id, script_url: "https://shop.test/sw.js".to_owned(), state }
}

pub(crate) fn registration() -> RegistrationInfo {
    RegistrationInfo {
        id: 1,
        scope: "https://shop.test/".to_owned(),
        update_via_cache: UpdateViaCache::Imports,
        installing: None,
        waiting: None,
        active: Some(worker_info(1, ServiceWorkerState::Activated)),
    }
}

pub(crate) fn window() -> GlobalKind {
    GlobalKind::Window(ClientOptions::default())
}

pub(crate) fn options(kind: GlobalKind, file: &str, clock: &ManualClock) -> RealmOptions {
    RealmOptions {
        kind,
        id: 1,
        background_sync: true,
        notifications: PermissionState::Prompt,
        location: Url::parse("https://shop.test/").unwrap().join(file).unwrap(),
        online: true,
        limits: Limits { entry_time: Duration::from_secs(60), ..Limits::default() },
        seed: 1,
        clock: Rc::new(clock.clone()),
        indexed_db: IndexedDb::in_memory(),
        caches: Caches::in_memory(),
        loader: Rc::new(|url| Err(format!("no such file: {}", url.path()))),
    }
}

/// A realm with its clock.
pub(crate) struct World {
    pub(crate) realm: Realm,
    pub(crate) clock: ManualClock,
}

pub(crate) fn worker_options(clock: &ManualClock) -> RealmOptions {
    let worker = worker_info(1, ServiceWorkerState::Activated);
    options(GlobalKind::ServiceWorker { registration: registration(), worker }, "sw.js", clock)
}

/// A service worker that has run `source`.
pub(crate) fn worker(source: &str) -> World {
    let clock = ManualClock::new(START);
    with(&worker_options(&clock), clock, source)
}

/// A page that has run `source`.
pub(crate) fn page(source: &str) -> World {
    let clock = ManualClock::new(START);
    with(&options(window(), "index.html", &clock), clock, source)
}

pub(crate) fn with(options: &RealmOptions, clock: ManualClock, source: &str) -> World {
    let mut realm = Realm::new(options).unwrap();
    realm.evaluate(source, "test.js").unwrap();
    World { realm, clock }
}

impl World {
    /// Runs an expression and everything that is due within `window` ms, and gives its JSON text or error.
    pub(crate) fn run_for(&mut self, source: &str, window: u64) -> Result<String, String> {
        self.realm.run(7, source);
        self.pass(window);
        let calls = self.realm.take_calls();
        let settled = calls.into_iter().find_map(|(_, call)| match call {
            Call::RunSettled { run_id: 7, result } => Some(result),
            _ => None,
        });
        settled.unwrap_or_else(|| Err(format!("`{source}` did not settle; log: {:?}", self.realm.take_log())))
    }

    /// The JSON text of an expression that settles within a minute.
    pub(crate) fn json(&mut self, source: &str) -> String {
        self.run_for(source, 60_000).unwrap_or_else(|error| panic!("{source}: {error}"))
    }

    /// Lets `window` ms go by, timer by timer.
    pub(crate) fn pass(&mut self, window: u64) {
        use background_sync_reference_engine::script::Clock as _;
        let end = self.clock.now() + window;
        while let Some(due) = self.realm.next_timer().filter(|due| *due <= end) {
            self.clock.advance_to(due);
            self.realm.run_timer(self.clock.now());
        }
        self.clock.advance_to(end);
    }

    /// What was printed with `console.log`.
    pub(crate) fn printed(&mut self) -> Vec<String> {
        texts(self.realm.take_log(), LogLevel::Log)
    }
}

pub(crate) fn texts(log: Vec<LogEntry>, level: LogLevel) -> Vec<String> {
    log.into_iter().filter(|entry| entry.level == level).map(|entry| entry.text).collect()
}
