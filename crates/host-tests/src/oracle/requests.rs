use std::collections::BTreeMap;

use background_sync::policy::{
    Facts, PerKind, Refusal, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WorkerState,
};
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{CancelError, GetTagsError, Input, RegisterError, Reply, RequestId};
#[cfg(feature = "periodic")]
use background_sync::{PeriodicInput, UnregisterError};
use url::{Host, Url};

use super::removed::{Removed, permits};
use super::{Verdict, broken};
use crate::Broken;
use crate::Site;

/// Requests without a reply.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    waiting: BTreeMap<RequestId, Asked>,
    /// How many calls there were.
    calls: u64,
    /// Kinds that are switched off for everybody.
    switched_off: PerKind<bool>,
    store_failed: bool,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) what: What,
    /// Something happened since that may reject it.
    disturbed: bool,
    /// Calls are numbered as they come.
    number: u64,
    /// Its origin's share of the queue, or the queue, was used up when it came.
    no_room: bool,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Register {
        kind: SyncKind,
        key: RegistrationKey,
        tag: Tag,
        facts: Facts,
    },
    GetTags {
        kind: SyncKind,
        key: RegistrationKey,
    },
    Cancel {
        key: RegistrationKey,
    },
    /// By the page, of a periodic one.
    #[cfg(feature = "periodic")]
    Unregister {
        key: RegistrationKey,
        tag: Tag,
    },
}

impl What {
    fn key(&self) -> &RegistrationKey {
        match self {
            Self::Register { key, .. } | Self::GetTags { key, .. } | Self::Cancel { key, .. } => key,
            #[cfg(feature = "periodic")]
            Self::Unregister { key, .. } => key,
        }
    }

    /// The request that an input is, if it is one.
    fn of(input: &Input) -> Option<(RequestId, Self)> {
        Some(match input {
            Input::Register { request, key, tag, facts, .. } => {
                let what =
                    Self::Register { kind: SyncKind::OneShot, key: key.clone(), tag: tag.clone(), facts: *facts };
                (*request, what)
            }
            Input::GetTags { kind, request, key } => (*request, Self::GetTags { kind: *kind, key: key.clone() }),
            Input::Cancel { request, key, .. } => (*request, Self::Cancel { key: key.clone() }),
            #[cfg(feature = "periodic")]
            Input::Periodic(PeriodicInput::Register { request, key, tag, facts, .. }) => {
                let what =
                    Self::Register { kind: SyncKind::Periodic, key: key.clone(), tag: tag.clone(), facts: *facts };
                (*request, what)
            }
            #[cfg(feature = "periodic")]
            Input::Periodic(PeriodicInput::Unregister { request, key, tag }) => {
                (*request, Self::Unregister { key: key.clone(), tag: tag.clone() })
            }
            _ => return None,
        })
    }
}

impl Asked {
    pub(super) fn disturbed(&self) -> bool {
        self.disturbed
    }
}

impl Requests {
    pub(super) fn hear(&mut self, input: &Input, parameters: &SyncParameters) {
        match input {
            Input::UserSwitch { request: _, kind, origin: None, switch } => {
                *self.switched_off.of_mut(*kind) = *switch == UserSwitch::Off;
            }
            Input::CommitFailed { .. } | Input::ContentsLost { .. } | Input::LoadFailed => self.store_failed = true,
            _ => {}
        }
        let Some((request, mut what)) = What::of(input) else { return };
        if let What::Register { kind, facts, .. } = &mut what
            && (*self.switched_off.of(*kind) || !parameters.runs(*kind))
        {
            facts.switch = UserSwitch::Off;
        }
        let site = Site::of(what.key());
        let no_room = self.waiting.len() >= parameters.max_queued_requests
            || self.of_site(&site) >= parameters.max_queued_requests_per_origin;
        self.calls += 1;
        self.waiting.insert(request, Asked { what, disturbed: false, number: self.calls, no_room });
    }

    /// A revocation that is noticed late, when a worker is ready, takes calls with it too.
    pub(super) fn all_disturbed(&mut self) {
        self.waiting.values_mut().for_each(|asked| asked.disturbed = true);
    }

    /// Whether this is a call that found no room when it came.
    pub(super) fn finds_no_room(&self, input: &Input) -> bool {
        let register = What::of(input).filter(|(_, what)| matches!(what, What::Register { .. }));
        register.and_then(|(request, _)| self.waiting.get(&request)).is_some_and(|asked| asked.no_room)
    }

    /// Whether a call of `register` is refused when it is made, whenever it is answered.
    pub(super) fn breaks_a_rule(&self, request: RequestId, parameters: &SyncParameters) -> bool {
        match self.waiting.get(&request).map(|asked| &asked.what) {
            Some(What::Register { kind, key, tag, facts }) => {
                rule_broken(*kind, (key, tag), facts, parameters).is_some()
            }
            Some(_) | None => false,
        }
    }

    fn of_site(&self, site: &Site) -> usize {
        self.waiting.values().filter(|asked| site.holds(asked.what.key())).count()
    }

    /// I10, I17: no more wait than there is room for, of one origin and in all.
    pub(super) fn keep_their_shares(&self, parameters: &SyncParameters) -> Verdict {
        let most = parameters.max_queued_requests_per_origin;
        if self.waiting.len() > parameters.max_queued_requests {
            return broken("I10", format!("{} requests wait", self.waiting.len()));
        }
        if self.waiting.len() <= most {
            return Ok(());
        }
        match self.waiting.values().map(|asked| Site::of(asked.what.key())).find(|site| self.of_site(site) > most) {
            Some(site) => broken("I17", format!("{} requests of {} wait", self.of_site(&site), site.origin)),
            None => Ok(()),
        }
    }

    /// Replies of a key leave in call order; only a call that finds no room is turned down at once, and when the
    /// store cannot be read a cancellation waits on.
    fn is_in_turn(&self, asked: &Asked, reply: &Reply, loaded: bool) -> bool {
        let earlier = |other: &&Asked| other.number < asked.number && other.what.key() == asked.what.key();
        let holds = |other: &Asked| loaded || !matches!(other.what, What::Cancel { .. });
        found_no_room(reply) || !self.waiting.values().filter(earlier).any(holds)
    }

    pub(super) fn disturbed(&mut self, gone: &Removed) {
        for asked in self.waiting.values_mut() {
            if let What::Register { kind, key, tag, .. } = &asked.what {
                asked.disturbed |= gone.concerns(*kind, key, tag);
            }
        }
    }

    /// I7: one reply per request, of its kind; and the right one.
    pub(super) fn answered(
        &mut self,
        request: RequestId,
        reply: &Reply,
        parameters: &SyncParameters,
        loaded: bool,
    ) -> Result<Asked, Broken> {
        let Some(asked) = self.waiting.remove(&request) else {
            return Err(Broken { invariant: "I7", what: format!("{request:?} has no reply to get: {reply:?}") });
        };
        if !self.is_in_turn(&asked, reply, loaded) {
            broken("order", format!("the reply to {request:?} overtakes an earlier one of its key: {reply:?}"))?;
        }
        if found_no_room(reply) && !asked.no_room {
            broken("I17", format!("{request:?} is turned down for want of room, and there was room"))?;
        }
        match (&asked.what, reply) {
            (What::Register { kind, key, tag, facts }, Reply::Registered(result)) => {
                let rule = rule_broken(*kind, (key, tag), facts, parameters);
                self.judge(tag, rule, asked.disturbed, *result)?;
            }
            (What::GetTags { .. }, Reply::Tags(Ok(tags))) if !parameters.enabled && !tags.is_empty() => {
                broken("off", format!("{request:?} lists {tags:?}, and background sync is off"))?;
            }
            (What::Cancel { .. }, Reply::Cancelled(Ok(true))) if !parameters.enabled => {
                broken("off", format!("{request:?} cancelled something, and background sync is off"))?;
            }
            (What::GetTags { .. }, Reply::Tags(_)) | (What::Cancel { .. }, Reply::Cancelled(_)) => {}
            #[cfg(feature = "periodic")]
            (What::Unregister { .. }, Reply::Unregistered(_)) => {}
            (_, _) => {
                broken("I7", format!("{request:?} gets a reply of another kind: {reply:?}"))?;
            }
        }
        Ok(asked)
    }

    fn judge(&self, tag: &Tag, rule: Option<Refusal>, disturbed: bool, result: Result<(), RegisterError>) -> Verdict {
        match (result, rule) {
            (Ok(()), Some(rule)) => broken("I1", format!("{tag:?} was registered against {rule:?}")),
            (Err(RegisterError::Refused(given)), Some(rule)) if given != rule => {
                broken("I1", format!("{tag:?} was refused for {given:?} and not for {rule:?}, which comes first"))
            }
            (
                Err(RegisterError::Refused(
                    Refusal::TooManyForWorker
                    | Refusal::TooManyForOrigin
                    | Refusal::TooManyTagBytes
                    | Refusal::TooManyTagBytesOfProfile,
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

/// Whether a reply turns a request down for want of room.
fn found_no_room(reply: &Reply) -> bool {
    match reply {
        Reply::Registered(Err(RegisterError::QueueFull))
        | Reply::Tags(Err(GetTagsError::QueueFull))
        | Reply::Cancelled(Err(CancelError::QueueFull)) => true,
        #[cfg(feature = "periodic")]
        Reply::Unregistered(Err(UnregisterError::QueueFull)) => true,
        _ => false,
    }
}

/// Whether what is loaded of a key's origin came through a network in the clear.
fn is_http_of_others(key: &RegistrationKey) -> bool {
    let Ok(scope) = Url::parse(key.scope().as_str()) else { return true };
    let from_here = match scope.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.rsplit('.').next() == Some("localhost"),
        None => false,
    };
    scope.scheme() == "http" && !from_here
}

/// The rules once more, as plainly as can be. Caps on numbers are not looked at.
fn rule_broken(
    kind: SyncKind,
    (key, tag): (&RegistrationKey, &Tag),
    facts: &Facts,
    parameters: &SyncParameters,
) -> Option<Refusal> {
    let windows = facts.windows;
    let rules = [
        (!parameters.enabled, Refusal::SwitchedOff),
        (!facts.secure_context || is_http_of_others(key), Refusal::InsecureContext),
        (facts.worker == WorkerState::NoSuchRegistration, Refusal::NoSuchRegistration),
        (facts.worker == WorkerState::NotLoaded, Refusal::WorkerNotLoaded),
        (facts.worker == WorkerState::None, Refusal::NoActiveWorker),
        (facts.fenced, Refusal::FencedFrame),
        (facts.switch == UserSwitch::Off, Refusal::SwitchedOff),
        (facts.restriction != SystemRestriction::None, Refusal::SystemRestricted),
        (!permits(kind, facts.permission), Refusal::PermissionDenied),
        (windows.top_level == 0 && windows.auxiliary == 0, Refusal::NoWindow),
        (key.storage_key().is_third_party(), Refusal::ThirdParty),
        (tag.len_utf16() > parameters.limits.max_tag_length, Refusal::TagTooLong),
    ];
    rules.into_iter().find(|(is_broken, _)| *is_broken).map(|(_, rule)| rule)
}
