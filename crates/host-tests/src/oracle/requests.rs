use std::collections::BTreeMap;

use background_sync::policy::{
    Facts, PermissionState, Refusal, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WorkerState,
};
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{CancelError, GetTagsError, Input, RegisterError, Reply, RequestId};
use url::{Host, Url};

use super::removed::Removed;
use super::{Verdict, broken};
use crate::Broken;
use crate::Site;

/// Requests without a reply.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests {
    waiting: BTreeMap<RequestId, Asked>,
    /// How many calls there were.
    calls: u64,
    general_switch_off: bool,
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
    Register { key: RegistrationKey, tag: Tag, facts: Facts },
    GetTags { key: RegistrationKey },
    Cancel { key: RegistrationKey },
}

impl What {
    fn key(&self) -> &RegistrationKey {
        match self {
            Self::Register { key, .. } | Self::GetTags { key } | Self::Cancel { key } => key,
        }
    }
}

impl Asked {
    pub(super) fn disturbed(&self) -> bool {
        self.disturbed
    }
}

impl Requests {
    pub(super) fn hear(&mut self, input: &Input, parameters: &SyncParameters) {
        let (request, what) = match input {
            Input::Register { request, key, tag, facts, .. } => {
                let mut facts = *facts;
                if self.general_switch_off {
                    facts.switch = UserSwitch::Off;
                }
                (request, What::Register { key: key.clone(), tag: tag.clone(), facts })
            }
            Input::GetTags { kind: SyncKind::OneShot, request, key, .. } => {
                (request, What::GetTags { key: key.clone() })
            }
            Input::Cancel { kind: SyncKind::OneShot, request, key, .. } => (request, What::Cancel { key: key.clone() }),
            Input::UserSwitch { request: _, kind: SyncKind::OneShot, origin: None, switch } => {
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
        let site = Site::of(what.key());
        let no_room = self.waiting.len() >= parameters.max_queued_requests
            || self.of_site(&site) >= parameters.max_queued_requests_per_origin;
        self.calls += 1;
        self.waiting.insert(*request, Asked { what, disturbed: false, number: self.calls, no_room });
    }

    /// Whether this is a call that found no room when it came.
    pub(super) fn finds_no_room(&self, input: &Input) -> bool {
        match input {
            Input::Register { request, .. } => self.waiting.get(request).is_some_and(|asked| asked.no_room),
            _ => false,
        }
    }

    /// Whether a call of `register` is refused when it is made, whenever it is answered.
    pub(super) fn breaks_a_rule(&self, request: RequestId, parameters: &SyncParameters) -> bool {
        match self.waiting.get(&request).map(|asked| &asked.what) {
            Some(What::Register { key, tag, facts }) => rule_broken(key, tag, facts, parameters).is_some(),
            Some(What::GetTags { .. } | What::Cancel { .. }) | None => false,
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
        let no_room = matches!(
            reply,
            Reply::Registered(Err(RegisterError::QueueFull))
                | Reply::Tags(Err(GetTagsError::QueueFull))
                | Reply::Cancelled(Err(CancelError::QueueFull))
        );
        let earlier = |other: &&Asked| other.number < asked.number && other.what.key() == asked.what.key();
        let holds = |other: &Asked| loaded || !matches!(other.what, What::Cancel { .. });
        no_room || !self.waiting.values().filter(earlier).any(holds)
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
        loaded: bool,
    ) -> Result<Asked, Broken> {
        let Some(asked) = self.waiting.remove(&request) else {
            return Err(Broken { invariant: "I7", what: format!("{request:?} has no reply to get: {reply:?}") });
        };
        if !self.is_in_turn(&asked, reply, loaded) {
            broken("order", format!("the reply to {request:?} overtakes an earlier one of its key: {reply:?}"))?;
        }
        match (&asked.what, reply) {
            (_, Reply::Registered(Err(RegisterError::QueueFull)))
            | (_, Reply::Tags(Err(GetTagsError::QueueFull)))
            | (_, Reply::Cancelled(Err(CancelError::QueueFull)))
                if !asked.no_room =>
            {
                broken("I17", format!("{request:?} is turned down for want of room, and there was room"))?;
            }
            (What::Register { key, tag, facts }, Reply::Registered(result)) => {
                self.judge(key, tag, facts, asked.disturbed, *result, parameters)?;
            }
            (What::GetTags { .. }, Reply::Tags(Ok(tags))) if !parameters.enabled && !tags.is_empty() => {
                broken("off", format!("{request:?} lists {tags:?}, and background sync is off"))?;
            }
            (What::Cancel { .. }, Reply::Cancelled(Ok(true))) if !parameters.enabled => {
                broken("off", format!("{request:?} cancelled something, and background sync is off"))?;
            }
            (What::GetTags { .. }, Reply::Tags(_)) | (What::Cancel { .. }, Reply::Cancelled(_)) => {}
            (What::Register { .. } | What::GetTags { .. } | What::Cancel { .. }, _) => {
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
fn rule_broken(key: &RegistrationKey, tag: &Tag, facts: &Facts, parameters: &SyncParameters) -> Option<Refusal> {
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
        (facts.permission == PermissionState::Denied, Refusal::PermissionDenied),
        (windows.top_level == 0 && windows.auxiliary == 0, Refusal::NoWindow),
        (key.storage_key().is_third_party(), Refusal::ThirdParty),
        (tag.len_utf16() > parameters.limits.max_tag_length, Refusal::TagTooLong),
    ];
    rules.into_iter().find(|(is_broken, _)| *is_broken).map(|(_, rule)| rule)
}
