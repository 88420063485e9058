//! The life of a service worker: installed, waiting, active, gone.

use background_sync::policy::RegistrationKey;
use background_sync::{NotStarted, Notice, Outcome, Removal, StartCompletion};

use super::home::Home;
use super::registrations::{Registration, Worker, WorkerId};
use super::{Engine, Who};
use crate::script::{EventOutcome, Lifecycle, ServiceWorkerState};

impl Engine {
    /// The `install` event of a worker has ended.
    pub(super) fn install_ended(&mut self, key: &RegistrationKey, worker: WorkerId, outcome: EventOutcome) {
        let registration = self.registrations.get_mut(key);
        let installing =
            registration.and_then(|registration| registration.installing.take_if(|installing| installing.id == worker));
        let Some(mut installed) = installing else { return };
        match outcome {
            EventOutcome::Fulfilled => {
                installed.state = ServiceWorkerState::Installed;
                if let Some(running) = self.running.get(&worker) {
                    installed.source.scripts = running.imports.close();
                }
                let old =
                    self.registrations.get_mut(key).and_then(|registration| registration.waiting.replace(installed));
                self.retire(old);
                self.save_registrations();
            }
            EventOutcome::Rejected { reason } => {
                let newer = self.registrations.get(key).is_some_and(|registration| !registration.is_empty());
                let what = if newer { "the new worker of " } else { "" };
                self.tell(Who::Trouble, format!("{what}{} was not installed", key.scope()), reason);
                self.retire(Some(installed));
            }
        }
        self.life_changed(key, false);
        if self.registrations.get(key).is_some_and(Registration::is_empty) {
            self.forget_registration(key);
        }
        self.job_done(&Home::of(key), key.scope().as_str());
    }

    /// A worker that a registration has no more use for.
    fn retire(&mut self, worker: Option<Worker>) {
        if let Some(worker) = worker {
            self.kill_worker(worker.id, Outcome::Terminated);
        }
    }

    /// Workers that wait take the place of those that nobody uses, and registrations go that nobody uses. Says whether
    /// something changed.
    pub(super) fn advance_registrations(&mut self) -> bool {
        let mut busy = false;
        for key in self.registrations.keys_of(|_| true) {
            let Some(registration) = self.registrations.get(&key) else { continue };
            if registration.unregistered {
                let idle = registration.workers().all(|worker| !self.is_busy(worker.id));
                if idle && !self.is_used(&key) {
                    self.clear_registration(&key);
                    busy = true;
                }
            } else if self.may_activate(registration) {
                self.activate(&key);
                busy = true;
            }
        }
        busy
    }

    /// Whether the waiting worker may become the active one.
    fn may_activate(&self, registration: &Registration) -> bool {
        let Some(waiting) = &registration.waiting else { return false };
        let Some(active) = &registration.active else { return true };
        active.state != ServiceWorkerState::Activating
            && !self.is_busy(active.id)
            && (waiting.skips_waiting || !self.is_used(&registration.key))
    }

    fn activate(&mut self, key: &RegistrationKey) {
        let Some(registration) = self.registrations.get_mut(key) else { return };
        let Some(mut worker) = registration.waiting.take() else { return };
        worker.state = ServiceWorkerState::Activating;
        let id = worker.id;
        let old = registration.active.replace(worker);
        self.retire(old);
        self.save_registrations();
        self.life_changed(key, false);
        self.tell_of_controller(key);
        self.answer_ready();
        match self.start_worker(id) {
            Ok(realm) => self.fire_lifecycle(realm, Lifecycle::Activate),
            Err(error) => {
                self.tell(Who::Trouble, format!("{} does not start: {error}", key.scope()), "");
                self.activate_ended(key, id);
            }
        }
    }

    /// The `activate` event has ended, however: functional events need not wait any more.
    pub(super) fn activate_ended(&mut self, key: &RegistrationKey, worker: WorkerId) {
        let active = self.registrations.get_mut(key).and_then(|registration| registration.active.as_mut());
        let Some(active) = active.filter(|active| active.id == worker) else { return };
        active.state = ServiceWorkerState::Activated;
        self.save_registrations();
        self.life_changed(key, false);
        self.tell(Who::Worker, format!("{} is active", key.scope()), "");
        for completion in self.take_awaiting(key) {
            self.start_for_sync(key.clone(), completion);
        }
        self.release_fetches();
    }

    /// Starts that wait for this registration's worker.
    fn take_awaiting(&mut self, key: &RegistrationKey) -> Vec<StartCompletion> {
        let awaiting = std::mem::take(&mut self.awaiting_activation);
        let (these, others) = awaiting.into_iter().partition(|(waiting, _)| waiting == key);
        self.awaiting_activation = others;
        let these: Vec<(RegistrationKey, _)> = these;
        these.into_iter().map(|(_, completion)| completion).collect()
    }

    /// Tells background sync and all scripts of the origin how far a registration's workers are.
    pub(super) fn life_changed(&mut self, key: &RegistrationKey, update_found: bool) {
        let Some(registration) = self.registrations.get(key) else { return };
        let (state, info) = (registration.worker_state(), registration.info());
        if !registration.unregistered {
            self.mirror.borrow_mut().workers.insert(key.clone(), state);
            self.poster().notify(Notice::Worker(key.clone()));
        }
        let home = Home::of(key);
        let clients = self.clients_mut().filter(|client| client.home == home && !client.insecure);
        clients.for_each(|client| client.realm.registration_changed(&info, update_found));
        let workers = self.running.values_mut().filter(|running| home.holds(&running.key));
        workers.for_each(|running| running.realm.registration_changed(&info, update_found));
    }

    pub(super) fn save_registrations(&mut self) {
        let Some(file) = self.profile.beside(".workers.json") else { return };
        let whole = self.take_stock_of_workers().is_empty();
        if let Err(error) = super::kept_registrations::write(&file, &self.registrations, whole) {
            let what = format!("the service workers can't be saved: {error}");
            self.tell(Who::Trouble, what, "make room or rights for the profile");
        }
    }

    /// Unregisters: nothing finds it any more, and its syncs go. A running event runs out, and the clients it controls
    /// keep their worker.
    pub(super) fn unregister(&mut self, key: &RegistrationKey) {
        let Some(registration) = self.registrations.get_mut(key).filter(|registration| !registration.unregistered)
        else {
            return;
        };
        registration.unregistered = true;
        self.mirror.borrow_mut().workers.remove(key);
        for completion in self.take_awaiting(key) {
            completion.not_started(NotStarted::NoActiveWorker);
        }
        self.poster().notify(Removal::Unregistered(key.clone()));
        self.save_registrations();
        self.tell(Who::Worker, format!("{} is unregistered", key.scope()), "");
    }

    /// An unregistered registration that nobody uses any more: its workers become redundant.
    fn clear_registration(&mut self, key: &RegistrationKey) {
        let Some(registration) = self.registrations.get_mut(key) else { return };
        let workers = [registration.installing.take(), registration.waiting.take(), registration.active.take()];
        workers.into_iter().for_each(|worker| self.retire(worker));
        self.life_changed(key, false);
        self.forget_notifications_of(key);
        self.registrations.remove(key);
    }

    /// A registration is gone at once, with its clients' controller. A running event runs out.
    pub(super) fn forget_registration(&mut self, key: &RegistrationKey) {
        self.unregister(key);
        let used: Vec<_> =
            self.clients_mut().filter(|client| client.controller.as_ref() == Some(key)).map(|c| c.id).collect();
        for id in used {
            if let Some(client) = self.client_mut(id) {
                client.controller = None;
                client.realm.controller_changed(None);
            }
        }
    }
}
