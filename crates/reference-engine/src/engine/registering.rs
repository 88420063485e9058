//! What scripts ask for about registrations: register, update, unregister.

use std::collections::BTreeSet;

use super::Engine;
use super::home::Home;
use super::jobs::{Job, JobKind};
use super::registrations::Registration;
use super::running::RealmId;
use super::worker_addresses::script_and_scope;
use crate::script::{Answer, CallId, DomError, ServiceWorkerState, UpdateViaCache};

/// Registrations of one origin. Each worker that runs takes some MiB, and a script could register them without end.
const MOST_SCOPES: usize = 50;

impl Engine {
    /// `navigator.serviceWorker.register(...)`.
    pub(super) fn register_worker(
        &mut self,
        id: RealmId,
        call: CallId,
        script_url: &str,
        scope: Option<String>,
        update_via_cache: UpdateViaCache,
    ) {
        let Some(home) = self.home_of(id) else { return };
        if self.is_detached(id) {
            return self.refuse_detached(id, call);
        }
        let (script_url, scope) = match script_and_scope(script_url, scope.as_deref(), home.origin()) {
            Ok(addresses) => addresses,
            Err(error) => return self.settle_call(id, call, Err(error)),
        };
        if !self.has_room_for(&home, scope.as_str()) {
            let full = format!("{} has {MOST_SCOPES} service workers; unregister some", home.origin());
            return self.settle_call(id, call, Err(DomError::named("QuotaExceededError", &full)));
        }
        let kind = JobKind::Register { script_url, update_via_cache };
        self.schedule_job(Job { kind, home, scope, replies: vec![(id, call)], answered: false });
    }

    /// Whether there may be a registration of this scope: it is there, or there are not too many.
    fn has_room_for(&self, home: &Home, scope: &str) -> bool {
        let there = self.registrations.of(home).map(Registration::scope);
        let to_come = self.jobs.keys().filter(|(of, _)| of == home).map(|(_, scope)| scope.as_str());
        let scopes: BTreeSet<_> = there.chain(to_come).collect();
        scopes.len() < MOST_SCOPES || scopes.contains(scope)
    }

    /// `registration.update()`.
    pub(super) fn update_registration(&mut self, id: RealmId, call: CallId, number: u64) {
        let Some(home) = self.home_of(id) else { return };
        let found = self.registrations.numbered(&home, number).filter(|registration| !registration.unregistered);
        let updatable = found.filter(|registration| !registration.is_empty());
        let is_installing = |own: crate::script::WorkerInfo| own.state == ServiceWorkerState::Installing;
        match updatable.map(|registration| registration.key.clone()) {
            None => {
                let gone = "the registration is gone, or has no worker to update";
                self.settle_call(id, call, Err(DomError::named("InvalidStateError", gone)));
            }
            Some(_) if self.info_of_worker(id).is_some_and(is_installing) => {
                let early = "a worker that is being installed cannot update itself";
                self.settle_call(id, call, Err(DomError::named("InvalidStateError", early)));
            }
            Some(key) => self.schedule_update(&key, vec![(id, call)]),
        }
    }

    /// `registration.unregister()`.
    pub(super) fn unregister_called(&mut self, id: RealmId, call: CallId, number: u64) {
        let Some(home) = self.home_of(id) else { return };
        let found = self.registrations.numbered(&home, number).filter(|registration| !registration.unregistered);
        match found.map(|registration| registration.key.clone()) {
            None => self.settle_call(id, call, Ok(Answer::Flag(false))),
            Some(key) => {
                let (kind, scope) = (JobKind::Unregister(key.clone()), key.scope().clone());
                self.schedule_job(Job { kind, home, scope, replies: vec![(id, call)], answered: false });
            }
        }
    }
}
