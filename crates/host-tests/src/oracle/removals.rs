use std::collections::{BTreeMap, BTreeSet};

#[cfg(feature = "periodic")]
use background_sync::PeriodicInput;
use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{StoredRegistration, Tag};
use background_sync::scheduler::SyncParameters;
use background_sync::{Input, Output, RemovalError, Reply, RequestId};

use super::model::{Model, Name};
use super::removed::Removed;
use super::{Verdict, broken};

/// Removals that somebody wants to hear the end of.
#[derive(Clone, Debug, Default)]
pub(super) struct Removals {
    waiting: BTreeMap<RequestId, Waiting>,
    /// Those that were just answered: what they took must be gone from the store.
    done: Vec<Waiting>,
}

#[derive(Clone, Debug, Default)]
struct Waiting {
    /// What it takes away, if anything.
    takes: Option<Removed>,
    /// What was asked for after it, and may be there again.
    again: BTreeSet<(SyncKind, Name)>,
    /// As many waited when it came as may.
    no_room: bool,
}

impl Removals {
    pub(super) fn hear(&mut self, input: &Input, parameters: &SyncParameters) {
        if let Some((kind, key, tag)) = registers(input) {
            let name = (kind, Model::name(key, tag));
            for waiting in self.waiting.values_mut() {
                waiting.again.insert(name.clone());
            }
        }
        if let Some(request) = input.removal_request() {
            let no_room = self.waiting.len() >= parameters.max_queued_requests;
            self.waiting.insert(request, Waiting { takes: Removed::by(input), again: BTreeSet::new(), no_room });
        }
    }

    /// I7: one answer each, and an excuse only where there is one.
    pub(super) fn answered(
        &mut self,
        request: RequestId,
        answer: Result<(), RemovalError>,
        loaded: bool,
        stopping: bool,
    ) -> Verdict {
        let Some(removal) = self.waiting.remove(&request) else {
            return broken("I7", format!("{request:?} has no reply to get: {answer:?}"));
        };
        match answer {
            Ok(()) if removal.takes.is_some() && !loaded => {
                broken("I3", format!("{request:?} is said to be done, and the store was not read"))
            }
            Ok(()) => {
                self.done.push(removal);
                Ok(())
            }
            Err(RemovalError::QueueFull) if removal.no_room => Ok(()),
            Err(RemovalError::Store | RemovalError::Shutdown) if stopping => Ok(()),
            Err(error) => broken("I7", format!("{request:?} is turned down without a reason: {error:?}")),
        }
    }

    /// What the store holds is not touched while background sync is off, and whoever takes something of it away is
    /// told so.
    pub(super) fn answered_while_off(&mut self, request: RequestId, answer: Result<(), RemovalError>) -> Verdict {
        let Some(removal) = self.waiting.remove(&request) else {
            return broken("I7", format!("{request:?} has no reply to get: {answer:?}"));
        };
        let expected = match removal.takes.filter(Removed::may_be_stored) {
            Some(_) => Err(RemovalError::SwitchedOff),
            None => Ok(()),
        };
        if answer == expected { Ok(()) } else { broken("off", format!("{request:?} is answered {answer:?}")) }
    }

    /// What was said to be durably gone is in the store no longer.
    pub(super) fn gone_as_said(&mut self, stored: &[StoredRegistration]) -> Verdict {
        for removal in std::mem::take(&mut self.done) {
            let Some(takes) = &removal.takes else { continue };
            let left = stored.iter().find(|row| {
                takes.takes(row.kind, &row.key, &row.tag, row.registered.wall)
                    && !removal.again.contains(&(row.kind, Model::name(&row.key, &row.tag)))
            });
            if let Some(left) = left {
                return broken("I3", format!("{:?} is said to be durably gone, and the store has it", left.tag));
            }
        }
        Ok(())
    }

    pub(super) fn all_answered(&self) -> Verdict {
        match self.waiting.keys().next() {
            Some(request) => broken("I7", format!("{request:?} never heard whether what it took away is gone")),
            None => Ok(()),
        }
    }
}

/// What a call of `register` is for.
fn registers(input: &Input) -> Option<(SyncKind, &RegistrationKey, &Tag)> {
    match input {
        Input::Register { key, tag, .. } => Some((SyncKind::OneShot, key, tag)),
        #[cfg(feature = "periodic")]
        Input::Periodic(PeriodicInput::Register { key, tag, .. }) => Some((SyncKind::Periodic, key, tag)),
        _ => None,
    }
}

/// Whether anything of the kind was said.
pub(super) fn any_answer(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::Reply { reply: Reply::Durable(_), .. }))
}
