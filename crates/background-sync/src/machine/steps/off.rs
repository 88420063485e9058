//! Background sync is switched off: everybody is answered, and nothing else happens.

use background_sync_policy::{Refusal, RegistrationKey, SyncKind};
use background_sync_registration::Tag;

use crate::machine::Machine;
use crate::machine::parts::Phase;
use crate::machine::parts::outbox::About;
use crate::taken::Taken;
use crate::{Detail, EventName, Ignored, Input, Output, Reason, RegisterError, RemovalError, Reply, RequestId};

impl Machine {
    /// Of the store nothing is known, so nothing is said to be in it, and nothing in it is said to be gone. What
    /// describes the world is of no use here.
    pub(in crate::machine) fn route_off(&mut self, input: Input, removal: Option<(RequestId, Taken)>) {
        if let Some((request, taken)) = removal {
            self.say_gone(request, untouched(taken));
        }
        match input {
            Input::Register { request, key, tag, asked_by: _, facts: _ } => {
                self.refuse(request, &key, SyncKind::OneShot, &tag);
            }
            #[cfg(feature = "periodic")]
            Input::Periodic(input) => self.route_periodic_off(input),
            Input::GetTags { request, key: _, kind: _ } => self.out.reply(request, Reply::Tags(Ok(Vec::new()))),
            Input::Cancel { request, key: _, kind: _, tag: _ } => self.out.reply(request, Reply::Cancelled(Ok(false))),
            Input::Woken { token, budget: _ } => self.out.emit(Output::WakeDone { token }),
            Input::Shutdown => self.phase = Phase::Stopped,
            Input::Rows { .. }
            | Input::Loaded(_)
            | Input::LoadFailed
            | Input::Ready { .. }
            | Input::NotStarted { .. }
            | Input::Finished { .. }
            | Input::Committed { .. }
            | Input::CommitFailed { .. }
            | Input::ContentsLost { .. }
            | Input::Answered { .. } => self.ignore(Ignored::SwitchedOff),
            Input::ReplyDelivered { .. }
            | Input::RequesterGone { .. }
            | Input::NetworkChanged { .. }
            | Input::ClientsChanged { .. }
            | Input::PermissionChanged { .. }
            | Input::UserSwitch { .. }
            | Input::RestrictionChanged { .. }
            | Input::PowerChanged { .. }
            | Input::ConditionOverride { .. }
            | Input::WorkersKnown { .. }
            | Input::WorkerChanged { .. }
            | Input::Unregistered { .. }
            | Input::DataCleared { .. }
            | Input::PartitionClosed { .. }
            | Input::Slept
            | Input::Woke
            | Input::Frozen
            | Input::Thawed
            | Input::Tick => {}
        }
    }

    pub(in crate::machine) fn refuse(&mut self, request: RequestId, key: &RegistrationKey, kind: SyncKind, tag: &Tag) {
        let refusal = Refusal::SwitchedOff;
        // I12: of a private partition nothing is known, and nothing is said.
        if !key.partition().is_private() {
            let about = About { key, kind, tag, instance: None };
            let why = vec![Detail::Reason(Reason::Refused(refusal))];
            self.out.report(self.time.wall(), about, EventName::RegistrationRefused, why);
        }
        self.out.reply(request, Reply::Registered(Err(RegisterError::Refused(refusal))));
    }
}

/// What whoever takes something away is told: what was stored is still there.
fn untouched(taken: Taken) -> Result<(), RemovalError> {
    match taken {
        // I12: of a private partition nothing was ever registered.
        Taken::Nothing | Taken::Private => Ok(()),
        Taken::Stored => Err(RemovalError::SwitchedOff),
    }
}
