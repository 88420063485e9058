//! Functional events: firing them at workers, and what becomes of their ends.

use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind, WindowClients};
use background_sync::{AttemptId, EventCompletion, Outcome, SyncEventInit};
use background_sync_simulator::world::Dispatched;

use super::running::{Attempt, RealmId, WorkerEvent};
use super::turn::{Later, Scheduled};
use super::{Engine, Who};
use crate::script::{EventOutcome, Lifecycle, Realm};

/// Time for an event other than `sync`, as Chromium gives it. Background sync keeps its own time.
const EVENT_CAP: Duration = Duration::from_secs(300);

impl Engine {
    /// Fires an event at a worker that runs.
    pub(super) fn fire(&mut self, realm: RealmId, event: WorkerEvent, dispatch: impl FnOnce(&mut Realm, u64)) {
        self.fire_until(self.elapsed() + EVENT_CAP, realm, event, dispatch);
    }

    /// The same for an event that may not take as long as others.
    pub(super) fn fire_until(
        &mut self,
        at: Duration,
        realm: RealmId,
        event: WorkerEvent,
        dispatch: impl FnOnce(&mut Realm, u64),
    ) {
        let id = self.new_id();
        let Some(running) = self.running_mut(realm) else { return };
        running.until = running.until.max(at);
        running.events.insert(id, event);
        dispatch(&mut running.realm, id);
        self.scheduled.push_back(Scheduled { at, what: Later::Overdue { realm, event: id } });
    }

    pub(super) fn fire_lifecycle(&mut self, realm: RealmId, event: Lifecycle) {
        let kind = match event {
            Lifecycle::Install => WorkerEvent::Install,
            Lifecycle::Activate => WorkerEvent::Activate,
        };
        self.fire(realm, kind, |realm, id| realm.dispatch_lifecycle(id, event));
    }

    pub(super) fn dispatch_sync(&mut self, event: &SyncEventInit, cap: Duration, completion: EventCompletion) {
        let (at, id, attempt) = (self.elapsed(), self.new_id(), completion.attempt());
        // A worker that died since it was ready has not seen the event.
        let Some(started) = self.attempts.get_mut(&attempt) else {
            return completion.finish(Outcome::Deferred(Duration::ZERO));
        };
        started.tag = Some(event.tag.clone());
        started.completion = Some(completion);
        let (key, realm) = (started.key.clone(), started.realm);
        let windows = self.mirror.borrow().windows.get(&(key.partition(), key.origin().clone())).copied();
        let background = windows.is_none_or(WindowClients::in_background);
        let taken = false;
        self.record.dispatched.push(Dispatched { at, key: key.clone(), event: event.clone(), cap, background, taken });
        match self.running_mut(realm) {
            Some(running) => {
                running.events.insert(id, WorkerEvent::Sync(attempt));
                running.until = running.until.max(at + cap);
                match event.kind {
                    SyncKind::OneShot => running.realm.dispatch_sync(id, &event.tag, event.last_chance),
                    SyncKind::Periodic => running.realm.dispatch_periodic_sync(id, &event.tag),
                }
                self.look_for_update_if_stale(&key);
            }
            // Dropping the completion says that the event is lost.
            None => drop(self.attempts.remove(&attempt)),
        }
    }

    /// An event has had its time.
    pub(super) fn overdue(&mut self, realm: RealmId, event: u64) {
        let Some(running) = self.running_mut(realm) else { return };
        let worker = running.worker;
        match running.events.get(&event) {
            Some(WorkerEvent::Install | WorkerEvent::Activate) => {
                let reason = "its event did not end within 5 minutes".to_owned();
                self.event_settled(realm, event, EventOutcome::Rejected { reason });
            }
            Some(WorkerEvent::Message | WorkerEvent::Notification { .. } | WorkerEvent::Fetch(_)) => {
                let scope = running.key.scope().clone();
                self.tell(Who::Worker, format!("{scope} is terminated"), "its event did not end in time");
                self.kill_worker(worker, Outcome::Terminated);
            }
            Some(WorkerEvent::Sync(_)) | None => {}
        }
    }

    /// An event has ended in its worker.
    pub(super) fn event_settled(&mut self, realm: RealmId, event: u64, outcome: EventOutcome) {
        let now = self.elapsed();
        let Some(running) = self.running_mut(realm) else { return };
        let Some(ended) = running.events.remove(&event) else { return };
        running.idle_since = now;
        let (key, worker) = (running.key.clone(), running.worker);
        match ended {
            WorkerEvent::Install => self.install_ended(&key, worker, outcome),
            // sync events wait for activation, however it ends.
            WorkerEvent::Activate => self.activate_ended(&key, worker),
            WorkerEvent::Sync(attempt) => self.sync_settled(attempt, outcome),
            WorkerEvent::Message | WorkerEvent::Notification { .. } => self.tell_of_failure(&key, outcome),
            WorkerEvent::Fetch(fetch) => {
                self.fetch_failed(fetch, "the service worker has no answer");
                self.tell_of_failure(&key, outcome);
            }
        }
    }

    fn tell_of_failure(&mut self, key: &RegistrationKey, outcome: EventOutcome) {
        match outcome {
            EventOutcome::Fulfilled => {}
            EventOutcome::Rejected { reason } => {
                self.tell(Who::Worker, format!("{}: an event failed", key.scope()), reason);
            }
        }
    }

    fn sync_settled(&mut self, attempt: AttemptId, outcome: EventOutcome) {
        let Some(Attempt { key, completion: Some(completion), .. }) = self.attempts.remove(&attempt) else { return };
        match outcome {
            EventOutcome::Fulfilled => completion.finish(Outcome::Fulfilled),
            EventOutcome::Rejected { reason } => {
                self.tell(Who::Worker, format!("{}: the event failed", key.scope()), reason);
                completion.finish(Outcome::Rejected);
            }
        }
    }

    /// Events that run, of background sync.
    pub(super) fn events_running(&self) -> usize {
        let events = self.running.values().flat_map(|worker| worker.events.values());
        events.filter(|event| matches!(event, WorkerEvent::Sync(_))).count()
    }
}
