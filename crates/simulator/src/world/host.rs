//! What the host does with the machine's outputs, and what follows.

use std::collections::BTreeSet;
use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::Tag;
use background_sync::{
    AskedBy, AttemptId, Input, NetworkSubject, NotStarted, Outcome, Output, Reply, RequestId, TerminateReason, TxnId,
    WorkerState,
};

use super::agenda::Due;
use super::store::{Fate, Finish, Written};
use super::workers::HostAttempt;
use super::{Dispatched, Logged, Terminated, Trouble, World};
use crate::timeline::{Deed, End, Notices, Replies, Site, Start, UserAnswer};

impl World {
    pub(super) fn react(&mut self, output: Output) -> Result<(), Trouble> {
        let at = self.clock.elapsed();
        match output {
            Output::Load => self.soon(Due::Load),
            Output::Reply { request, reply } => {
                let is_call = !matches!(reply, Reply::Durable(_));
                self.record.replies.insert(request, reply);
                if is_call {
                    self.deliver(request);
                }
            }
            Output::Start { attempt, key, kind } => {
                self.ids_from = attempt.0 - attempt.in_session();
                self.record.starts.push((at, key.clone(), Some(kind)));
                self.start_worker(attempt, key, kind);
            }
            Output::Dispatch { attempt, event, cap, background } => {
                let Some(running) = self.workers.attempts.get_mut(&attempt) else { return Ok(()) };
                let key = running.key.clone();
                running.event = Some(event.clone());
                self.record.dispatched.push(Dispatched {
                    at,
                    key: key.clone(),
                    event: event.clone(),
                    cap,
                    background,
                    taken: false,
                });
                self.run_event(attempt, &key, &event);
            }
            Output::Abandon { attempt } => {
                self.record.abandoned += 1;
                self.forget(attempt);
            }
            Output::Terminate { attempt, reason } => self.terminate(attempt, reason),
            Output::Commit { txn, ops } => return self.commit(txn, ops, Written::Changes),
            Output::Rewrite { txn, ops } => return self.commit(txn, ops, Written::Everything),
            Output::AskNetwork { origin } => self.soon(Due::NetworkAnswer(origin)),
            Output::AskUser { attempt, key: _ } => {
                self.record.asked += 1;
                self.ask_user(attempt);
            }
            Output::ArmWakeUp(wake_up) => self.record.wake_up = wake_up,
            Output::WakeDone { token: _ } => self.record.wakes_done += 1,
            Output::KeepAlive(yes) => self.record.keep_alive = yes,
            Output::Event(entry) => self.record.log.push(Logged { at, entry, taken: false }),
        }
        Ok(())
    }

    fn ask_user(&mut self, attempt: AttemptId) {
        match self.user {
            UserAnswer::SaysYes => self.soon(Due::UserAnswers(attempt, true)),
            UserAnswer::SaysNo => self.soon(Due::UserAnswers(attempt, false)),
            UserAnswer::Ignores => {}
        }
    }

    /// Tells the machine what has changed, if the host does not lose it, and when it gets to it.
    pub(super) fn notify(&mut self, notice: Input) -> Result<(), Trouble> {
        match self.notices {
            Notices::Arrive => self.tell(notice),
            Notices::Vanish => {
                self.note(|| "a notice is lost".to_owned());
                Ok(())
            }
            Notices::Take(time) => {
                self.later(time.0, Due::Notice(Box::new(notice)));
                Ok(())
            }
        }
    }

    fn soon(&mut self, due: Due) {
        self.later(Duration::ZERO, due);
    }

    pub(super) fn later(&mut self, delay: Duration, due: Due) {
        let now = self.clock.monotonic();
        self.agenda.put(now, delay, due);
    }

    fn deliver(&mut self, request: RequestId) {
        match self.replies {
            Replies::Arrive => self.soon(Due::Delivered(request)),
            Replies::Take(time) => self.later(time.0, Due::Delivered(request)),
            Replies::CallerGone => self.soon(Due::Gone(request)),
            Replies::Vanish => {}
        }
    }

    fn start_worker(&mut self, attempt: AttemptId, key: RegistrationKey, kind: SyncKind) {
        let name = self.around.name(&key).to_owned();
        let behaviour = self.workers.starting(&name, kind);
        let delay = behaviour.starts_in.0;
        let due = match (self.around.state(&key), behaviour.start) {
            (WorkerState::NotLoaded | WorkerState::NoSuchRegistration | WorkerState::None, _) => {
                Some(Due::NotStarted(attempt, NotStarted::NoActiveWorker))
            }
            // It is ready when it has become active, see `worker_activated`.
            (WorkerState::Activating, _) | (WorkerState::Active, Start::Hangs) => None,
            (WorkerState::Active, Start::Works) => Some(Due::Ready(attempt)),
            (WorkerState::Active, Start::Fails) => Some(Due::NotStarted(attempt, NotStarted::StartFailed)),
            (WorkerState::Active, Start::Busy) => Some(Due::NotStarted(attempt, NotStarted::Busy)),
            (WorkerState::Active, Start::Lost) => Some(Due::NotStarted(attempt, NotStarted::Lost)),
        };
        if behaviour.start != Start::Works {
            self.workers.use_start(&name, kind);
        }
        self.workers.attempts.insert(attempt, HostAttempt { key, kind, event: None, behaviour });
        if let Some(due) = due {
            self.later(delay, due);
        }
    }

    /// An activating worker has become active: what waited for it goes on.
    pub(super) fn worker_activated(&mut self, key: &RegistrationKey) {
        let waiting: Vec<_> = self
            .workers
            .attempts
            .iter()
            .filter(|(_, attempt)| attempt.key == *key && attempt.event.is_none())
            .filter(|(_, attempt)| attempt.behaviour.start == Start::Works)
            .map(|(id, _)| *id)
            .collect();
        for attempt in waiting {
            self.agenda.forget_attempt(attempt);
            self.soon(Due::Ready(attempt));
        }
    }

    fn run_event(&mut self, attempt: AttemptId, key: &RegistrationKey, event: &background_sync::SyncEventInit) {
        let name = self.around.name(key).to_owned();
        let behaviour = self.workers.taking(&name, event);
        if let Some(tag) = behaviour.registers.clone() {
            self.soon(Due::HandlerRegisters(key.clone(), tag));
        }
        if let Some(end) = behaviour.deed.end() {
            self.later(behaviour.takes.0, Due::EventEnds(attempt, outcome(end)));
        }
        if let Some(running) = self.workers.attempts.get_mut(&attempt) {
            running.behaviour = behaviour;
        }
    }

    /// Stopping a worker stops every event in it.
    fn terminate(&mut self, attempt: AttemptId, reason: TerminateReason) {
        let Some(stopped) = self.workers.attempts.get(&attempt) else { return };
        let key = stopped.key.clone();
        let kind = Some(stopped.kind);
        let tag = stopped.event.as_ref().map(|event| event.tag.clone());
        self.record.terminated.push(Terminated {
            at: self.clock.elapsed(),
            key: key.clone(),
            tag,
            kind,
            reason,
            taken: false,
        });
        let in_it: Vec<_> = self
            .workers
            .attempts
            .iter()
            .filter(|(_, other)| other.key == key && other.event.is_some() && other.behaviour.deed != Deed::Defy)
            .map(|(id, _)| *id)
            .collect();
        for attempt in in_it {
            self.agenda.forget_attempt(attempt);
            self.soon(Due::EventEnds(attempt, Outcome::Terminated));
        }
    }

    fn commit(&mut self, txn: TxnId, ops: Vec<background_sync::StoreOp>, written: Written) -> Result<(), Trouble> {
        self.record.commits += 1;
        self.ids_from = txn.0 - txn.in_session();
        self.record.store_ops += ops.len() as u64;
        match self.store.commit(txn, ops, written) {
            Fate::Done(delay) => self.later(delay, Due::Commit(txn)),
            Fate::Held => {}
            Fate::Crash => {
                self.crash()?;
                self.start_process()?;
            }
        }
        Ok(())
    }

    /// The store works again: what it held is done.
    pub(super) fn release_store(&mut self) {
        if let Some(txn) = self.store.held() {
            self.soon(Due::Commit(txn));
        }
    }

    pub(super) fn forget(&mut self, attempt: AttemptId) {
        self.agenda.forget_attempt(attempt);
        self.workers.attempts.remove(&attempt);
    }

    /// Something the world set in motion arrives.
    pub(super) fn happen(&mut self, due: Due) -> Result<(), Trouble> {
        match due {
            Due::Load => self.load(),
            Due::Commit(txn) => match self.store.finish(txn) {
                Some(Finish::Durable) => {
                    self.last.committed = Some(Input::Committed { txn });
                    self.tell(Input::Committed { txn })
                }
                Some(Finish::Failed) => self.tell(Input::CommitFailed { txn }),
                Some(Finish::Lost) => self.tell(Input::ContentsLost { txn }),
                None => Ok(()),
            },
            Due::Ready(attempt) => {
                let Some(starting) = self.workers.attempts.get(&attempt) else { return Ok(()) };
                let network = self.around.network_of(starting.key.origin());
                let facts = self.around.facts(&starting.key, starting.kind);
                let ready = Input::Ready { attempt, facts, network };
                self.last.ready = Some(ready.clone());
                self.tell_power()?;
                self.tell(ready)
            }
            Due::NotStarted(attempt, reason) => {
                self.forget(attempt);
                self.tell(Input::NotStarted { attempt, reason })
            }
            Due::HandlerRegisters(key, tag) => self.handler_registers(key, tag),
            Due::EventEnds(attempt, outcome) => self.end_event(attempt, outcome),
            Due::Delivered(request) => {
                self.last.delivered = Some(Input::ReplyDelivered { request });
                self.tell(Input::ReplyDelivered { request })
            }
            Due::Gone(request) => self.tell(Input::RequesterGone { request }),
            Due::NetworkAnswer(origin) => self.tell_network(NetworkSubject::Origin(origin)),
            Due::UserAnswers(attempt, yes) => self.tell(Input::Answered { attempt, yes }),
            Due::WorkersKnown => self.know_workers(),
            Due::Notice(notice) => self.tell(*notice),
        }
    }

    fn load(&mut self) -> Result<(), Trouble> {
        let Some(mut loaded) = self.store.load() else {
            return self.tell(Input::LoadFailed);
        };
        let mut keys: Vec<_> = loaded.registrations.iter().map(|record| record.key.clone()).collect();
        keys.sort();
        keys.dedup();
        let mut sites: BTreeSet<_> = keys.iter().map(Site::of).collect();
        sites.extend(self.around.windows.keys().cloned());
        loaded.origins = sites.iter().map(|site| self.around.origin_facts(site)).collect();
        loaded.worker_states = keys.into_iter().map(|key| (key.clone(), self.state_as_known(&key))).collect();
        self.last.loaded = Some(Input::Loaded(loaded.clone()));
        self.tell(Input::Loaded(loaded))
    }

    /// A table that was not read yet has nobody in it.
    fn state_as_known(&self, key: &RegistrationKey) -> WorkerState {
        if self.workers_known { self.around.state(key) } else { WorkerState::NoSuchRegistration }
    }

    fn handler_registers(&mut self, key: RegistrationKey, tag: Tag) -> Result<(), Trouble> {
        let request = self.new_request(None);
        let facts = self.around.facts(&key, SyncKind::OneShot);
        self.tell(Input::Register { request, key, tag, asked_by: AskedBy::Worker, facts })
    }

    pub(super) fn end_event(&mut self, attempt: AttemptId, outcome: Outcome) -> Result<(), Trouble> {
        self.forget(attempt);
        let finished = Input::Finished { attempt, outcome };
        self.last.finished = Some(finished.clone());
        self.tell(finished)
    }
}

/// How an end looks to the machine.
pub(super) fn outcome(end: End) -> Outcome {
    match end {
        End::Fulfil => Outcome::Fulfilled,
        End::Reject => Outcome::Rejected,
        End::Terminate => Outcome::Terminated,
        End::Crash => Outcome::Crashed,
        End::Defer(time) => Outcome::Deferred(time.0),
    }
}
