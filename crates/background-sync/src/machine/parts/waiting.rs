#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use background_sync_policy::{Origin, Partition, RegistrationKey, SyncKind, UserSwitch};
use background_sync_registration::{WallTime, memory};

#[cfg(feature = "periodic")]
use crate::PeriodicInput;
use crate::input::Unavailable;
use crate::taken::Taken;
use crate::{ClearedScope, Input, RequestId, WorkerState};

/// More notices than this do not wait. Those about everybody always have room.
const MOST_NOTICES: usize = 4_096;

/// What waits while the store is being read, in the order in which it will count.
///
/// Requests are bounded by the caller, and so are those who want to hear of a removal. Of notices only those are kept
/// that a later one does not cover, so that as many wait as there are things to say something about, however often it
/// is said; and of those no more than [`MOST_NOTICES`] (invariant I10). None is compared with all others.
#[derive(Debug, Default)]
pub(in crate::machine) struct Waiting {
    entries: BTreeMap<u64, Entry>,
    /// Where the last word about something stands.
    last_word: HashMap<Subject, u64>,
    next: u64,
    last_request: u64,
    requests: usize,
    requests_of: HashMap<(Partition, Origin), usize>,
    asked: usize,
}

/// One thing that waits.
#[derive(Debug)]
pub(in crate::machine) struct Entry {
    pub(in crate::machine) said_at: WallTime,
    pub(in crate::machine) input: Input,
    /// Who wants to hear when what it takes away is durably gone, also of the earlier ones that it covers.
    pub(in crate::machine) asked: Vec<(RequestId, Taken)>,
}

/// What a notice is about. A later one about the same replaces an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    /// Everything was switched off: whatever was asked before that is gone.
    SwitchedOff(SyncKind, Option<(Partition, Origin)>),
    /// The general switch is on again.
    SwitchedOn(SyncKind),
    Revoked(SyncKind, Partition, Origin),
    Windows(Partition, Origin),
    /// The user's word about the conditions of a kind.
    Overridden(SyncKind, Partition, Origin),
    /// Its worker is in this state.
    Worker(RegistrationKey),
    Unregistered(RegistrationKey),
    Cleared(ClearedScope),
    Closed(Partition),
    #[cfg(feature = "periodic")]
    Visited(Partition, Origin),
    #[cfg(feature = "periodic")]
    Engagement(Partition, Origin),
    #[cfg(feature = "periodic")]
    Paused(Partition, Origin),
}

impl Waiting {
    pub(in crate::machine) fn requests(&self) -> usize {
        self.requests
    }

    pub(in crate::machine) fn requests_of(&self, partition: Partition, origin: &Origin) -> usize {
        self.requests_of.get(&(partition, origin.clone())).copied().unwrap_or(0)
    }

    /// How many want to hear of a removal.
    pub(in crate::machine) fn asked(&self) -> usize {
        self.asked
    }

    /// Takes a request in; somebody waits for its reply.
    pub(in crate::machine) fn push_request(&mut self, at: WallTime, key: &RegistrationKey, request: Input) {
        self.requests += 1;
        *self.requests_of.entry((key.partition(), key.origin().clone())).or_default() += 1;
        self.last_request = self.push(Entry { said_at: at, input: request, asked: Vec::new() });
    }

    /// Takes a notice in, in place of those that it covers. `false` when it finds no room.
    pub(in crate::machine) fn push_notice(
        &mut self,
        said_at: WallTime,
        notice: Input,
        asked: Vec<(RequestId, Taken)>,
    ) -> bool {
        let Some(subject) = self.subject_of(&notice) else { return true };
        let is_full = self.entries.len() - self.requests >= MOST_NOTICES && !subject.is_general();
        if is_full && !self.last_word.contains_key(&subject) {
            return false;
        }
        self.take_in(subject, Entry { said_at, input: notice, asked }, is_full)
    }

    /// Puts a notice in the place of those that it covers. `false` when there is room for no more of them than before,
    /// and it covers none.
    fn take_in(&mut self, subject: Subject, entry: Entry, is_full: bool) -> bool {
        self.asked += entry.asked.len();
        match &subject {
            Subject::SwitchedOff(kind, None) => drop(self.forget(&Subject::SwitchedOn(*kind))),
            Subject::Unregistered(key) => drop(self.forget(&Subject::Worker(key.clone()))),
            Subject::Cleared(_) => return self.cleared(subject, entry, is_full),
            Subject::SwitchedOff(_, Some(_))
            | Subject::SwitchedOn(_)
            | Subject::Revoked(..)
            | Subject::Windows(..)
            | Subject::Overridden(..)
            | Subject::Worker(_)
            | Subject::Closed(_) => {}
            #[cfg(feature = "periodic")]
            Subject::Visited(..) | Subject::Engagement(..) | Subject::Paused(..) => {}
        }
        self.replace(subject, entry);
        true
    }

    /// What a notice is about; `None` if it says nothing that a machine without registrations has to remember.
    fn subject_of(&self, notice: &Input) -> Option<Subject> {
        match notice {
            Input::UserSwitch { origin, kind, switch: UserSwitch::Off, .. } => {
                Some(Subject::SwitchedOff(*kind, origin.clone()))
            }
            // Switching on restores nothing: it only ends a general switch that is off.
            Input::UserSwitch { origin: None, kind, switch: UserSwitch::On, .. } => {
                let (off, on) = (Subject::SwitchedOff(*kind, None), Subject::SwitchedOn(*kind));
                let ends = self.last_word.contains_key(&off) && !self.last_word.contains_key(&on);
                ends.then_some(on)
            }
            Input::UserSwitch { origin: Some(_), switch: UserSwitch::On, .. } => None,
            Input::PermissionChanged { partition, origin, kind, state, .. } => {
                (!kind.is_allowed(*state)).then(|| Subject::Revoked(*kind, *partition, origin.clone()))
            }
            Input::ClientsChanged { partition, origin, .. } => Some(Subject::Windows(*partition, origin.clone())),
            Input::ConditionOverride { origin: Some((partition, origin)), kind, .. } => {
                Some(Subject::Overridden(*kind, *partition, origin.clone()))
            }
            Input::WorkerChanged { key, state } => Some(match state {
                WorkerState::NoSuchRegistration => Subject::Unregistered(key.clone()),
                WorkerState::NotLoaded | WorkerState::None | WorkerState::Activating | WorkerState::Active => {
                    Subject::Worker(key.clone())
                }
            }),
            Input::Unregistered { key, .. } => Some(Subject::Unregistered(key.clone())),
            Input::DataCleared { scope, .. } => Some(Subject::Cleared(scope.clone())),
            Input::PartitionClosed { partition, .. } => Some(Subject::Closed(*partition)),
            #[cfg(feature = "periodic")]
            Input::Periodic(said) => periodic_subject(said),
            Input::Rows { .. }
            | Input::Loaded(_)
            | Input::LoadFailed
            | Input::Register { .. }
            | Input::GetTags { .. }
            | Input::Cancel { .. }
            | Input::ReplyDelivered { .. }
            | Input::RequesterGone { .. }
            | Input::Ready { .. }
            | Input::NotStarted { .. }
            | Input::Finished { .. }
            | Input::Committed { .. }
            | Input::CommitFailed { .. }
            | Input::ContentsLost { .. }
            | Input::NetworkChanged { .. }
            | Input::RestrictionChanged { .. }
            | Input::PowerChanged { .. }
            | Input::ConditionOverride { origin: None, .. }
            | Input::WorkersKnown { .. }
            | Input::Answered { .. }
            | Input::Slept
            | Input::Woke
            | Input::Frozen
            | Input::Thawed
            | Input::Woken { .. }
            | Input::Tick
            | Input::Shutdown => {
                debug_assert!(false, "{notice:?} does not wait for the store");
                None
            }
        }
    }

    /// Everything, in order.
    pub(in crate::machine) fn into_entries(self) -> impl Iterator<Item = Entry> {
        self.entries.into_values()
    }

    /// Takes out the requests that give up when the store could not be read.
    pub(in crate::machine) fn take_those_that_give_up(&mut self) -> Vec<Input> {
        // A cancellation is not forgotten, like everything else that takes registrations away.
        let gives_up = |input: &Input| match input {
            Input::Cancel { .. } => false,
            #[cfg(feature = "periodic")]
            Input::Periodic(PeriodicInput::Unregister { .. }) => false,
            input => input.rejection(Unavailable::Store).is_some(),
        };
        let leaving = self.entries.iter().filter(|(_, entry)| gives_up(&entry.input)).map(|(at, _)| *at);
        let leaving: Vec<_> = leaving.collect();
        let given_up: Vec<_> =
            leaving.iter().filter_map(|at| self.entries.remove(at)).map(|entry| entry.input).collect();
        for key in given_up.iter().filter_map(Input::key_of_request) {
            self.requests -= 1;
            if let Some(count) = self.requests_of.get_mut(&(key.partition(), key.origin().clone())) {
                *count -= 1;
            }
        }
        self.requests_of.retain(|_, count| *count > 0);
        if self.requests == 0 {
            // Nothing stands between the notices any more: they cover each other anew. All of them found room before.
            for entry in std::mem::take(self).into_entries() {
                if let Some(subject) = self.subject_of(&entry.input) {
                    self.take_in(subject, entry, false);
                }
            }
        }
        given_up
    }

    /// Two clearings with no call between them are one, of the longer time.
    fn cleared(&mut self, subject: Subject, mut entry: Entry, is_full: bool) -> bool {
        let Input::DataCleared { since, .. } = &mut entry.input else { return true };
        let earlier = self.last_word.get(&subject).filter(|at| **at > self.last_request || since.is_none());
        if let Some(earlier) = earlier.and_then(|at| self.entries.remove(at)) {
            // `None` is everything, and sorts first.
            if let (Input::DataCleared { since: before, .. }, true) = (&earlier.input, since.is_some()) {
                *since = (*since).min(*before);
            }
            entry.asked.splice(..0, earlier.asked);
        } else if is_full {
            self.asked -= entry.asked.len();
            return false;
        }
        let place = self.push(entry);
        self.last_word.insert(subject, place);
        true
    }

    fn replace(&mut self, subject: Subject, mut entry: Entry) {
        if let Some(covered) = self.forget(&subject) {
            entry.asked.splice(..0, covered.asked);
        }
        let place = self.push(entry);
        self.last_word.insert(subject, place);
    }

    fn forget(&mut self, subject: &Subject) -> Option<Entry> {
        self.entries.remove(&self.last_word.remove(subject)?)
    }

    fn push(&mut self, entry: Entry) -> u64 {
        self.next += 1;
        self.entries.insert(self.next, entry);
        self.next
    }

    /// Without the texts that what waits brought along.
    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let Self { entries, last_word, requests_of, next: _, last_request: _, requests: _, asked: _ } = self;
        let asked: usize = entries.values().map(|entry| memory::of_vec(&entry.asked)).sum();
        memory::of_tree(entries) + memory::of_map(last_word) + memory::of_map(requests_of) + asked
    }
}

impl Subject {
    /// Whether it is about everybody: there are few of these.
    fn is_general(&self) -> bool {
        match self {
            Self::SwitchedOff(_, None) | Self::SwitchedOn(_) => true,
            Self::SwitchedOff(_, Some(_))
            | Self::Revoked(..)
            | Self::Windows(..)
            | Self::Overridden(..)
            | Self::Worker(_)
            | Self::Unregistered(_)
            | Self::Cleared(_)
            | Self::Closed(_) => false,
            #[cfg(feature = "periodic")]
            Self::Visited(..) | Self::Engagement(..) | Self::Paused(..) => false,
        }
    }
}

#[cfg(feature = "periodic")]
fn periodic_subject(said: &PeriodicInput) -> Option<Subject> {
    match said {
        PeriodicInput::Visited { partition, origin, .. } => Some(Subject::Visited(*partition, origin.clone())),
        PeriodicInput::EngagementChanged { partition, origin, .. } => {
            Some(Subject::Engagement(*partition, origin.clone()))
        }
        PeriodicInput::PauseChanged { partition, origin, .. } => Some(Subject::Paused(*partition, origin.clone())),
        PeriodicInput::Register { .. } | PeriodicInput::Unregister { .. } | PeriodicInput::UtcOffset(_) => {
            debug_assert!(false, "{said:?} is no notice that waits for the store");
            None
        }
    }
}
