//! The life of a service worker registration: installed, activated, gone.

use std::time::Duration;

use background_sync::policy::RegistrationKey;
use background_sync::{NotStarted, Notice};

use super::registrations::{Life, Registration};
use super::running::{RealmId, WorkerEvent};
use super::turn::{Later, Scheduled};
use super::{Engine, Who};
use crate::script::{Answer, EventOutcome, Lifecycle};

/// Time for an `install` or `activate` event, as Chromium gives it.
const LIFECYCLE_CAP: Duration = Duration::from_secs(300);

impl Engine {
    pub(super) fn dispatch_lifecycle(&mut self, realm: RealmId, event: WorkerEvent) {
        let id = self.new_id();
        let lifecycle = match event {
            WorkerEvent::Install => Lifecycle::Install,
            WorkerEvent::Activate => Lifecycle::Activate,
            WorkerEvent::Sync(_) => return,
        };
        if let Some(worker) = self.worker_mut(realm) {
            worker.events.insert(id, event);
            worker.realm.dispatch_lifecycle(id, lifecycle);
            let at = self.elapsed() + LIFECYCLE_CAP;
            self.scheduled.push_back(Scheduled { at, what: Later::Overdue { realm, event: id } });
        }
    }

    /// An event of a worker's life has had its time.
    pub(super) fn overdue(&mut self, realm: RealmId, event: u64) {
        if self.worker_of(realm).is_some_and(|(_, worker)| worker.events.contains_key(&event)) {
            let reason = "its event did not end within 5 minutes".to_owned();
            self.event_settled(realm, event, EventOutcome::Rejected { reason });
        }
    }

    pub(super) fn installed(&mut self, key: &RegistrationKey, outcome: EventOutcome) {
        match outcome {
            EventOutcome::Fulfilled => {
                self.live(key, Life::Activating);
                if let Some(id) = self.running.get(key).map(|worker| worker.id) {
                    self.dispatch_lifecycle(id, WorkerEvent::Activate);
                }
            }
            EventOutcome::Rejected { reason } => {
                self.tell(Who::Trouble, format!("{} was not installed", key.scope()), reason);
                self.registrations.remove(key);
                self.running.remove(key);
                self.life_changed(key);
            }
        }
    }

    pub(super) fn live(&mut self, key: &RegistrationKey, life: Life) {
        let Some(registration) = self.registrations.get_mut(key) else { return };
        registration.life = life;
        self.save_registrations();
        self.life_changed(key);
        self.answer_ready();
        match life {
            Life::Installing | Life::Activating => {}
            Life::Activated => {
                self.tell(Who::Worker, format!("{} is active", key.scope()), "");
                for completion in self.take_awaiting(key) {
                    self.start_for_sync(key.clone(), completion);
                }
            }
        }
    }

    /// Starts that wait for this registration's worker.
    fn take_awaiting(&mut self, key: &RegistrationKey) -> Vec<background_sync::EventCompletion> {
        let awaiting = std::mem::take(&mut self.awaiting_activation);
        let (these, others) = awaiting.into_iter().partition(|(waiting, _)| waiting == key);
        self.awaiting_activation = others;
        let these: Vec<(RegistrationKey, _)> = these;
        these.into_iter().map(|(_, completion)| completion).collect()
    }

    /// Tells background sync and the pages how far a worker is.
    pub(super) fn life_changed(&mut self, key: &RegistrationKey) {
        let registration = self.registrations.get(key).map(|registration| (registration.life, registration.info()));
        match registration {
            Some((life, info)) => {
                self.mirror.borrow_mut().workers.insert(key.clone(), life.worker_state());
                let partition = key.partition();
                let pages = self.pages.values_mut();
                let pages = pages.filter(|page| page.origin == *key.origin() && page.partition == partition);
                let own = self.running.get_mut(key).map(|worker| &mut worker.realm);
                let realms = pages.map(|page| &mut page.realm).chain(own);
                realms.for_each(|realm| realm.registration_changed(&info));
            }
            None => drop(self.mirror.borrow_mut().workers.remove(key)),
        }
        self.poster().notify(Notice::Worker(key.clone()));
    }

    /// Answers pages that wait for an active worker in whose scope they are.
    pub(super) fn answer_ready(&mut self) {
        for (id, call) in std::mem::take(&mut self.awaiting_ready) {
            let Some(page) = self.page_ids.get(&id).and_then(|window| self.pages.get(window)) else { continue };
            let registration = self.registrations.for_page(page.partition, page.url.as_str());
            match registration.filter(|registration| registration.life != Life::Installing) {
                Some(registration) => {
                    let info = registration.info();
                    self.settle_call(id, call, Ok(Answer::Registration(info)));
                }
                None => self.awaiting_ready.push((id, call)),
            }
        }
    }

    pub(super) fn save_registrations(&mut self) {
        if let Err(error) = self.registrations.save() {
            let what = format!("the service workers can't be saved: {error}");
            self.tell(Who::Trouble, what, "make room or rights for the profile");
        }
    }

    /// Unregisters: its syncs go with it, a running event runs out.
    pub(super) fn unregister(&mut self, key: &RegistrationKey) {
        if self.forget_registration(key).is_some() {
            self.save_registrations();
            self.tell(Who::Worker, format!("{} is unregistered", key.scope()), "");
        }
    }

    pub(super) fn forget_registration(&mut self, key: &RegistrationKey) -> Option<Registration> {
        let registration = self.registrations.remove(key)?;
        self.mirror.borrow_mut().workers.remove(key);
        self.updates.remove(key);
        for completion in self.take_awaiting(key) {
            completion.not_started(NotStarted::NoActiveWorker);
        }
        self.poster().notify(Notice::Unregistered(key.clone()));
        Some(registration)
    }
}
