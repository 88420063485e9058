use std::collections::{BTreeMap, HashMap};

use background_sync_policy::{Origin, Partition, RegistrationKey, SyncKind, UserSwitch};
use background_sync_registration::WallTime;

use crate::input::Unavailable;
use crate::{ClearedScope, Input, WorkerState};

/// What waits while the store is being read, in the order in which it will count.
///
/// Requests are bounded by the caller. Of notices only those are kept that a later one does not cover, so that as
/// many wait as there are things to say something about, however often it is said (invariant I10).
#[derive(Debug, Default)]
pub(in crate::machine) struct Waiting {
    /// With when it was said.
    entries: BTreeMap<u64, (WallTime, Input)>,
    /// Where the last word about something stands.
    last_word: HashMap<Subject, u64>,
    next: u64,
    last_request: u64,
    requests: usize,
    requests_of: HashMap<(Partition, Origin), usize>,
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
    /// Its worker is in this state.
    Worker(RegistrationKey),
    Unregistered(RegistrationKey),
    Cleared(ClearedScope),
    Closed(Partition),
}

impl Waiting {
    pub(in crate::machine) fn requests(&self) -> usize {
        self.requests
    }

    pub(in crate::machine) fn requests_of(&self, partition: Partition, origin: &Origin) -> usize {
        self.requests_of.get(&(partition, origin.clone())).copied().unwrap_or(0)
    }

    /// Takes a request in; somebody waits for its reply.
    pub(in crate::machine) fn push_request(&mut self, at: WallTime, key: &RegistrationKey, request: Input) {
        self.requests += 1;
        *self.requests_of.entry((key.partition(), key.origin().clone())).or_default() += 1;
        self.last_request = self.push(at, request);
    }

    /// Takes a notice in, in place of those that it covers.
    pub(in crate::machine) fn push_notice(&mut self, at: WallTime, notice: Input) {
        match &notice {
            Input::UserSwitch { origin, kind, switch: UserSwitch::Off } => {
                if origin.is_none() {
                    self.forget(&Subject::SwitchedOn(*kind));
                }
                self.replace(at, Subject::SwitchedOff(*kind, origin.clone()), notice);
            }
            // Switching on restores nothing: it only ends a general switch that is off.
            Input::UserSwitch { origin: None, kind, switch: UserSwitch::On } => {
                let (off, on) = (Subject::SwitchedOff(*kind, None), Subject::SwitchedOn(*kind));
                if self.last_word.contains_key(&off) && !self.last_word.contains_key(&on) {
                    self.replace(at, on, notice);
                }
            }
            Input::UserSwitch { origin: Some(_), kind: _, switch: UserSwitch::On } => {}
            Input::PermissionChanged { partition, origin, kind, state } => {
                if !kind.is_allowed(*state) {
                    self.replace(at, Subject::Revoked(*kind, *partition, origin.clone()), notice);
                }
            }
            Input::ClientsChanged { partition, origin, .. } => {
                self.replace(at, Subject::Windows(*partition, origin.clone()), notice);
            }
            Input::WorkerChanged { key, state } => match state {
                WorkerState::NoSuchRegistration => self.unregistered(at, key.clone(), notice),
                WorkerState::NotLoaded | WorkerState::None | WorkerState::Activating | WorkerState::Active => {
                    self.replace(at, Subject::Worker(key.clone()), notice);
                }
            },
            Input::Unregistered { key } => self.unregistered(at, key.clone(), notice),
            Input::DataCleared { scope, .. } => self.cleared(at, scope.clone(), notice),
            Input::PartitionClosed { partition } => self.replace(at, Subject::Closed(*partition), notice),
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
            | Input::Answered { .. }
            | Input::Slept
            | Input::Woke
            | Input::Frozen
            | Input::Thawed
            | Input::Woken { .. }
            | Input::Tick
            | Input::Shutdown => debug_assert!(false, "{notice:?} does not wait for the store"),
        }
    }

    /// Everything, in order, with when it was said.
    pub(in crate::machine) fn into_inputs(self) -> impl Iterator<Item = (WallTime, Input)> {
        self.entries.into_values()
    }

    /// Takes out the requests that give up when the store could not be read.
    pub(in crate::machine) fn take_those_that_give_up(&mut self) -> Vec<Input> {
        // A cancellation is not forgotten, like everything else that takes registrations away.
        let gives_up = |input: &Input| match input {
            Input::Cancel { .. } => false,
            input => input.rejection(Unavailable::Store).is_some(),
        };
        let leaving = self.entries.iter().filter(|(_, (_, input))| gives_up(input)).map(|(at, _)| *at);
        let leaving: Vec<_> = leaving.collect();
        let given_up: Vec<_> =
            leaving.iter().filter_map(|at| self.entries.remove(at)).map(|(_, input)| input).collect();
        for key in given_up.iter().filter_map(Input::key_of_request) {
            self.requests -= 1;
            if let Some(count) = self.requests_of.get_mut(&(key.partition(), key.origin().clone())) {
                *count -= 1;
            }
        }
        self.requests_of.retain(|_, count| *count > 0);
        if self.requests == 0 {
            // Nothing stands between the notices any more: they cover each other anew.
            for (at, notice) in std::mem::take(self).into_inputs() {
                self.push_notice(at, notice);
            }
        }
        given_up
    }

    fn unregistered(&mut self, at: WallTime, key: RegistrationKey, notice: Input) {
        self.forget(&Subject::Worker(key.clone()));
        self.replace(at, Subject::Unregistered(key), notice);
    }

    /// Two clearings with no call between them are one, of the longer time.
    fn cleared(&mut self, at: WallTime, scope: ClearedScope, notice: Input) {
        let Input::DataCleared { since, .. } = notice else { return };
        let subject = Subject::Cleared(scope.clone());
        let earlier = self.last_word.get(&subject).filter(|at| **at > self.last_request || since.is_none());
        let longer = match earlier.and_then(|at| self.entries.remove(at)) {
            // `None` is everything, and sorts first.
            Some((_, Input::DataCleared { since: before, .. })) if since.is_some() => before.min(since),
            Some(_) | None => since,
        };
        let place = self.push(at, Input::DataCleared { scope, since: longer });
        self.last_word.insert(subject, place);
    }

    fn replace(&mut self, at: WallTime, subject: Subject, notice: Input) {
        self.forget(&subject);
        let place = self.push(at, notice);
        self.last_word.insert(subject, place);
    }

    fn forget(&mut self, subject: &Subject) {
        if let Some(at) = self.last_word.remove(subject) {
            self.entries.remove(&at);
        }
    }

    fn push(&mut self, at: WallTime, input: Input) -> u64 {
        self.next += 1;
        self.entries.insert(self.next, (at, input));
        self.next
    }
}
