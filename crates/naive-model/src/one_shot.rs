//! Web Background Synchronization.

use crate::agent::{Agent, Event};
use crate::choices::{ATTEMPTS, BACK_OFF};
use crate::{Kind, Replied, Running, State, Tag, WorkerId};

/// `sync.def.registration`
#[derive(Clone, Debug)]
pub(crate) struct OneShot {
    pub(crate) id: u64,
    pub(crate) tag: Tag,
    pub(crate) state: OneShotState,
    /// Events of its series.
    pub(crate) attempts: u32,
}

/// `sync.def.state`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OneShotState {
    Pending,
    Waiting { until: u64 },
    Firing,
    ReregisteredWhileFiring,
}

impl OneShotState {
    pub(crate) fn name(self) -> State {
        match self {
            Self::Pending => State::Pending,
            Self::Waiting { .. } => State::Waiting,
            Self::Firing => State::Firing,
            Self::ReregisteredWhileFiring => State::ReregisteredWhileFiring,
        }
    }
}

impl Agent {
    pub(crate) fn register(&mut self, worker: WorkerId, tag: Tag) -> Replied {
        // sync.register.1 to sync.register.6
        if let Some(refused) = self.refusal(worker, Kind::OneShot) {
            return refused;
        }
        let id = self.new_id();
        let list = &mut self.workers[worker.0].one_shot;
        // sync.register.7
        match list.iter_mut().find(|it| it.tag == tag) {
            // sync.register.8
            Some(found) => match found.state {
                // sync.register.8.1, and a decision: it is a new series.
                OneShotState::Waiting { .. } => (found.state, found.attempts) = (OneShotState::Pending, 0),
                // sync.register.8.2
                OneShotState::Firing => found.state = OneShotState::ReregisteredWhileFiring,
                OneShotState::Pending | OneShotState::ReregisteredWhileFiring => {}
            },
            // sync.register.9.1 to sync.register.9.4
            None => list.push(OneShot { id, tag, state: OneShotState::Pending, attempts: 0 }),
        }
        // sync.register.8.4, sync.register.9.6
        self.fire_if_online(worker, tag);
        // sync.register.8.3, sync.register.9.5
        Replied::Resolved
    }

    /// sync.online
    pub(crate) fn fire_all_pending(&mut self) {
        for ix in 0..self.workers.len() {
            let tags: Vec<Tag> = self.workers[ix].one_shot.iter().map(|it| it.tag).collect();
            tags.into_iter().for_each(|tag| self.fire_if_online(WorkerId(ix), tag));
        }
    }

    fn fire_if_online(&mut self, worker: WorkerId, tag: Tag) {
        let busy = self.is_running(worker, Kind::OneShot, tag);
        let found = self.workers[worker.0].one_shot.iter_mut().find(|it| it.tag == tag);
        if let Some(found) = found.filter(|it| self.online && !busy && it.state == OneShotState::Pending) {
            // sync.fire.1 to sync.fire.4
            found.state = OneShotState::Firing;
            found.attempts += 1;
            // sync.fire.5.lastChance
            let last_chance = found.attempts == ATTEMPTS;
            let id = found.id;
            // sync.fire.5
            self.begin(id, Running { worker, kind: Kind::OneShot, tag, last_chance });
        }
    }

    /// sync.fire.5.1
    pub(crate) fn one_shot_settled(&mut self, event: &Event, fulfilled: bool) {
        let Running { worker, tag, last_chance, .. } = event.said;
        let until = self.now + BACK_OFF;
        let list = &mut self.workers[worker.0].one_shot;
        if let Some(at) = list.iter().position(|it| it.id == event.registration) {
            let found = &mut list[at];
            if found.state == OneShotState::ReregisteredWhileFiring {
                // sync.fire.5.2.1.1, sync.fire.5.3.1.1, and a decision: it is a new series.
                (found.state, found.attempts) = (OneShotState::Pending, 0);
            } else if fulfilled || last_chance {
                // sync.fire.5.2.3, sync.fire.5.3.3
                list.remove(at);
            } else {
                // sync.fire.5.3.2
                found.state = OneShotState::Waiting { until };
            }
        }
        // sync.fire.5.2.1.2, sync.fire.5.3.1.2; and what is there of the tag waited for the end of this one.
        self.fire_if_online(worker, tag);
    }

    /// A decision: the event that ran has failed; was it the last, nothing follows. What was registered again meanwhile
    /// is a new series.
    pub(crate) fn one_shot_after_a_crash(&mut self) {
        let until = self.now + BACK_OFF;
        for worker in &mut self.workers {
            worker.one_shot.retain(|it| it.state != OneShotState::Firing || it.attempts < ATTEMPTS);
            for it in &mut worker.one_shot {
                match it.state {
                    OneShotState::Firing => it.state = OneShotState::Waiting { until },
                    OneShotState::ReregisteredWhileFiring => (it.state, it.attempts) = (OneShotState::Pending, 0),
                    OneShotState::Pending | OneShotState::Waiting { .. } => {}
                }
            }
        }
    }

    /// sync.fire.5.3.2.1 to sync.fire.5.3.2.4
    pub(crate) fn waits_are_over(&mut self) {
        let now = self.now;
        for it in self.workers.iter_mut().flat_map(|worker| &mut worker.one_shot) {
            if matches!(it.state, OneShotState::Waiting { until } if until <= now) {
                it.state = OneShotState::Pending;
            }
        }
        self.fire_all_pending();
    }
}
