use std::time::Duration;

#[cfg(feature = "periodic")]
use background_sync::PeriodicInput;
use background_sync::policy::{Facts, RegistrationKey, WorkerState};
use background_sync::registration::MonotonicTime;
use background_sync::scheduler::SyncParameters;
use background_sync::{AskedBy, Input};
use rustc_hash::FxHashMap;

use super::record::Certainty;

/// What the machine was told about workers, and what it may make of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Workers {
    /// The states a worker may be taken to be in.
    states: FxHashMap<RegistrationKey, Vec<WorkerState>>,
    /// What was said before the store was read: it counts from then.
    early: Vec<Early>,
    loops: FxHashMap<RegistrationKey, Loop>,
    /// The host knows its registrations.
    known: bool,
}

/// Something that was said of a worker before the store was read.
#[derive(Clone, Debug)]
struct Early {
    key: RegistrationKey,
    state: WorkerState,
    with_a_call: bool,
}

/// How often in a row a worker may have registered something in its own events.
#[derive(Clone, Copy, Debug, Default)]
struct Loop {
    hops: u32,
    running: u32,
    last_end: Option<MonotonicTime>,
    /// It registered something since its last event began.
    asked: bool,
}

impl Workers {
    pub(super) fn hear(&mut self, input: &Input, loaded: bool) {
        match input {
            Input::WorkersKnown { states } => {
                self.known = true;
                if loaded {
                    self.states.extend(states.iter().map(|(key, state)| (key.clone(), vec![*state])));
                }
            }
            Input::WorkerChanged { key, state } if loaded => {
                self.states.insert(key.clone(), vec![self.believed(*state)]);
            }
            // What a host cannot know yet waits for no store.
            Input::WorkerChanged { state: WorkerState::NoSuchRegistration, .. } if !self.known => {}
            Input::WorkerChanged { key, state } => {
                self.early.push(Early { key: key.clone(), state: *state, with_a_call: false })
            }
            // Calls that waited for the store are turned down, and what came with them with them.
            Input::LoadFailed => self.early.retain(|early| !early.with_a_call),
            Input::Unregistered { request: _, key } => {
                self.states.insert(key.clone(), vec![WorkerState::NoSuchRegistration]);
            }
            Input::Register { key, facts, .. } => self.told(key, facts, loaded),
            #[cfg(feature = "periodic")]
            Input::Periodic(PeriodicInput::Register { key, facts, .. }) => self.told(key, facts, loaded),
            Input::Loaded(read) if !loaded => {
                for record in &read.registrations {
                    self.states.entry(record.key.clone()).or_insert_with(|| vec![WorkerState::NotLoaded]);
                }
                for (key, state) in &read.worker_states {
                    self.states.insert(key.clone(), vec![self.believed(*state)]);
                }
                for early in std::mem::take(&mut self.early) {
                    if early.with_a_call {
                        self.may_be(&early.key, early.state);
                    } else {
                        self.states.insert(early.key, vec![early.state]);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether the host could know that there is no such registration.
    pub(super) fn are_known(&self) -> bool {
        self.known
    }

    fn believed(&self, state: WorkerState) -> WorkerState {
        match state {
            WorkerState::NoSuchRegistration if !self.known => WorkerState::NotLoaded,
            state => state,
        }
    }

    /// Facts of a call say how the worker is, if the call is allowed.
    fn told(&mut self, key: &RegistrationKey, facts: &Facts, loaded: bool) {
        let state = match facts.worker {
            WorkerState::NotLoaded | WorkerState::NoSuchRegistration | WorkerState::None => return,
            WorkerState::Activating => WorkerState::Activating,
            WorkerState::Active => WorkerState::Active,
        };
        if loaded {
            self.may_be(key, state);
        } else {
            self.early.push(Early { key: key.clone(), state, with_a_call: true });
        }
    }

    /// A call said so, and it may be refused: then it says nothing.
    fn may_be(&mut self, key: &RegistrationKey, state: WorkerState) {
        let states = self.states.entry(key.clone()).or_insert_with(|| vec![state]);
        if !states.contains(&state) {
            states.push(state);
        }
    }

    /// It turned out that it may not be able to run.
    pub(super) fn may_be_none(&mut self, key: &RegistrationKey) {
        if let Some(states) = self.states.get_mut(key) {
            states.push(WorkerState::None);
        }
    }

    /// Whether registrations wait for this worker.
    pub(super) fn hold(&self, key: &RegistrationKey) -> Certainty {
        let Some(states) = self.states.get(key) else { return Certainty::Maybe };
        let cannot_run = |state: &WorkerState| match state {
            WorkerState::NotLoaded | WorkerState::NoSuchRegistration | WorkerState::None => true,
            WorkerState::Activating | WorkerState::Active => false,
        };
        Certainty::between(states.iter().any(cannot_run), states.iter().all(cannot_run))
    }

    pub(super) fn dispatched(&mut self, key: &RegistrationKey, now: MonotonicTime, parameters: &SyncParameters) {
        let row = self.loops.entry(key.clone()).or_default();
        if row.is_quiet(now, parameters) && !row.asked {
            row.hops = 0;
        }
        row.asked = false;
        row.running += 1;
    }

    pub(super) fn ended(&mut self, key: &RegistrationKey, now: MonotonicTime) {
        let row = self.loops.entry(key.clone()).or_default();
        row.running = row.running.saturating_sub(1);
        row.last_end = Some(now);
    }

    /// The longest that the loop breaker may hold what this call registers.
    pub(super) fn longest_hop(
        &mut self,
        key: &RegistrationKey,
        asked_by: AskedBy,
        now: MonotonicTime,
        parameters: &SyncParameters,
    ) -> Duration {
        if asked_by == AskedBy::Page {
            return Duration::ZERO;
        }
        let row = self.loops.entry(key.clone()).or_default();
        // The call may yet be refused, and then it breaks no row.
        if row.is_quiet(now, parameters) {
            return Duration::ZERO;
        }
        row.asked = true;
        row.hops = row.hops.saturating_add(1);
        let doubled = 2_u32.saturating_pow(row.hops);
        parameters.min_refire_spacing.saturating_mul(doubled).min(parameters.max_retry_delay)
    }

    pub(super) fn died(&mut self) {
        *self = Self::default();
    }
}

impl Loop {
    /// No event runs, and the last one ended long ago: what the worker does now is no doing of an event.
    fn is_quiet(&self, now: MonotonicTime, parameters: &SyncParameters) -> bool {
        self.running == 0 && self.last_end.is_none_or(|end| now.since(end) > parameters.loop_window)
    }
}
