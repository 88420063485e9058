//! Service worker registrations and their workers.

use std::collections::BTreeMap;

use background_sync::WorkerState;
use background_sync::policy::{Incarnation, RegistrationKey, Scope};
use background_sync::registration::WallTime;
use serde::{Deserialize, Serialize};

use super::home::Home;
use crate::script::{RegistrationInfo, ServiceWorkerState, UpdateViaCache, WorkerInfo};

/// Sources of scripts, by address.
pub(super) type Scripts = BTreeMap<String, String>;

/// Names a worker; never used twice in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct WorkerId(pub(super) u64);

/// One service worker registration.
#[derive(Clone, Debug)]
pub(super) struct Registration {
    pub(super) key: RegistrationKey,
    pub(super) update_via_cache: UpdateViaCache,
    pub(super) installing: Option<Worker>,
    pub(super) waiting: Option<Worker>,
    pub(super) active: Option<Worker>,
    /// Nothing finds it any more; it lives on while clients use it.
    pub(super) unregistered: bool,
    /// When its script was last looked at for changes.
    pub(super) checked: WallTime,
}

/// One version of a registration's worker.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) id: WorkerId,
    /// Its script, and what it imported: it starts without a network.
    pub(super) source: Source,
    pub(super) state: ServiceWorkerState,
    /// It asked not to wait for its predecessor's clients.
    pub(super) skips_waiting: bool,
}

/// What a worker is run from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Source {
    pub(super) script_url: String,
    /// The worker's script and what it imported, by address.
    pub(super) scripts: Scripts,
}

impl Worker {
    pub(super) fn info(&self) -> WorkerInfo {
        WorkerInfo { id: self.id.0, script_url: self.source.script_url.clone(), state: self.state }
    }
}

impl Registration {
    pub(super) fn scope(&self) -> &str {
        self.key.scope().as_str()
    }

    /// As scripts see it.
    pub(super) fn info(&self) -> RegistrationInfo {
        let info = |worker: &Option<Worker>| worker.as_ref().map(Worker::info);
        RegistrationInfo {
            id: self.key.incarnation().0,
            scope: self.scope().to_owned(),
            update_via_cache: self.update_via_cache,
            installing: info(&self.installing),
            waiting: info(&self.waiting),
            active: info(&self.active),
        }
    }

    /// As background sync sees it.
    pub(super) fn worker_state(&self) -> WorkerState {
        match self.active.as_ref().map(|worker| worker.state) {
            None => WorkerState::None,
            Some(ServiceWorkerState::Activated) => WorkerState::Active,
            Some(
                ServiceWorkerState::Installing
                | ServiceWorkerState::Installed
                | ServiceWorkerState::Activating
                | ServiceWorkerState::Redundant,
            ) => WorkerState::Activating,
        }
    }

    pub(super) fn workers(&self) -> impl Iterator<Item = &Worker> {
        [&self.installing, &self.waiting, &self.active].into_iter().flatten()
    }

    pub(super) fn workers_mut(&mut self) -> impl Iterator<Item = &mut Worker> {
        [&mut self.installing, &mut self.waiting, &mut self.active].into_iter().flatten()
    }

    /// The newest worker: a job compares with it.
    pub(super) fn newest(&self) -> Option<&Worker> {
        self.workers().next()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.workers().next().is_none()
    }
}

/// All registrations of the profile.
#[derive(Debug, Default)]
pub(super) struct Registrations {
    all: BTreeMap<RegistrationKey, Registration>,
    /// Grows with every registration, so that none is taken for an earlier one of its scope.
    next_incarnation: u64,
    next_worker: u64,
}

impl Registrations {
    /// No registrations; the next gets this number.
    pub(super) fn starting_at(next_incarnation: u64) -> Self {
        Self { all: BTreeMap::new(), next_incarnation, next_worker: 1 }
    }

    pub(super) const fn next_incarnation(&self) -> u64 {
        self.next_incarnation
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Registration> {
        self.all.values()
    }

    pub(super) fn keys_of(&self, meant: impl Fn(&RegistrationKey) -> bool) -> Vec<RegistrationKey> {
        self.all.keys().filter(|key| meant(key)).cloned().collect()
    }

    pub(super) fn get(&self, key: &RegistrationKey) -> Option<&Registration> {
        self.all.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &RegistrationKey) -> Option<&mut Registration> {
        self.all.get_mut(key)
    }

    /// Those that scripts of this storage can find.
    pub(super) fn of<'all>(&'all self, home: &Home) -> impl Iterator<Item = &'all Registration> {
        self.all.values().filter(|registration| home.holds(&registration.key) && !registration.unregistered)
    }

    pub(super) fn find(&self, home: &Home, scope: &str) -> Option<&Registration> {
        self.of(home).find(|registration| registration.scope() == scope)
    }

    /// The registration that scripts know by this number, be it unregistered since.
    pub(super) fn numbered(&self, home: &Home, number: u64) -> Option<&Registration> {
        let same = |key: &RegistrationKey| home.holds(key) && key.incarnation().0 == number;
        self.all.values().find(|registration| same(&registration.key))
    }

    /// The registration whose scope an address falls into: the longest one.
    pub(super) fn matching(&self, home: &Home, url: &str) -> Option<&Registration> {
        let fits = |registration: &&Registration| url.starts_with(registration.scope());
        self.of(home).filter(fits).max_by_key(|registration| registration.scope().len())
    }

    /// The registration a worker belongs to.
    pub(super) fn with_worker(&self, id: WorkerId) -> Option<&Registration> {
        self.all.values().find(|registration| registration.workers().any(|worker| worker.id == id))
    }

    pub(super) fn worker_mut(&mut self, id: WorkerId) -> Option<&mut Worker> {
        self.all.values_mut().flat_map(Registration::workers_mut).find(|worker| worker.id == id)
    }

    /// No registration gets this number from now on, nor one before it.
    pub(super) fn number_after(&mut self, Incarnation(taken): Incarnation) {
        self.next_incarnation = self.next_incarnation.max(taken.saturating_add(1));
    }

    pub(super) fn add(
        &mut self,
        home: &Home,
        scope: &Scope,
        update_via_cache: UpdateViaCache,
        now: WallTime,
    ) -> RegistrationKey {
        let incarnation = Incarnation(self.next_incarnation);
        self.next_incarnation += 1;
        let key = RegistrationKey::new(home.partition, home.storage_key.clone(), scope.as_str(), incarnation)
            .expect("a scope was parsed for the origin of its page");
        self.insert(key.clone(), update_via_cache, now);
        key
    }

    /// Puts a registration back that an earlier process had.
    pub(super) fn insert(&mut self, key: RegistrationKey, update_via_cache: UpdateViaCache, checked: WallTime) {
        let registration = Registration {
            key: key.clone(),
            update_via_cache,
            installing: None,
            waiting: None,
            active: None,
            unregistered: false,
            checked,
        };
        self.all.insert(key, registration);
    }

    pub(super) fn remove(&mut self, key: &RegistrationKey) -> Option<Registration> {
        self.all.remove(key)
    }

    pub(super) fn new_worker(&mut self, source: Source, state: ServiceWorkerState) -> Worker {
        let id = WorkerId(self.next_worker);
        self.next_worker += 1;
        Worker { id, source, state, skips_waiting: false }
    }
}
