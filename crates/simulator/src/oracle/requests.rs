use std::collections::BTreeMap;

use background_sync::policy::{
    ActiveWorker, Facts, PermissionState, Refusal, RegistrationKey, SystemRestriction, UserSwitch,
};
use background_sync::registration::{Now, Tag};
use background_sync::scheduler::SyncParameters;
use background_sync::{Input, RegisterError, Reply, RequestId};

use super::model::Removed;
use super::{Verdict, broken};
use crate::world::Trouble;

/// Requests without a reply.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    waiting: BTreeMap<RequestId, Asked>,
    general_switch_off: bool,
    store_failed: bool,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) what: What,
    /// Something happened since that may reject it.
    disturbed: bool,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Register { key: RegistrationKey, tag: Tag, facts: Facts },
    GetTags { key: RegistrationKey },
    Cancel,
}

impl Asked {
    pub(super) fn disturbed(&self) -> bool {
        self.disturbed
    }
}

impl Requests {
    pub(super) fn hear(&mut self, _now: Now, input: &Input) {
        let (request, what) = match input {
            Input::Register { request, key, tag, facts, .. } => {
                let mut facts = *facts;
                if self.general_switch_off {
                    facts.switch = UserSwitch::Off;
                }
                (request, What::Register { key: key.clone(), tag: tag.clone(), facts })
            }
            Input::GetTags { request, key } => (request, What::GetTags { key: key.clone() }),
            Input::Cancel { request, .. } => (request, What::Cancel),
            Input::UserSwitch { origin: None, switch } => {
                self.general_switch_off = *switch == UserSwitch::Off;
                return;
            }
            Input::CommitFailed { .. } | Input::ContentsLost { .. } | Input::LoadFailed => {
                self.store_failed = true;
                return;
            }
            // A revocation that is noticed late, when a worker is ready, takes calls with it too.
            Input::Ready { facts, .. }
                if facts.switch == UserSwitch::Off || facts.permission == PermissionState::Denied =>
            {
                self.waiting.values_mut().for_each(|asked| asked.disturbed = true);
                return;
            }
            _ => return,
        };
        self.waiting.insert(*request, Asked { what, disturbed: false });
    }

    pub(super) fn disturbed(&mut self, gone: &Removed) {
        for asked in self.waiting.values_mut() {
            if let What::Register { key, tag, .. } = &asked.what {
                asked.disturbed |= gone.concerns(key, tag);
            }
        }
    }

    /// I7: one reply per request, of its kind; and the right one.
    pub(super) fn answered(
        &mut self,
        request: RequestId,
        reply: &Reply,
        parameters: &SyncParameters,
    ) -> Result<Asked, Trouble> {
        let Some(asked) = self.waiting.remove(&request) else {
            return Err(Trouble::Broken {
                invariant: "I7",
                what: format!("{request:?} has no reply to get: {reply:?}"),
            });
        };
        match (&asked.what, reply) {
            (What::Register { key, tag, facts }, Reply::Registered(result)) => {
                self.judge(key, tag, facts, asked.disturbed, *result, parameters)?;
            }
            (What::GetTags { .. }, Reply::Tags(_)) | (What::Cancel, Reply::Cancelled(_)) => {}
            (What::Register { .. } | What::GetTags { .. } | What::Cancel, _) => {
                broken("I7", format!("{request:?} gets a reply of another kind: {reply:?}"))?;
            }
        }
        Ok(asked)
    }

    fn judge(
        &self,
        key: &RegistrationKey,
        tag: &Tag,
        facts: &Facts,
        disturbed: bool,
        result: Result<(), RegisterError>,
        parameters: &SyncParameters,
    ) -> Verdict {
        let rule = rule_broken(key, tag, facts, parameters);
        match (result, rule) {
            (Ok(()), Some(rule)) => broken("I1", format!("{tag:?} was registered against {rule:?}")),
            (Err(RegisterError::Refused(given)), Some(rule)) if given != rule => {
                broken("I1", format!("{tag:?} was refused for {given:?} and not for {rule:?}, which comes first"))
            }
            (
                Err(RegisterError::Refused(
                    Refusal::TooManyForWorker | Refusal::TooManyForOrigin | Refusal::TooManyTagBytes,
                )),
                None,
            ) => Ok(()),
            (Err(RegisterError::Refused(given)), None) if !disturbed => {
                broken("I1", format!("{tag:?} was refused for {given:?}, and no rule was broken"))
            }
            (Err(RegisterError::Store), _) if !self.store_failed => {
                broken("I11", format!("{tag:?} was rejected by a store that never failed"))
            }
            (Err(RegisterError::Cleared), _) if !disturbed => {
                broken("I11", format!("{tag:?} was rejected as cleared, and nothing was"))
            }
            (Ok(()) | Err(_), _) => Ok(()),
        }
    }

    pub(super) fn all_answered(&self) -> Verdict {
        match self.waiting.first_key_value() {
            Some((request, asked)) => broken("I7", format!("{request:?} never got a reply: {:?}", asked.what)),
            None => Ok(()),
        }
    }
}

/// The rules once more, as plainly as can be. Caps on numbers are not looked at.
fn rule_broken(key: &RegistrationKey, tag: &Tag, facts: &Facts, parameters: &SyncParameters) -> Option<Refusal> {
    let windows = facts.windows;
    let rules = [
        (!facts.secure_context, Refusal::InsecureContext),
        (facts.worker == ActiveWorker::NoSuchRegistration, Refusal::NoSuchRegistration),
        (facts.worker == ActiveWorker::None, Refusal::NoActiveWorker),
        (facts.fenced, Refusal::FencedFrame),
        (facts.switch == UserSwitch::Off, Refusal::SwitchedOff),
        (facts.restriction != SystemRestriction::None, Refusal::SystemRestricted),
        (facts.permission == PermissionState::Denied, Refusal::PermissionDenied),
        (windows.top_level == 0 && windows.auxiliary == 0, Refusal::NoWindow),
        (key.storage_key().is_third_party(), Refusal::ThirdParty),
        (tag.len_utf16() > parameters.limits.max_tag_length, Refusal::TagTooLong),
    ];
    rules.into_iter().find(|(is_broken, _)| *is_broken).map(|(_, rule)| rule)
}
