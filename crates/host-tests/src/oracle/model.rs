use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::{Origin, Partition, RegistrationKey, SyncKind};
use background_sync::registration::{MonotonicTime, Now, Tag, WallTime};
use background_sync::scheduler::{NetworkId, SyncParameters};
use background_sync::{
    AttemptId, Detail, EventName, LogEntry, Outcome, RemovalReason, RequestId, Status, SyncEventInit, TerminateReason,
};

use super::attempts::Ran;
use super::calls::Ask;
use super::durable::Durable;
use super::promise::{fail, last_chance_is_true};
use super::record::{Again, Certainty, Record, Wait};
use super::removed::Removed;
use super::series;
use super::{Verdict, broken};

/// A registration's name.
pub(super) type Name = (RegistrationKey, Tag);

/// The lists of the specification, as far as they can be known from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) records: BTreeMap<Name, Record>,
    pub(super) asks: BTreeMap<RequestId, Ask>,
    /// When the last event of a tag ended, and whether another may follow at once.
    pub(super) ends: BTreeMap<Name, Ended>,
    denied: Vec<(Partition, Origin)>,
    /// What cancellations took away that have no reply yet.
    pub(super) cancelled: BTreeMap<RequestId, (Name, Record)>,
    /// Names of networks by what is stored instead.
    pub(super) identities: BTreeMap<u64, NetworkId>,
    pub(super) next_order: u64,
    pub(super) loading: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) at: MonotonicTime,
    /// A clock that was set or a link that came up may have ended the time in which nothing follows.
    void: bool,
    hop_is_free: bool,
}

/// How an event ended, for its registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Fulfilled,
    Failed,
    Deferred(Duration),
}

impl From<Outcome> for End {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Fulfilled => Self::Fulfilled,
            Outcome::Rejected | Outcome::Terminated | Outcome::Crashed => Self::Failed,
            Outcome::Deferred(by) => Self::Deferred(by),
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

impl Model {
    /// Before the store was read.
    pub(super) fn starting() -> Self {
        Self { loading: true, ..Self::default() }
    }

    pub(super) fn name(key: &RegistrationKey, tag: &Tag) -> Name {
        (key.clone(), tag.clone())
    }

    pub(super) fn has_asks(&self, name: &Name) -> bool {
        self.asks.values().any(|ask| ask.name == *name)
    }

    /// Whether a call for it is on its way to the store. One that is durable may still wait for its turn to be
    /// answered.
    fn has_undecided_asks(&self, name: &Name, durable: &Durable) -> bool {
        let applied = durable.registered(name);
        let asks = self.asks.values().filter(|ask| ask.name == *name && !ask.changes_nothing);
        !name.0.partition().is_private() && asks.into_iter().any(|ask| applied.is_none_or(|at| at < ask.at.wall))
    }

    /// The times of the calls for it that have no reply yet.
    pub(super) fn asked_at(&self, name: &Name) -> Vec<WallTime> {
        self.asks.values().filter(|ask| ask.name == *name).map(|ask| ask.at.wall).collect()
    }

    /// Tags of a key that are on their way and may be registered already, with their order.
    pub(super) fn on_their_way(&self, key: &RegistrationKey) -> impl Iterator<Item = (&Tag, u64)> {
        let of_key = self.asks.values().filter(move |ask| ask.name.0 == *key);
        of_key.filter(|ask| !self.records.contains_key(&ask.name)).map(|ask| (&ask.name.1, ask.order))
    }

    /// Whether a call of such a key is on its way.
    pub(super) fn any_on_their_way(&self, which: impl Fn(&RegistrationKey) -> bool) -> bool {
        self.asks.values().any(|ask| which(&ask.name.0))
    }

    pub(super) fn records(&self) -> impl Iterator<Item = (&Name, &Record)> {
        self.records.iter()
    }

    pub(super) fn of_key(&self, key: &RegistrationKey) -> impl Iterator<Item = (&Name, &Record)> {
        let key = key.clone();
        self.records.range((key.clone(), Tag::from(""))..).take_while(move |(name, _)| name.0 == key)
    }

    pub(super) fn record(&self, name: &Name) -> Option<&Record> {
        self.records.get(name)
    }

    /// Whether the tag is registered beyond doubt.
    pub(super) fn is_certain(&self, key: &RegistrationKey, tag: &Tag) -> bool {
        self.records.get(&Self::name(key, tag)).is_some_and(|record| record.certain)
    }

    pub(super) fn delivered(&mut self, request: RequestId) {
        self.records.values_mut().for_each(|record| record.delivered(request));
    }

    /// sync.getTags.3: all that is acknowledged, first registration first.
    pub(super) fn listed(&self, key: &RegistrationKey, tags: &[Tag]) -> Verdict {
        for ((_, tag), _) in self.of_key(key).filter(|(_, record)| record.certain) {
            if !tags.contains(tag) {
                return broken("getTags", format!("{tag:?} is registered and missing in {tags:?}"));
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
        durable: &Durable,
        parameters: &SyncParameters,
    ) -> Verdict {
        let name = Self::name(key, &event.tag);
        let tag = &event.tag;
        let calls: Vec<_> = self.asks.values().filter(|ask| ask.name == name).map(|ask| ask.at.wall).collect();
        let undecided = self.has_undecided_asks(&name, durable);
        let Some(record) = self.records.get_mut(&name) else {
            return broken("I1", format!("an event of {tag:?}, which is not registered"));
        };
        if record.told_last {
            return broken("I6", format!("an event of {tag:?} after its last chance"));
        }
        if record.awaits_delivery(now.monotonic) == Certainty::Yes {
            return broken("I3", format!("the event of {tag:?} overtakes the reply that promises it"));
        }
        if let Some(ended) = self.ends.get(&name)
            && !ended.hop_is_free
            && !ended.void
            && now.monotonic.since(ended.at) < parameters.min_refire_spacing
        {
            return broken("I13", format!("{tag:?} fires again at once"));
        }
        if undecided {
            return broken("I3", format!("the event of {tag:?} overtakes a call that it has to wait for"));
        }
        last_chance_is_true(record, event, &calls, now, parameters)?;
        record.certain = true;
        record.running = Some(attempt);
        record.dispatches += 1;
        record.events += 1;
        record.again = Again::No;
        record.again_hop = Duration::ZERO;
        record.undelivered.clear();
        record.wait = Wait::default();
        record.told_last = event.last_chance;
        if record.events > parameters.max_sync_attempts.saturating_mul(2) {
            return broken("I5", format!("{} events for one promise of {tag:?}", record.events));
        }
        Ok(())
    }

    /// sync.fire.5.2 and sync.fire.5.3.
    pub(super) fn settle(&mut self, ran: &Ran, end: End, now: Now, parameters: &SyncParameters) {
        let name = Self::name(&ran.key, &ran.event.tag);
        let asked = self.has_asks(&name);
        let Some(record) = self.records.get_mut(&name).filter(|record| record.running == Some(ran.attempt)) else {
            // Its registration is gone; another one of its tag may have to stay away from its end.
            self.ends.insert(name, Ended { at: now.monotonic, void: true, hop_is_free: true });
            return;
        };
        let hop_is_free = asked || (record.again != Again::No && (record.again_by_worker || record.in_a_row == 0));
        record.again_by_worker = false;
        self.ends.insert(name.clone(), Ended { at: now.monotonic, void: false, hop_is_free });
        record.running = None;
        let done = match end {
            End::Fulfilled => true,
            End::Failed | End::Deferred(_) => ran.event.last_chance,
        };
        let again_by = now.monotonic.after(record.again_hop.max(parameters.min_refire_spacing));
        match (record.again, done) {
            (Again::Yes, _) => {
                record.in_a_row += 1;
                record.told_last = false;
                record.begin_series();
                record.wait = Wait::at_most(again_by);
            }
            (Again::Maybe, true) => {
                record.certain = false;
                record.told_last = false;
                record.begin_series();
                record.wait = Wait::at_most(again_by);
            }
            (Again::Maybe, false) => {
                record.in_a_row = 0;
                fail(record, end, ran.excused, now, parameters);
                record.may_begin_series();
                record.wait.at_least = None;
                record.wait.or_until(again_by);
            }
            (Again::No, false) => {
                record.in_a_row = 0;
                fail(record, end, ran.excused, now, parameters);
            }
            (Again::No, true) if asked => {
                record.certain = false;
                record.told_last = false;
                record.begin_series();
            }
            (Again::No, true) => {
                self.records.remove(&name);
            }
        }
    }

    /// A start came to nothing. Which tag's it was may not be known.
    pub(super) fn start_failed(&mut self, key: &RegistrationKey, tags: &[Tag], now: Now, parameters: &SyncParameters) {
        for tag in tags {
            let name = Self::name(key, tag);
            // Another one of its tag may have to stay away from this too.
            self.ends.insert(name.clone(), Ended { at: now.monotonic, void: true, hop_is_free: true });
            let Some(record) = self.records.get_mut(&name) else { continue };
            let before = record.series.clone();
            let failures = before.most_failures().saturating_add(1);
            record.series.book_start(parameters);
            record.wait.or_until(now.monotonic.after(series::longest_back_off(failures, parameters)));
            if tags.len() > 1 {
                record.series.or(&before);
            }
        }
    }

    /// Until the host says that an event has ended, what it made wait may go on waiting.
    pub(super) fn may_wait_still(&mut self, now: MonotonicTime, key: &RegistrationKey, tag: &Tag) {
        if let Some(record) = self.records.get_mut(&Self::name(key, tag)).filter(|record| record.wait.is_back_off) {
            record.wait.or_until(now.after(Duration::from_nanos(1)));
        }
    }

    /// The user was asked about the network that is up. `sure` says that it was about this tag and no other.
    pub(super) fn user_answered(
        &mut self,
        key: &RegistrationKey,
        (tags, sure): (&[Tag], bool),
        here: &[NetworkId],
        yes: bool,
    ) {
        for tag in tags {
            let Some(record) = self.records.get_mut(&Self::name(key, tag)) else { continue };
            match yes {
                true if sure => record.networks = Some(here.iter().cloned().map(Some).collect()),
                true => record.may_be_of(&here.iter().cloned().map(Some).collect::<Vec<_>>()),
                false => record.declined.extend(here.iter().cloned()),
            }
        }
    }

    pub(super) fn remove(&mut self, gone: &Removed, durable: &Durable) {
        let loading = self.loading;
        let mut newest: BTreeMap<Name, WallTime> = BTreeMap::new();
        for ask in self.asks.values_mut() {
            // Its reply may wait for its turn; what it asked for is registered then.
            let applied = durable.registered(&ask.name).is_some_and(|registered| registered >= ask.at.wall);
            if applied {
                newest.insert(ask.name.clone(), ask.at.wall);
            }
            let private = ask.name.0.partition().is_private();
            let at_once = ask.changes_nothing || ask.may_stay_unwritten;
            let decided = applied || at_once || private || loading || gone.request().is_some();
            ask.taken_away |= !decided && gone.takes(SyncKind::OneShot, &ask.name.0, &ask.name.1, ask.at.wall);
        }
        let cancelled = &mut self.cancelled;
        self.records.retain(|name, record| {
            let registered = newest.get(name).copied().unwrap_or(record.registered).max(record.registered);
            if !gone.takes(SyncKind::OneShot, &name.0, &name.1, registered) {
                return true;
            }
            if loading {
                // It is done when the store has been read, and refused when it can't be.
                record.certain = false;
                return true;
            }
            if let Some(request) = gone.request() {
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
        if entry.kind == Some(SyncKind::Periodic) {
            return Ok(());
        }
        let name = Self::name(key, tag);
        let Some(record) = self.records.get(&name) else { return Ok(()) };
        let status = entry
            .metadata
            .iter()
            .find_map(|detail| if let Detail::Status(status) = detail { Some(*status) } else { None });
        let age = record.registered_at.map(|at| now.monotonic.since(at));
        let denied = self.denied.contains(&(key.partition(), key.origin().clone()));
        let justified = !record.certain
            || match status {
                Some(Status::Removed(RemovalReason::Expired)) => {
                    age.is_none_or(|age| age >= parameters.max_observed_age)
                }
                Some(Status::Removed(RemovalReason::Revoked | RemovalReason::SwitchedOff)) => denied,
                Some(Status::Removed(_) | Status::Succeeded | Status::Failed(_)) | None => false,
            };
        if !justified {
            return broken("I3", format!("{tag:?} is gone without a reason: {status:?}"));
        }
        self.records.remove(&name);
        Ok(())
    }

    /// The clocks came apart: waits may be over earlier, and nothing is known about spacing.
    pub(super) fn nothing_known_of_waits(&mut self) {
        self.ends.values_mut().for_each(|ended| ended.void = true);
        self.records.values_mut().for_each(|record| record.wait.at_least = None);
    }

    /// A link that comes up, or another one, may end back-offs early that the host did not choose.
    pub(super) fn link_came_up(&mut self) {
        self.ends.values_mut().for_each(|ended| ended.void = true);
        for record in self.records.values_mut().filter(|record| !record.wait.is_deferral) {
            record.wait.at_least = None;
        }
    }

    /// I12: of what ran in a private partition nothing is known any more.
    pub(super) fn closed(&mut self, partition: Partition) {
        self.ends.retain(|(key, _), _| key.partition() != partition);
    }

    /// Anything may be gone.
    pub(super) fn doubt_everything(&mut self) {
        self.records.values_mut().for_each(|record| record.certain = false);
    }

    /// Whatever was registered with this worker may be gone.
    pub(super) fn worker_may_be_gone(&mut self, key: &RegistrationKey) {
        for (_, record) in self.records.iter_mut().filter(|(name, _)| name.0 == *key) {
            record.certain = false;
        }
    }
}
