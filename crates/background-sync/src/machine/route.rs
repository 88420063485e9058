//! Which input goes where.

use background_sync_registration::WallTime;

use super::Machine;
use super::parts::Phase;
use super::parts::registry::Wanted;
use super::steps::requests::Call;
use crate::input::Unavailable;
use crate::taken::Taken;
use crate::{Ignored, Input, Output, RequestId};

impl Machine {
    pub(super) fn route(&mut self, mut input: Input) {
        let removal = input.take_removal_request();
        match self.phase {
            Phase::Running => self.route_running(input, self.time.wall()),
            Phase::Off => return self.route_off(input, removal),
            Phase::Loading(_) => return self.route_loading(input, removal),
            Phase::Stopping { .. } | Phase::Stopped => self.route_stopping(input),
        }
        if let Some((request, taken)) = removal {
            self.confirm(request, taken);
        }
    }

    /// `said_at` is earlier than now for what waited for the store. Whoever wants to hear of a removal is answered by
    /// the caller.
    pub(super) fn route_running(&mut self, input: Input, said_at: WallTime) {
        match input {
            Input::Rows { .. } | Input::Loaded(_) | Input::LoadFailed => self.ignore(Ignored::StoreWasRead),
            Input::Register { request, key, tag, asked_by, facts } => {
                self.register(Call { request, said_at, asked_by, wanted: Wanted::OneShot }, &key, &tag, facts);
            }
            #[cfg(feature = "periodic")]
            Input::Periodic(input) => self.route_periodic(input, said_at),
            Input::GetTags { request, key, kind } => self.get_tags(request, &key, kind),
            Input::Cancel { request, key, kind, tag } => self.cancel(request, &key, kind, &tag),
            Input::ReplyDelivered { request } | Input::RequesterGone { request } => self.reply_arrived(request),
            Input::Ready { attempt, facts, network } => self.ready(attempt, facts, network),
            Input::NotStarted { attempt, reason } => self.not_started(attempt, reason),
            Input::Finished { attempt, outcome } => self.finished(attempt, outcome),
            Input::Committed { txn } => self.committed(txn),
            Input::CommitFailed { txn } => self.commit_failed(txn),
            Input::ContentsLost { txn } => self.contents_lost(txn),
            Input::NetworkChanged { subject, state, epoch } => self.network_changed(subject, state, epoch),
            Input::ClientsChanged { partition, origin, windows } => self.note_windows(partition, &origin, windows),
            Input::PermissionChanged { request: _, partition, origin, kind, state } => {
                self.permission_changed(partition, &origin, kind, state);
            }
            Input::UserSwitch { request: _, origin, kind, switch } => self.user_switch(origin, kind, switch),
            Input::RestrictionChanged { restriction } => self.restriction_changed(restriction),
            Input::PowerChanged { state } => self.power_changed(state),
            Input::ConditionOverride { origin, kind, said } => self.condition_override(origin, kind, said),
            Input::WorkersKnown { states } => self.workers_known(&states),
            Input::WorkerChanged { key, state } => self.worker_changed(&key, state),
            Input::Unregistered { request: _, key } => self.unregistered(&key),
            Input::DataCleared { request: _, scope, since } => self.data_cleared(&scope, since),
            Input::PartitionClosed { request: _, partition } => self.partition_closed(partition),
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
    fn route_loading(&mut self, input: Input, removal: Option<(RequestId, Taken)>) {
        match input {
            Input::Rows { registrations } => self.rows(registrations),
            Input::Loaded(loaded) => self.loaded(loaded),
            Input::LoadFailed => self.load_failed(),
            Input::Register { .. } | Input::GetTags { .. } | Input::Cancel { .. } => self.request_while_loading(input),
            #[cfg(feature = "periodic")]
            Input::Periodic(said) => self.route_periodic_while_loading(said),
            Input::NetworkChanged { subject, state, epoch } => self.network_changed(subject, state, epoch),
            Input::RestrictionChanged { restriction } => self.restriction_changed(restriction),
            Input::PowerChanged { state } => self.power_changed(state),
            Input::ConditionOverride { origin: None, kind, said } => self.condition_override(None, kind, said),
            Input::WorkersKnown { .. } => self.around.workers_are_known(),
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
            | Input::ConditionOverride { origin: Some(_), .. }
            | Input::ClientsChanged { .. } => self.notice_while_loading(input, removal),
            // Of replies nobody can know yet.
            Input::ReplyDelivered { .. } | Input::RequesterGone { .. } | Input::Tick => {}
            Input::Ready { .. }
            | Input::NotStarted { .. }
            | Input::Finished { .. }
            | Input::Committed { .. }
            | Input::CommitFailed { .. }
            | Input::ContentsLost { .. }
            | Input::Answered { .. } => self.ignore(Ignored::NothingStarted),
            Input::Shutdown => self.shut_down(),
        }
    }

    fn route_stopping(&mut self, input: Input) {
        match input {
            Input::Register { .. } | Input::GetTags { .. } | Input::Cancel { .. } => {
                self.reject(&input, Unavailable::Shutdown);
            }
            #[cfg(feature = "periodic")]
            Input::Periodic(_) => self.reject(&input, Unavailable::Shutdown),
            Input::Committed { txn } => self.committed(txn),
            Input::CommitFailed { txn } => self.commit_failed(txn),
            Input::ContentsLost { txn } => self.contents_lost(txn),
            // What takes registrations away counts until the last commit is back.
            Input::PermissionChanged { .. }
            | Input::UserSwitch { .. }
            | Input::WorkersKnown { .. }
            | Input::WorkerChanged { .. }
            | Input::Unregistered { .. }
            | Input::DataCleared { .. }
            | Input::PartitionClosed { .. }
                if !self.phase.is_stopped() =>
            {
                self.route_running(input, self.time.wall());
                self.journal.hurry();
            }
            Input::Woken { token, budget: _ } => self.out.emit(Output::WakeDone { token }),
            Input::PermissionChanged { .. }
            | Input::UserSwitch { .. }
            | Input::WorkersKnown { .. }
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
            | Input::PowerChanged { .. }
            | Input::ConditionOverride { .. }
            | Input::Answered { .. }
            | Input::Slept
            | Input::Woke
            | Input::Frozen
            | Input::Thawed
            | Input::Tick
            | Input::Shutdown => {}
        }
    }
}
