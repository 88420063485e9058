//! The second phase: the worker runs, the attempt is durable; is everything still as it was?

use std::time::Duration;

use background_sync_policy::{ActiveWorker, Facts, PermissionState, UserSwitch};
use background_sync_registration::RegistrationState;
use background_sync_scheduler::{LastChance, NetworkState};

use super::Machine;
use super::log::About;
use super::removal::Removal;
use super::state::{AttemptPhase, OriginNetwork, Timer, Written};
use crate::{AttemptId, EventName, MetadataName, Output, SyncEventInit, TxnId, WorkerState};

/// Why nothing comes of a start, found out at the last moment.
#[derive(Clone, Copy, Debug)]
enum Obstacle {
    /// The registration is gone, or another one took its tag.
    Gone,
    /// What was written about `lastChance` is no longer so; another start writes what is.
    OtherPromise,
    /// The service worker registration is gone.
    Unregistered,
    /// The worker is not there any more.
    NoActiveWorker,
    /// The permission was revoked.
    Revoked,
    /// The user switched it off.
    SwitchedOff,
    /// The operating system restricts background work: it waits until that ends.
    SystemRestricted,
    /// I4: not online at this moment.
    Offline,
    /// Another network than it may fire on.
    OtherNetwork,
    /// I13: it would run in the background, and its time is not booked: the last window has just closed, or a
    /// clock that jumped a day ahead made the budget forget. Another start books it, in its commit.
    NotBooked,
    /// The system sleeps or the process is frozen.
    Suspended,
}

impl Machine {
    /// The worker runs.
    pub(super) fn ready(&mut self, id: AttemptId, facts: Facts, network: NetworkState) {
        let Some(attempt) = self.attempts.get_mut(&id) else { return self.ignore("ready for an unknown attempt") };
        let (partition, origin) = (attempt.key.partition(), attempt.key.origin().clone());
        match &mut attempt.phase {
            AttemptPhase::Starting { ready: ready @ None, .. } => *ready = Some((facts, network)),
            AttemptPhase::Starting { .. }
            | AttemptPhase::AskingUser { .. }
            | AttemptPhase::Running { .. }
            | AttemptPhase::Terminating { .. } => return self.ignore("ready twice, or too late"),
        }
        self.note_windows(partition, &origin, facts.windows);
        self.restriction_changed(facts.restriction);
        self.dispatch_if_ready(id);
    }

    /// I5: the attempt is durable.
    pub(super) fn attempt_written(&mut self, id: AttemptId, txn: TxnId) {
        if let Some(attempt) = self.attempts.get_mut(&id)
            && let AttemptPhase::Starting { written, .. } = &mut attempt.phase
            && *written == Written::In(txn)
        {
            *written = Written::Yes;
            self.dispatch_if_ready(id);
        }
    }

    /// Dispatches or abandons, once worker, attempt and every call made before are in place.
    pub(super) fn dispatch_if_ready(&mut self, id: AttemptId) {
        let Some(attempt) = self.attempts.get(&id) else { return };
        let AttemptPhase::Starting { written: Written::Yes, ready: Some((facts, network)), .. } = &attempt.phase else {
            return;
        };
        let (facts, network) = (*facts, network.clone());
        let calls_on_their_way = self
            .workers
            .get(&attempt.worker)
            .and_then(|worker| worker.activities.get(&attempt.tag))
            .is_some_and(|activity| !activity.asks.is_empty());
        if calls_on_their_way && self.registration_of(attempt).is_some() {
            return;
        }
        match self.obstacle(id, &facts, &network) {
            None => self.dispatch(id),
            Some(obstacle) => self.give_way(id, obstacle),
        }
    }

    fn obstacle(&mut self, id: AttemptId, facts: &Facts, network: &NetworkState) -> Option<Obstacle> {
        let attempt = self.attempts.get(&id)?;
        let Some(registration) = self.registration_of(attempt) else { return Some(Obstacle::Gone) };
        // sync.fire.1: it is pending; anything else means that it is not this attempt's any more.
        let RegistrationState::Pending { .. } = registration.state() else { return Some(Obstacle::Gone) };
        // I6: a call that joined it made it younger, or it has aged meanwhile.
        let last_chance = self.params.last_chance(registration.series(), registration.registered(), self.observed());
        if last_chance != attempt.last_chance {
            return Some(Obstacle::OtherPromise);
        }
        match facts.worker {
            ActiveWorker::NoSuchRegistration => return Some(Obstacle::Unregistered),
            ActiveWorker::None | ActiveWorker::Activating => return Some(Obstacle::NoActiveWorker),
            ActiveWorker::Active => {}
        }
        match (facts.switch, self.general_switch) {
            (UserSwitch::On, UserSwitch::On) => {}
            (UserSwitch::Off, _) | (_, UserSwitch::Off) => return Some(Obstacle::SwitchedOff),
        }
        // What the facts say of it was noted when they came, and there may have been a word since.
        if self.is_restricted() {
            return Some(Obstacle::SystemRestricted);
        }
        match facts.permission {
            PermissionState::Denied => return Some(Obstacle::Revoked),
            PermissionState::Granted | PermissionState::Prompt => {}
        }
        if !network.is_online() || !self.connectivity.is_online(self.monotonic()) {
            return Some(Obstacle::Offline);
        }
        if self.belongs_elsewhere(registration, None) || self.must_ask(registration) {
            return Some(Obstacle::OtherNetwork);
        }
        if self.is_suspended() {
            return Some(Obstacle::Suspended);
        }
        let (now, origin, epoch) = (self.monotonic(), attempt.origin, self.connectivity.epoch());
        let origin = self.origins.get_mut(&origin)?;
        if origin.network == (OriginNetwork::Answered { online: false, general_epoch: epoch }) {
            return Some(Obstacle::Offline);
        }
        let least = self.params.least_background_time(last_chance).max(Duration::from_nanos(1));
        let booked = attempt.ticket.is_some_and(|ticket| origin.budget.booked(ticket) >= least);
        let counts = self.params.limits_background() && origin.in_background(now, self.params.background_grace);
        (counts && !booked).then_some(Obstacle::NotBooked)
    }

    fn dispatch(&mut self, id: AttemptId) {
        let (now, observed) = (self.now(), self.observed());
        let Some(attempt) = self.attempts.get_mut(&id) else { return };
        let Some(worker) = self.workers.get_mut(&attempt.worker) else { return };
        let Some(registration) = worker.list.get_by_sequence_mut(attempt.sequence) else { return };
        let Some(origin) = self.origins.get_mut(&attempt.origin) else { return };
        let last_chance = attempt.last_chance;
        let because = self.params.why_last_chance(registration.series(), registration.registered(), observed);
        // sync.fire.4: firing, before the worker sees the event. It was pending a moment ago.
        let fired = registration.fire(last_chance);
        debug_assert_eq!(fired, Ok(()), "the obstacle check saw it pending");
        worker.breaker.event_dispatched(now.monotonic, &self.params);
        let background = origin.in_background(now.monotonic, self.params.background_grace);
        let most = self.params.event_duration(last_chance);
        let mut cap = most;
        let mut booking_changed = false;
        if background {
            // The obstacle check saw the booking.
            cap = attempt.ticket.map_or(cap, |ticket| origin.budget.booked(ticket));
        } else if let Some(ticket) = attempt.ticket.take() {
            origin.budget.cancel(ticket);
            booking_changed = true;
        }
        let deadline = now.monotonic.after(cap);
        let background_since = background.then_some(now.monotonic);
        let own_cap = now.monotonic.after(most);
        attempt.phase =
            AttemptPhase::Running { deadline, announced: deadline, own_cap, background_since, interrupted: false };
        let (ix, tag, sequence, key) = (attempt.worker, attempt.tag.clone(), attempt.sequence, attempt.key.clone());
        let origin = attempt.origin;
        if booking_changed {
            self.budget_changed(origin);
        }
        self.timers.set(Timer::Attempt(id), deadline);
        self.stats.events_dispatched += 1;
        self.wake.something_happened();
        self.place(ix, sequence);
        // sync.fire.5, with sync.fire.5.tag and sync.fire.5.lastChance.
        let event = SyncEventInit { tag: tag.clone(), last_chance };
        self.emit(Output::Dispatch { attempt: id, event, cap, background });
        let metadata = last_chance_metadata(because);
        self.report(About { key: &key, tag: &tag, instance: Some(sequence) }, EventName::DispatchedSyncEvent, metadata);
    }

    /// A call made the promise young again: what this start would be told is no longer so.
    pub(super) fn give_way_to_another_promise(&mut self, id: AttemptId) {
        self.give_way(id, Obstacle::OtherPromise);
    }

    /// Abandons a start and does what the obstacle asks for.
    fn give_way(&mut self, id: AttemptId, obstacle: Obstacle) {
        let Some(attempt) = self.attempts.get(&id) else { return };
        let (ix, key, tag, sequence) = (attempt.worker, attempt.key.clone(), attempt.tag.clone(), attempt.sequence);
        let origin = attempt.origin;
        let why = vec![(MetadataName::Reason, format!("{obstacle:?}"))];
        self.report(About { key: &key, tag: &tag, instance: Some(sequence) }, EventName::SyncEventNotStarted, why);
        match obstacle {
            Obstacle::Unregistered => {
                self.abandon(id);
                self.set_worker_state(ix, WorkerState::NoSuchRegistration);
            }
            Obstacle::NoActiveWorker => {
                self.set_worker_state(ix, WorkerState::None);
                self.abandon(id);
            }
            Obstacle::Revoked => {
                self.abandon(id);
                self.remove_origin(origin, Removal::Revoked);
            }
            Obstacle::SwitchedOff => {
                self.abandon(id);
                self.remove_origin(origin, Removal::SwitchedOff);
            }
            Obstacle::Offline => {
                // It was online when it started. If only for this origin it no longer is, the next
                // notice tells.
                if self.connectivity.is_online(self.monotonic())
                    && let Some(state) = self.origins.get_mut(&origin)
                {
                    let general_epoch = self.connectivity.epoch();
                    state.network = OriginNetwork::Answered { online: false, general_epoch };
                }
                self.abandon(id);
            }
            Obstacle::Gone
            | Obstacle::OtherPromise
            | Obstacle::OtherNetwork
            | Obstacle::SystemRestricted
            | Obstacle::NotBooked
            | Obstacle::Suspended => self.abandon(id),
        }
    }

    /// Takes the place of `Dispatch`. What was written about the attempt is taken back.
    pub(super) fn abandon(&mut self, id: AttemptId) {
        self.emit(Output::Abandon { attempt: id });
        self.release(id);
    }

    /// I11: an attempt that could not be written does not start, and costs nothing.
    pub(super) fn abandon_unwritten(&mut self, id: AttemptId, txn: TxnId) {
        let unwritten = self.attempts.get(&id).is_some_and(|attempt| {
            matches!(attempt.phase, AttemptPhase::Starting { written: Written::In(carried), .. } if carried == txn)
        });
        if unwritten {
            self.abandon(id);
        }
    }
}

/// `lastChance` as the log has it, and why.
fn last_chance_metadata(because: Option<LastChance>) -> Vec<(MetadataName, String)> {
    let said = |last: &str| (MetadataName::LastChance, last.to_owned());
    match because {
        None => vec![said("No")],
        Some(because) => {
            vec![said("Yes"), (MetadataName::LastChanceReason, because.as_str().to_owned())]
        }
    }
}
