//! Which input goes where; start, sleep and end of the machine itself.

use std::time::Duration;

use background_sync_registration::WallTime;

use super::Machine;
use super::settle::End;
use super::state::{AttemptPhase, Phase, Timer};
use crate::input::Unavailable;
use crate::{AttemptId, Input, Output, TerminateReason};

impl Machine {
    pub(super) fn route(&mut self, input: Input) {
        match self.phase {
            Phase::Running => self.route_running(input, self.wall()),
            Phase::Loading { .. } => self.route_loading(input),
            Phase::Stopping { .. } | Phase::Stopped => self.route_stopping(input),
        }
    }

    /// `said_at` is earlier than now for what waited for the store.
    pub(super) fn route_running(&mut self, input: Input, said_at: WallTime) {
        match input {
            Input::Rows { .. } | Input::Loaded(_) | Input::LoadFailed => self.ignore("the store was read already"),
            Input::Register { request, key, tag, asked_by, facts } => {
                self.register(said_at, request, key, tag, asked_by, facts);
            }
            Input::GetTags { request, key } => self.get_tags(request, &key),
            Input::Cancel { request, key, tag } => self.cancel(request, &key, &tag),
            Input::ReplyDelivered { request } | Input::RequesterGone { request } => self.reply_arrived(request),
            Input::Ready { attempt, facts, network } => self.ready(attempt, facts, network),
            Input::NotStarted { attempt, reason } => self.not_started(attempt, reason),
            Input::Finished { attempt, outcome } => self.finished(attempt, outcome),
            Input::Committed { txn } => self.committed(txn),
            Input::CommitFailed { txn } => self.commit_failed(txn),
            Input::ContentsLost { txn } => self.contents_lost(txn),
            Input::NetworkChanged { subject, state, epoch } => self.network_changed(subject, state, epoch),
            Input::ClientsChanged { partition, origin, windows } => self.clients_changed(partition, origin, windows),
            Input::PermissionChanged { partition, origin, state } => self.permission_changed(partition, &origin, state),
            Input::UserSwitch { origin, switch } => self.user_switch(origin, switch),
            Input::RestrictionChanged { restriction } => self.restriction_changed(restriction),
            Input::WorkerChanged { key, state } => self.worker_changed(&key, state),
            Input::Unregistered { key } => self.unregistered(&key),
            Input::DataCleared { scope, since } => self.data_cleared(&scope, since),
            Input::PartitionClosed { partition } => self.partition_closed(partition),
            Input::Answered { attempt, yes } => self.answered(attempt, yes),
            Input::Slept => self.slept(),
            Input::Woke => self.woke(),
            Input::Frozen => self.frozen(),
            Input::Thawed => self.thawed(),
            Input::Woken { token, budget } => self.woken(token, budget),
            Input::Tick => {}
            Input::Shutdown => self.shut_down(),
        }
    }

    /// Before the store was read, what touches registrations waits; what describes the world counts at
    /// once.
    fn route_loading(&mut self, input: Input) {
        match input {
            Input::Rows { registrations } => self.rows(registrations),
            Input::Loaded(loaded) => self.loaded(loaded),
            Input::LoadFailed => self.load_failed(),
            Input::Register { .. } | Input::GetTags { .. } | Input::Cancel { .. } => self.request_while_loading(input),
            Input::NetworkChanged { subject, state, epoch } => self.network_changed(subject, state, epoch),
            Input::RestrictionChanged { restriction } => self.restriction_changed(restriction),
            Input::Slept => self.slept(),
            Input::Woke => self.woke(),
            Input::Frozen => self.frozen(),
            Input::Thawed => self.thawed(),
            Input::Woken { token, budget } => self.woken(token, budget),
            Input::PermissionChanged { .. }
            | Input::UserSwitch { .. }
            | Input::WorkerChanged { .. }
            | Input::Unregistered { .. }
            | Input::DataCleared { .. }
            | Input::PartitionClosed { .. }
            | Input::ClientsChanged { .. } => self.notice_while_loading(input),
            // Of replies nobody can know yet.
            Input::ReplyDelivered { .. } | Input::RequesterGone { .. } | Input::Tick => {}
            Input::Ready { .. }
            | Input::NotStarted { .. }
            | Input::Finished { .. }
            | Input::Committed { .. }
            | Input::CommitFailed { .. }
            | Input::ContentsLost { .. }
            | Input::Answered { .. } => self.ignore("nothing was started or committed yet"),
            Input::Shutdown => self.shut_down(),
        }
    }

    fn route_stopping(&mut self, input: Input) {
        match input {
            Input::Register { .. } | Input::GetTags { .. } | Input::Cancel { .. } => {
                self.reject(&input, Unavailable::Shutdown);
            }
            Input::Committed { txn } => self.committed(txn),
            Input::CommitFailed { txn } => self.commit_failed(txn),
            Input::ContentsLost { txn } => self.contents_lost(txn),
            // What takes registrations away counts until the last commit is back.
            Input::PermissionChanged { .. }
            | Input::UserSwitch { .. }
            | Input::WorkerChanged { .. }
            | Input::Unregistered { .. }
            | Input::DataCleared { .. }
            | Input::PartitionClosed { .. }
                if !self.phase.is_stopped() =>
            {
                self.route_running(input, self.wall());
                self.journal.urgent = true;
            }
            Input::Woken { token, budget: _ } => self.emit(Output::WakeDone { token }),
            Input::PermissionChanged { .. }
            | Input::UserSwitch { .. }
            | Input::WorkerChanged { .. }
            | Input::Unregistered { .. }
            | Input::DataCleared { .. }
            | Input::PartitionClosed { .. }
            | Input::Rows { .. }
            | Input::Loaded(_)
            | Input::LoadFailed
            | Input::ReplyDelivered { .. }
            | Input::RequesterGone { .. }
            | Input::Ready { .. }
            | Input::NotStarted { .. }
            | Input::Finished { .. }
            | Input::NetworkChanged { .. }
            | Input::ClientsChanged { .. }
            | Input::RestrictionChanged { .. }
            | Input::Answered { .. }
            | Input::Slept
            | Input::Woke
            | Input::Frozen
            | Input::Thawed
            | Input::Tick
            | Input::Shutdown => {}
        }
    }

    /// Answers a request that can't be served, whatever it asks for.
    pub(super) fn reject(&mut self, input: &Input, why: Unavailable) {
        if let Some((request, reply)) = input.rejection(why) {
            self.emit(Output::Reply { request, reply });
        }
    }

    /// I7: at shutdown every request gets its reply and every attempt its end.
    fn shut_down(&mut self) {
        if let Phase::Loading { waiting, .. } = &mut self.phase {
            let waiting = std::mem::take(waiting);
            self.wake_done();
            self.phase = Phase::Stopped;
            for (_, input) in waiting.into_inputs() {
                self.route_stopping(input);
            }
            return;
        }
        for ix in self.workers.keys().copied().collect::<Vec<_>>() {
            self.reject_everything_of(ix);
        }
        for id in self.attempts.keys().copied().collect::<Vec<_>>() {
            self.end_at_shutdown(id);
        }
        self.wake_done();
        self.journal.profile = self.journal.reserved.0 > 0;
        self.journal.urgent = true;
        self.phase = Phase::Stopping { last: None };
        self.arm_wake_up();
        self.stop_if_written();
    }

    /// The last commit is back, or there was nothing to write.
    pub(super) fn stop_if_written(&mut self) {
        let Phase::Stopping { .. } = self.phase else { return };
        if self.journal.in_flight.is_none() && self.journal.is_clean() {
            self.phase = Phase::Stopped;
        }
    }

    /// Whoever comes next may find only what is written.
    fn slept(&mut self) {
        self.asleep = true;
        self.journal.urgent = true;
    }

    fn woke(&mut self) {
        self.asleep = false;
        self.realign_waits();
    }

    /// What runs may fail now without being charged.
    fn frozen(&mut self) {
        let now = self.monotonic();
        self.frozen_at.get_or_insert(now);
        self.journal.urgent = true;
        self.interrupt_running();
    }

    fn thawed(&mut self) {
        if let Some(frozen_at) = self.frozen_at.take() {
            let stood_still = self.monotonic().since(frozen_at);
            self.postpone_deadlines(stood_still);
        }
        self.realign_waits();
    }

    /// Caps count the time in which a worker could run.
    fn postpone_deadlines(&mut self, by: Duration) {
        for (id, attempt) in &mut self.attempts {
            attempt.phase.postpone(by);
            self.timers.set(Timer::Attempt(*id), attempt.phase.deadline());
        }
    }

    fn end_at_shutdown(&mut self, id: AttemptId) {
        let Some(attempt) = self.attempts.get_mut(&id) else { return };
        match &mut attempt.phase {
            AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. } => self.abandon(id),
            AttemptPhase::Running { interrupted, .. } => {
                *interrupted = true;
                self.emit(Output::Terminate { attempt: id, reason: TerminateReason::Shutdown });
                self.settle(id, End::Shutdown);
                self.release(id);
            }
            AttemptPhase::Terminating { .. } => self.release(id),
        }
    }
}
