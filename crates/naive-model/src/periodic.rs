//! Web Periodic Background Synchronization.

use crate::agent::{Agent, Event};
use crate::choices::{ACROSS_ORIGINS, ANY_ORIGIN, PERIODIC_CAP, RETRIES, RETRY_DELAY, TURN};
use crate::{Kind, Replied, Running, State, Tag, WorkerId};

/// `periodic.def.registration`
#[derive(Clone, Debug)]
pub(crate) struct Periodic {
    pub(crate) id: u64,
    pub(crate) tag: Tag,
    pub(crate) state: PeriodicState,
    /// In minutes.
    pub(crate) min_interval: u64,
    /// `periodic.def.anchor`
    pub(crate) anchor: u64,
    pub(crate) retry_count: u32,
    /// periodic.fire.6.9: until then it waits for its next try.
    pub(crate) retry_at: Option<u64>,
}

/// `periodic.def.state`; nothing here suspends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeriodicState {
    Pending,
    Firing,
    ReregisteredWhileFiring,
}

impl PeriodicState {
    pub(crate) fn name(self) -> State {
        match self {
            Self::Pending => State::Pending,
            Self::Firing => State::Firing,
            Self::ReregisteredWhileFiring => State::ReregisteredWhileFiring,
        }
    }
}

impl Agent {
    pub(crate) fn register_periodic(&mut self, worker: WorkerId, tag: Tag, min_interval: u64) -> Replied {
        // periodic.register.1 to periodic.register.6
        if let Some(refused) = self.refusal(worker, Kind::Periodic) {
            return refused;
        }
        let (now, id) = (self.now, self.new_id());
        let list = &mut self.workers[worker.0].periodic;
        // periodic.register.7
        match list.iter_mut().find(|it| it.tag == tag) {
            // periodic.register.9.1.1
            Some(found) if found.min_interval != min_interval => found.min_interval = min_interval,
            // periodic.register.9.2
            Some(found) => {
                if found.state == PeriodicState::Firing {
                    found.state = PeriodicState::ReregisteredWhileFiring;
                }
            }
            // periodic.register.8.1 to periodic.register.8.7
            None => {
                let state = PeriodicState::Pending;
                list.push(Periodic { id, tag, state, min_interval, anchor: now, retry_count: 0, retry_at: None });
                self.origins[worker.origin().0].registered_since.get_or_insert(now);
            }
        }
        // periodic.register.8.8, periodic.register.9.3
        Replied::Resolved
    }

    pub(crate) fn unregister_periodic(&mut self, worker: WorkerId, tag: Tag) -> Replied {
        // periodic.unregister.1.1, periodic.unregister.1.2
        self.workers[worker.0].periodic.retain(|it| it.tag != tag);
        self.look_for_the_last(worker.origin());
        // periodic.unregister.1.3
        Replied::Resolved
    }

    /// One turn of periodic.process.1.3, as far as it does not wait.
    pub(crate) fn process(&mut self) {
        // periodic.process.1.1
        let barred = self.last_pass.is_some_and(|at| at + ACROSS_ORIGINS > self.now);
        // periodic.process.1.3.2
        if barred || !self.online {
            return;
        }
        // periodic.process.1.3.3
        for ix in 0..self.workers.len() {
            self.process_worker(WorkerId(ix));
        }
    }

    fn process_worker(&mut self, worker: WorkerId) {
        // periodic.process.1.3.3.1
        let origin = &self.origins[worker.origin().0];
        // periodic.process.1.3.3.2, and a decision: of a new origin the first registration counts as an event.
        let last = origin.last_fire.max(origin.registered_since);
        if last.is_none_or(|last| last + ANY_ORIGIN > self.now) {
            return;
        }
        // periodic.process.1.3.3.3
        let list = &self.workers[worker.0].periodic;
        let is_due = |it: &&Periodic| {
            // periodic.process.1.3.3.3.1, periodic.process.1.3.3.3.2; and one event of a tag at a time.
            it.state == PeriodicState::Pending
                && it.anchor + it.min_interval <= self.now
                && !self.is_running(worker, Kind::Periodic, it.tag)
        };
        let due: Vec<u64> = list.iter().filter(is_due).map(|it| it.id).collect();
        for id in due {
            // periodic.process.1.3.3.3.3
            self.last_pass = Some(self.now);
            self.origins[worker.origin().0].turn_ends = Some(self.now + TURN);
            // periodic.process.1.3.3.3.4
            self.fire_periodic(worker, id);
        }
    }

    /// periodic.fire.1 to periodic.fire.6.3; the same for a retry, which goes on where it was.
    fn fire_periodic(&mut self, worker: WorkerId, id: u64) {
        // periodic.fire.2
        let Some(found) = self.workers[worker.0].periodic.iter_mut().find(|it| it.id == id) else { return };
        if found.state == PeriodicState::Pending {
            // periodic.fire.4, periodic.fire.5
            (found.retry_count, found.state) = (0, PeriodicState::Firing);
        }
        found.retry_at = None;
        let tag = found.tag;
        // A decision: an event counts when it begins, whatever becomes of it (periodic.fire.6.7.3).
        self.origins[worker.origin().0].last_fire = Some(self.now);
        self.begin(id, Running { worker, kind: Kind::Periodic, tag, last_chance: false });
    }

    /// periodic.fire.6.4 to periodic.fire.6.9
    pub(crate) fn periodic_settled(&mut self, event: &Event, fulfilled: bool) {
        let now = self.now;
        let list = &mut self.workers[event.said.worker.0].periodic;
        let Some(found) = list.iter_mut().find(|it| it.id == event.registration) else { return };
        // A decision: as many retries as the constant says (the text's count is off by one).
        let tried_enough = found.retry_count == RETRIES;
        // periodic.fire.6.7.4
        if fulfilled || tried_enough || found.state == PeriodicState::ReregisteredWhileFiring {
            (found.state, found.anchor) = (PeriodicState::Pending, now);
        } else {
            // periodic.fire.6.8
            found.retry_count += 1;
            found.retry_at = Some(now + RETRY_DELAY);
        }
    }

    /// periodic.limit; and a decision: what was stopped was not fulfilled.
    pub(crate) fn periodic_events_are_over(&mut self) {
        let is_over = |it: &Event| it.said.kind == Kind::Periodic && it.began + PERIODIC_CAP <= self.now;
        let (over, running) = self.running.drain(..).partition(is_over);
        self.running = running;
        let over: Vec<Event> = over;
        over.iter().for_each(|event| self.periodic_settled(event, false));
    }

    /// periodic.const.retries; and a decision: a retry that is due and was held for too long is not made.
    pub(crate) fn turns_are_over(&mut self) {
        let now = self.now;
        for (ix, worker) in self.workers.iter_mut().enumerate() {
            let origin = &mut self.origins[WorkerId(ix).origin().0];
            if origin.turn_ends.is_none_or(|at| at > now) {
                continue;
            }
            for it in worker.periodic.iter_mut().filter(|it| it.retry_at.is_some_and(|at| at <= now)) {
                (it.state, it.anchor, it.retry_at) = (PeriodicState::Pending, now, None);
            }
            let goes_on = worker.periodic.iter().any(|it| it.state != PeriodicState::Pending);
            origin.turn_ends = goes_on.then_some(now + TURN);
        }
    }

    /// A decision: a series that a crash has cut is not taken up, and ends now; an event that ran counts as one of
    /// now. The next turn is the next try.
    pub(crate) fn periodic_after_a_crash(&mut self) {
        for (ix, worker) in self.workers.iter_mut().enumerate() {
            let origin = &mut self.origins[WorkerId(ix).origin().0];
            origin.turn_ends = None;
            for it in worker.periodic.iter_mut().filter(|it| it.state != PeriodicState::Pending) {
                // Between two tries no event was cut.
                if it.retry_at.is_none() {
                    origin.last_fire = Some(self.now);
                }
                (it.state, it.anchor, it.retry_at) = (PeriodicState::Pending, self.now, None);
            }
        }
    }

    /// The end of periodic.fire.6.9; a decision: a retry waits for the network too.
    pub(crate) fn retries_are_due(&mut self) {
        if !self.online {
            return;
        }
        for ix in 0..self.workers.len() {
            let is_due = |it: &&Periodic| it.retry_at.is_some_and(|at| at <= self.now);
            let due: Vec<u64> = self.workers[ix].periodic.iter().filter(is_due).map(|it| it.id).collect();
            due.into_iter().for_each(|id| self.fire_periodic(WorkerId(ix), id));
        }
    }
}
