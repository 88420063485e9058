use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::{Origin, Partition, PermissionState, RegistrationKey, UserSwitch};
use background_sync::registration::{MonotonicTime, Now, StoredRegistration, StoredState, Tag, WallTime};
use background_sync::scheduler::SyncParameters;
use background_sync::{
    AskedBy, AttemptId, CancelError, ClearedScope, EventName, Input, Loaded, LogEntry, MetadataName, Outcome, Reply,
    RequestId, SyncEventInit, TerminateReason, WorkerState,
};

use super::attempts::Ran;
use super::requests::{Asked, What};
use super::{Verdict, broken};

/// A registration's name: the key, and the code units of the tag.
type Name = (RegistrationKey, Vec<u16>);

/// A reply that nobody confirms holds its event for this long.
const DELIVERY: Duration = Duration::from_secs(1);

/// The lists of the specification, as far as they can be known from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    records: BTreeMap<Name, Record>,
    asks: BTreeMap<RequestId, Ask>,
    /// When the last event of a tag ended, and whether another may follow at once.
    ends: BTreeMap<Name, Ended>,
    denied: Vec<(Partition, Origin)>,
    /// What cancellations took away that have no reply yet.
    cancelled: BTreeMap<RequestId, (Name, Record)>,
    next_order: u64,
    loading: bool,
}

/// A registration.
#[derive(Clone, Debug)]
struct Record {
    order: u64,
    /// `false` when two orders of things at one moment are both right, and it may or may not be there.
    certain: bool,
    registered: WallTime,
    /// On the clock of this session.
    registered_at: Option<MonotonicTime>,
    /// The call that made it, until its reply is delivered, and when that was sent.
    undelivered: Option<(RequestId, MonotonicTime)>,
    running: Option<AttemptId>,
    dispatches: u32,
    again: Again,
    /// Events in a row that were registered again by a page while they ran. What a worker does is spaced by
    /// a row of its own, which a quiet event breaks.
    in_a_row: u32,
    again_by_worker: bool,
    told_last: bool,
}

/// Whether it was registered again while its event ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    No,
    /// The call was made before the event was dispatched, and answered after.
    Maybe,
    Yes,
}

#[derive(Clone, Debug)]
struct Ask {
    name: Name,
    order: u64,
    at: Now,
    /// Dispatches of the tag when the call was made.
    dispatches: u32,
    asked_by: AskedBy,
}

#[derive(Clone, Copy, Debug)]
struct Ended {
    at: MonotonicTime,
    hop_is_free: bool,
}

/// How an event ended, for its registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Fulfilled,
    Failed,
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fulfilled => Self::Fulfilled,
            Outcome::Rejected | Outcome::Terminated | Outcome::Crashed | Outcome::Deferred(_) => Self::Failed,
        }
    }
}

impl From<TerminateReason> for End {
    fn from(reason: TerminateReason) -> Self {
        match reason {
            TerminateReason::Timeout
            | TerminateReason::SwitchedOff
            | TerminateReason::PartitionClosed
            | TerminateReason::Shutdown => Self::Failed,
        }
    }
}

/// What an input takes away.
#[derive(Clone, Debug)]
pub(super) struct Removed {
    scope: ClearedScope,
    tag: Option<Tag>,
    since: Option<WallTime>,
    everything: bool,
    /// The request, which may be turned down: then nothing is taken away.
    request: Option<RequestId>,
}

impl Removed {
    pub(super) fn by(input: &Input) -> Option<Self> {
        let all_of = |scope| Some(Self { scope, tag: None, since: None, everything: false, request: None });
        match input {
            Input::Cancel { request, key, tag } => {
                let scope = ClearedScope::Key(key.clone());
                Some(Self { scope, tag: Some(tag.clone()), since: None, everything: false, request: Some(*request) })
            }
            Input::Unregistered { key } | Input::WorkerChanged { key, state: WorkerState::NoSuchRegistration } => {
                all_of(ClearedScope::Key(key.clone()))
            }
            Input::PermissionChanged { partition, origin, state: PermissionState::Denied }
            | Input::UserSwitch { origin: Some((partition, origin)), switch: UserSwitch::Off } => {
                all_of(ClearedScope::Origin(*partition, origin.clone()))
            }
            Input::UserSwitch { origin: None, switch: UserSwitch::Off } => {
                let scope = ClearedScope::Partition(Partition::Profile(background_sync::policy::PartitionId(0)));
                Some(Self { scope, tag: None, since: None, everything: true, request: None })
            }
            Input::DataCleared { scope, since } => {
                Some(Self { scope: scope.clone(), tag: None, since: *since, everything: false, request: None })
            }
            Input::PartitionClosed { partition } if partition.is_private() => {
                all_of(ClearedScope::Partition(*partition))
            }
            _ => None,
        }
    }

    pub(super) fn concerns(&self, key: &RegistrationKey, tag: &Tag) -> bool {
        let of_scope = match &self.scope {
            ClearedScope::Partition(partition) => key.partition() == *partition,
            ClearedScope::Origin(partition, origin) => key.partition() == *partition && key.origin() == origin,
            ClearedScope::Key(other) => key == other,
        };
        self.everything || (of_scope && self.tag.as_ref().is_none_or(|other| other == tag))
    }
}

impl Model {
    /// Before the store was read.
    pub(super) fn starting() -> Self {
        Self { loading: true, ..Self::default() }
    }

    fn name(key: &RegistrationKey, tag: &Tag) -> Name {
        (key.clone(), tag.to_utf16())
    }

    fn has_asks(&self, name: &Name) -> bool {
        self.asks.values().any(|ask| ask.name == *name)
    }

    /// Whether the tag is registered beyond doubt.
    pub(super) fn is_certain(&self, key: &RegistrationKey, tag: &Tag) -> bool {
        self.records.get(&Self::name(key, tag)).is_some_and(|record| record.certain)
    }

    pub(super) fn asked(&mut self, now: Now, request: RequestId, key: &RegistrationKey, tag: &Tag, asked_by: AskedBy) {
        let name = Self::name(key, tag);
        let record = self.records.get(&name);
        // An earlier call of the tag that still waits lends nothing: it may be refused, and then this one is the
        // first. If it is not, there is a record by the time this one has its reply.
        let order = record.map(|record| record.order).unwrap_or_else(|| {
            self.next_order += 1;
            self.next_order
        });
        let dispatches = record.map_or(0, |record| record.dispatches);
        self.asks.insert(request, Ask { name, order, at: now, dispatches, asked_by });
    }

    pub(super) fn replied(
        &mut self,
        now: Now,
        request: RequestId,
        asked: &Asked,
        reply: &Reply,
        parameters: &SyncParameters,
    ) -> Verdict {
        match (&asked.what, reply) {
            (What::Register { .. }, Reply::Registered(Ok(()))) => {
                self.registered(now, request, asked.disturbed(), parameters);
                Ok(())
            }
            (What::GetTags { key }, Reply::Tags(Ok(tags))) => self.listed(key, tags),
            (What::Cancel, Reply::Cancelled(result)) => {
                if let (Some((name, record)), Err(CancelError::QueueFull)) = (self.cancelled.remove(&request), result) {
                    self.records.entry(name).or_insert(record);
                }
                Ok(())
            }
            (What::Register { .. } | What::GetTags { .. } | What::Cancel, _) => {
                self.asks.remove(&request);
                Ok(())
            }
        }
    }

    /// sync.register.8 and sync.register.9.
    fn registered(&mut self, now: Now, request: RequestId, disturbed: bool, parameters: &SyncParameters) {
        let Some(ask) = self.asks.remove(&request) else { return };
        let new = Record {
            order: ask.order,
            certain: !disturbed,
            registered: ask.at.wall,
            registered_at: Some(ask.at.monotonic),
            undelivered: Some((request, now.monotonic)),
            running: None,
            dispatches: 0,
            again: Again::No,
            in_a_row: 0,
            again_by_worker: false,
            told_last: false,
        };
        let Some(record) = self.records.get_mut(&ask.name) else {
            self.records.insert(ask.name, new);
            return;
        };
        record.certain = !disturbed;
        if parameters.register_ends_wait || record.running.is_some() {
            record.registered = ask.at.wall;
            record.registered_at = Some(ask.at.monotonic);
        }
        if record.running.is_some() {
            let during = ask.dispatches == record.dispatches;
            record.again_by_worker |= ask.asked_by == AskedBy::Worker;
            record.again = match (record.again, during) {
                (Again::Yes, _) | (_, true) => Again::Yes,
                (Again::No | Again::Maybe, false) => Again::Maybe,
            };
        }
    }

    pub(super) fn delivered(&mut self, request: RequestId) {
        for record in self.records.values_mut() {
            record.undelivered = record.undelivered.filter(|(waiting, _)| *waiting != request);
        }
    }

    /// sync.getTags.3: all that is acknowledged, first registration first.
    fn listed(&self, key: &RegistrationKey, tags: &[Tag]) -> Verdict {
        let of_key = || self.records.iter().filter(|((other, _), _)| other == key);
        for ((_, units), _) in of_key().filter(|(_, record)| record.certain) {
            if !tags.iter().any(|tag| tag.to_utf16() == *units) {
                return broken(
                    "getTags",
                    format!("{:?} is registered and missing in {tags:?}", Tag::from_utf16(units)),
                );
            }
        }
        let mut last = 0;
        for tag in tags {
            let name = Self::name(key, tag);
            match self.records.get(&name) {
                Some(record) if record.certain => {
                    if record.order < last {
                        return broken("getTags", format!("{tag:?} was registered before others in {tags:?}"));
                    }
                    last = record.order;
                }
                Some(_) => {}
                None if self.has_asks(&name) => {}
                None => return broken("getTags", format!("{tag:?} is listed and not registered")),
            }
        }
        Ok(())
    }

    pub(super) fn dispatched(
        &mut self,
        now: Now,
        attempt: AttemptId,
        key: &RegistrationKey,
        event: &SyncEventInit,
        parameters: &SyncParameters,
    ) -> Verdict {
        let name = Self::name(key, &event.tag);
        let tag = &event.tag;
        let Some(record) = self.records.get_mut(&name) else {
            return broken("I1", format!("an event of {tag:?}, which is not registered"));
        };
        if record.told_last {
            return broken("I6", format!("an event of {tag:?} after its last chance"));
        }
        if record.undelivered.is_some_and(|(_, sent)| now.monotonic.since(sent) < DELIVERY) {
            return broken("I3", format!("the event of {tag:?} overtakes the reply that promises it"));
        }
        if let Some(ended) = self.ends.get(&name)
            && !ended.hop_is_free
            && now.monotonic.since(ended.at) < parameters.min_refire_spacing
        {
            return broken("I13", format!("{tag:?} fires again at once"));
        }
        record.certain = true;
        record.running = Some(attempt);
        record.dispatches += 1;
        record.again = Again::No;
        record.undelivered = None;
        record.told_last = event.last_chance;
        Ok(())
    }

    /// sync.fire.5.2 and sync.fire.5.3.
    pub(super) fn settle(&mut self, ran: &Ran, end: End, now: Now) {
        let name = Self::name(&ran.key, &ran.event.tag);
        let asked = self.has_asks(&name);
        let Some(record) = self.records.get_mut(&name).filter(|record| record.running == Some(ran.attempt)) else {
            return;
        };
        let hop_is_free = asked || (record.again != Again::No && (record.again_by_worker || record.in_a_row == 0));
        record.again_by_worker = false;
        self.ends.insert(name.clone(), Ended { at: now.monotonic, hop_is_free });
        record.running = None;
        let done = match end {
            End::Fulfilled => true,
            End::Failed => ran.event.last_chance,
        };
        match (record.again, done) {
            (Again::Yes, _) => {
                record.in_a_row += 1;
                record.told_last = false;
            }
            (Again::Maybe, true) => {
                record.certain = false;
                record.told_last = false;
            }
            (Again::Maybe | Again::No, false) => record.in_a_row = 0,
            (Again::No, true) if asked => {
                record.certain = false;
                record.told_last = false;
            }
            (Again::No, true) => {
                self.records.remove(&name);
            }
        }
    }

    pub(super) fn remove(&mut self, gone: &Removed) {
        let asked: Vec<_> = self.asks.values().map(|ask| ask.name.clone()).collect();
        let loading = self.loading;
        let cancelled = &mut self.cancelled;
        self.records.retain(|name, record| {
            if !gone.concerns(&name.0, &Tag::from_utf16(&name.1)) {
                return true;
            }
            if loading {
                // It is done when the store has been read, and refused when it can't be.
                record.certain = false;
                return true;
            }
            if let Some(since) = gone.since {
                let calls_on_their_way = asked.contains(name);
                record.certain &= !calls_on_their_way;
                return calls_on_their_way || record.registered < since;
            }
            if let Some(request) = gone.request {
                cancelled.insert(request, (name.clone(), record.clone()));
            }
            false
        });
    }

    /// A worker that was ready brought the news that the user said no.
    pub(super) fn denied(&mut self, key: &RegistrationKey) {
        self.denied.push((key.partition(), key.origin().clone()));
    }

    /// Registrations that go for reasons of their own.
    pub(super) fn logged(&mut self, now: Now, entry: &LogEntry, parameters: &SyncParameters) -> Verdict {
        let (EventName::SyncCompleted, Some(key), Some(tag)) = (entry.event, &entry.key, &entry.tag) else {
            return Ok(());
        };
        let name = Self::name(key, tag);
        let Some(record) = self.records.get(&name) else { return Ok(()) };
        let status = entry.metadata.iter().find(|(name, _)| *name == MetadataName::Status);
        let status = status.map_or("", |(_, status)| status.as_str());
        let age = record.registered_at.map(|at| now.monotonic.since(at));
        let denied = self.denied.contains(&(key.partition(), key.origin().clone()));
        let justified = match status {
            _ if !record.certain => true,
            "expired" => age.is_none_or(|age| age >= parameters.max_observed_age),
            "permission revoked" | "switched off" => denied,
            _ => false,
        };
        if !justified {
            return broken("I3", format!("{tag:?} is gone without a reason: {status}"));
        }
        self.records.remove(&name);
        Ok(())
    }

    /// The process died. What was acknowledged must be in the store, once.
    pub(super) fn restart(&mut self, stored: &[StoredRegistration]) -> Verdict {
        for (name, record) in &self.records {
            let copies = stored.iter().filter(|found| Self::name(&found.key, &found.tag) == *name).count();
            let must_be_there = record.certain && !name.0.partition().is_private();
            if must_be_there && copies != 1 {
                let tag = Tag::from_utf16(&name.1);
                return broken("I3", format!("{tag:?} was acknowledged, and the store has {copies} of it"));
            }
        }
        *self = Self::starting();
        let mut stored: Vec<_> = stored.iter().collect();
        stored.sort_by_key(|record| record.sequence);
        for found in stored {
            // I6: in flight at a crash counts as told.
            if found.state == StoredState::Firing(true) {
                continue;
            }
            self.next_order += 1;
            let record = Record {
                order: self.next_order,
                certain: true,
                registered: found.registered.wall,
                registered_at: None,
                undelivered: None,
                running: None,
                dispatches: 0,
                again: Again::No,
                in_a_row: 0,
                again_by_worker: false,
                told_last: false,
            };
            self.records.insert(Self::name(&found.key, &found.tag), record);
        }
        Ok(())
    }

    /// What belongs to no registration any more goes when the store is read.
    pub(super) fn loaded(&mut self, loaded: &Loaded) {
        if !std::mem::take(&mut self.loading) {
            return;
        }
        for (key, state) in &loaded.worker_states {
            if *state == WorkerState::NoSuchRegistration {
                self.records.retain(|(other, _), _| other != key);
            }
        }
    }

    /// The clocks came apart, or a wait may end early: nothing is known about spacing.
    pub(super) fn nothing_known_of_waits(&mut self) {
        self.ends.clear();
    }
}
