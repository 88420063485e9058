//! The kinds of global that a test runs in.

use std::rc::Rc;
use std::time::Duration;

use background_sync_reference_engine::script::{
    Caches, ClientOptions, GlobalKind, IndexedDb, Limits, ManualClock, PermissionState, RealmOptions, RegistrationInfo,
    ServiceWorkerState, UpdateViaCache, WorkerInfo,
};
use url::Url;

/// 14 November 2023.
pub(crate) const START: u64 = 1_700_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Window,
    DedicatedWorker,
    SharedWorker,
    ServiceWorker,
}

impl Scope {
    fn global(self) -> GlobalKind {
        let client = ClientOptions::default();
        let name = String::new();
        match self {
            Self::Window => GlobalKind::Window(client),
            Self::DedicatedWorker => GlobalKind::DedicatedWorker { client, name, port: "page".to_owned() },
            Self::SharedWorker => GlobalKind::SharedWorker { client, name },
            Self::ServiceWorker => GlobalKind::ServiceWorker { registration: registration(), worker: worker() },
        }
    }

    pub(crate) fn options(self, clock: &ManualClock) -> RealmOptions {
        RealmOptions {
            kind: self.global(),
            id: 1,
            background_sync: true,
            notifications: PermissionState::Prompt,
            location: Url::parse("https://shop.test/test").unwrap(),
            online: true,
            // The IDL of HTML is parsed in one go, and a build without optimization takes its time over it.
            limits: Limits { entry_time: Duration::from_secs(120), ..Limits::default() },
            seed: 1,
            clock: Rc::new(clock.clone()),
            indexed_db: IndexedDb::in_memory(),
            caches: Caches::in_memory(),
            loader: Rc::new(|url| Err(format!("no such file: {}", url.path()))),
        }
    }
}

/// The registration that `register()` and `ready` give, and the one of the service worker itself.
pub(crate) fn registration() -> RegistrationInfo {
    RegistrationInfo {
        id: 1,
        scope: "https://shop.test/".to_owned(),
        update_via_cache: UpdateViaCache::Imports,
        installing: None,
        waiting: None,
        active: Some(worker()),
    }
}

fn worker() -> WorkerInfo {
    let script_url = "https://shop.test/sw.js".to_owned();
    WorkerInfo { id: 1, script_url, state: ServiceWorkerState::Activated }
}
