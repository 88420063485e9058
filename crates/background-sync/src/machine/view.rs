//! What inspectors see.

use background_sync_policy::{RegistrationKey, SyncKind};
use background_sync_registration::{Schedule, Sequence, Series, StateName, SyncRegistration, Tag, TagId, WallTime};
#[cfg(feature = "periodic")]
use background_sync_scheduler::PeriodicHold;
use background_sync_scheduler::{Condition, Hold, NetworkState};
use serde::{Deserialize, Serialize};

use super::Machine;
use super::parts::Phase;
use super::parts::registry::{Activity, Record, Worker};
use crate::LogEntry;

/// Counters of one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stats {
    /// Events dispatched.
    pub events_dispatched: u64,
    /// Commits sent to the store.
    pub commits: u64,
    /// Commits that failed.
    pub commits_failed: u64,
    /// Inputs that made no sense and were ignored.
    pub inputs_ignored: u64,
    /// Readings of a monotonic clock that went astray by itself, and were not followed.
    pub clock_readings_distrusted: u64,
    /// Changes of the network that mattered.
    pub network_changes: u64,
    /// Registrations looked at. What an operation costs does not depend on how many there are, and
    /// this is how tests know.
    pub registrations_visited: u64,
    /// Origins looked at because of a word about the network of everybody. One that changes nothing looks at those that
    /// wait for the oracle only.
    pub origins_visited: u64,
}

/// A reason why a registration does not fire now. Times are on the wall clock, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyNot {
    /// There is no such registration.
    NotRegistered,
    /// This engine starts no events of its kind.
    KindNotRun,
    /// Background sync is [switched off](background_sync_scheduler::SyncParameters::enabled), and what is stored was
    /// not read.
    SwitchedOff,
    /// The store is being read.
    Loading,
    /// The call that registers it is not durable yet.
    Commit,
    /// The reply of the call that made it pending is not delivered yet.
    ReplyNotDelivered {
        /// It counts as delivered then.
        until: WallTime,
    },
    /// The last attempt failed; the back-off lasts.
    BackOff {
        /// It ends then.
        until: WallTime,
    },
    /// It has to stay away from the event before.
    Spacing {
        /// It may fire then.
        until: WallTime,
    },
    /// The host asked for this time.
    Deferred {
        /// It ends then.
        until: WallTime,
    },
    /// Its event is being started.
    Starting,
    /// Its event runs, or one of an earlier registration of its tag.
    Running,
    /// The host has not read its service worker registrations yet.
    WorkerNotLoaded,
    /// The host has no such service worker registration, and has not said that it knows them all
    /// ([`Input::WorkersKnown`](crate::Input::WorkersKnown)). An engine that never says it waits for ever.
    WorkersNotKnown,
    /// There is no active worker.
    NoActiveWorker,
    /// The network oracle has not spoken yet.
    NetworkUnknown,
    /// There is no network.
    Offline,
    /// A portal answers instead of the network.
    Captive,
    /// The link flapped and is held.
    NetworkHold {
        /// It counts as up then.
        until: WallTime,
    },
    /// The oracle was asked about this origin and has not answered, or said no.
    OriginNetwork,
    /// It may fire only on another network.
    OtherNetwork,
    /// It is not old enough to go without this.
    Condition {
        /// What it waits for.
        condition: Condition,
        /// It goes without it then.
        until: WallTime,
    },
    /// First events after start-up or link return are spread.
    Spread {
        /// Its turn may come then.
        until: WallTime,
    },
    /// The origin has no background time or starts left.
    Budget {
        /// Something is forgotten then.
        until: WallTime,
    },
    /// No window of its origin is open, and what is left of the wake-up is too little for its event.
    WakeUp {
        /// The wake-up is over then.
        until: WallTime,
    },
    /// As many events run as may.
    Concurrency,
    /// As many events of this origin run as may.
    OriginConcurrency,
    /// The store does not take writes.
    Store {
        /// It is tried again then.
        until: WallTime,
    },
    /// The operating system restricts background work.
    SystemRestricted,
    /// The system sleeps, or the process is frozen.
    Suspended,
    /// It is periodic, and not due.
    #[cfg(feature = "periodic")]
    Periodic {
        /// What holds it.
        why: PeriodicHold,
        /// Until then, if that is over by itself.
        until: Option<WallTime>,
    },
    /// The machine is shutting down.
    Shutdown,
}

/// One registration as an inspector sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegistrationView {
    /// The service worker registration.
    pub key: RegistrationKey,
    /// The kind.
    pub kind: SyncKind,
    /// The tag.
    pub tag: Tag,
    /// Its number.
    pub sequence: Sequence,
    /// The state's name.
    pub state: StateName,
    /// Attempts so far.
    pub series: Series,
    /// When it was last registered.
    pub registered_at: WallTime,
    /// Of a periodic one: how often it may fire, and since when that counts.
    pub schedule: Option<Schedule>,
    /// Why it does not fire now; empty when it is about to.
    pub why_not: Vec<WhyNot>,
}

impl Machine {
    /// All registrations, worker by worker, first registration first; none before the store was read.
    pub fn registrations(&self) -> impl Iterator<Item = RegistrationView> {
        let workers = (!self.phase.is_loading()).then(|| self.registry.workers());
        workers.into_iter().flatten().flat_map(move |(ix, worker)| {
            self.registry.registrations_of(ix).map(move |(id, tag, registration)| RegistrationView {
                key: worker.key().clone(),
                kind: self.registry.kind_of(id).unwrap_or(SyncKind::OneShot),
                tag: tag.clone(),
                sequence: registration.sequence(),
                state: self.state_name(id, registration),
                series: registration.series(),
                registered_at: registration.registered().wall,
                schedule: registration.schedule(),
                why_not: self.why_not_of(worker, id),
            })
        })
    }

    /// The name of its state, as the text of its kind has it. A suspension of its origin is a state of a periodic one
    /// (`periodic.def.state`).
    #[cfg(feature = "periodic")]
    fn state_name(&self, tag: TagId, registration: &SyncRegistration) -> StateName {
        if registration.schedule().is_none() {
            return registration.state().name();
        }
        let origin = self.registry.record(tag).and_then(|record| self.origins.get(record.worker.origin()));
        let is_suspended = || origin.is_some_and(|origin| origin.periodic().kept().suspended().is_some());
        match registration.periodic_state() {
            StateName::Pending if is_suspended() => StateName::Suspended,
            name @ (StateName::Pending
            | StateName::Waiting
            | StateName::Firing
            | StateName::ReregisteredWhileFiring
            | StateName::Suspended) => name,
        }
    }

    /// The name of its state. A periodic one is kept and never fires, so it is pending.
    #[cfg(not(feature = "periodic"))]
    fn state_name(&self, _: TagId, registration: &SyncRegistration) -> StateName {
        registration.state().name()
    }

    /// A registration's state, as it is now; of none before the store was read.
    #[must_use]
    pub fn registration(&self, key: &RegistrationKey, kind: SyncKind, tag: &Tag) -> Option<&SyncRegistration> {
        if self.phase.is_loading() {
            return None;
        }
        self.registry.registration(self.registry.find_tag(self.registry.find(key)?, kind, tag)?)
    }

    /// How many registrations there are, those on their way to the store included.
    #[must_use]
    pub fn registration_count(&self) -> usize {
        self.registry.registration_count()
    }

    /// The log, oldest first.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &LogEntry> {
        self.out.log()
    }

    /// The counters of this session.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats { clock_readings_distrusted: self.time.distrusted(), ..self.out.stats() }
    }

    /// The oracle's last word.
    #[must_use]
    pub fn network(&self) -> &NetworkState {
        self.around.link().state()
    }

    /// Why a tag's event does not start now, all reasons that are known; empty when it is about to.
    #[must_use]
    pub fn why_not(&self, key: &RegistrationKey, kind: SyncKind, tag: &Tag) -> Vec<WhyNot> {
        if let Some(reason) = self.why_nothing() {
            return vec![reason];
        }
        let ix = self.registry.find(key);
        let found = ix.and_then(|ix| Some((self.registry.worker(ix)?, self.registry.find_tag(ix, kind, tag)?)));
        found.map_or_else(|| vec![WhyNot::NotRegistered], |(worker, tag)| self.why_not_of(worker, tag))
    }

    /// Why nothing at all starts, if that is so.
    fn why_nothing(&self) -> Option<WhyNot> {
        match self.phase {
            Phase::Off => Some(WhyNot::SwitchedOff),
            Phase::Loading(_) => Some(WhyNot::Loading),
            Phase::Stopping { .. } | Phase::Stopped => Some(WhyNot::Shutdown),
            Phase::Running => None,
        }
    }

    fn why_not_of(&self, worker: &Worker, tag: TagId) -> Vec<WhyNot> {
        if let Some(reason) = self.why_nothing() {
            return vec![reason];
        }
        let activity = worker.activity(tag);
        let Some(registration) = self.registry.registration(tag) else {
            let on_its_way = activity.is_some_and(Activity::has_asks);
            return vec![if on_its_way { WhyNot::Commit } else { WhyNot::NotRegistered }];
        };
        let Some(record) = self.registry.record(tag) else { return vec![WhyNot::NotRegistered] };
        let kind = record.kind;
        let own = self.own_holds(&record, registration);
        let origin =
            self.origins.get(worker.origin()).map(|origin| self.origin_holds(worker.origin().lane(kind), origin));
        let holds = own.iter().chain(origin.iter().flat_map(|holds| holds.iter())).chain(self.general_holds().iter());
        let reasons: Vec<_> = holds.filter_map(|hold| self.reason(hold, &record)).collect();
        #[cfg(feature = "periodic")]
        if reasons.is_empty() && own.iter().next().is_some() {
            // It is due and nothing holds it but that others of its origin, which are due as well, come first.
            return vec![WhyNot::Periodic { why: PeriodicHold::OtherEvent, until: None }];
        }
        reasons
    }

    /// A reason, if inspectors are told of it: that it is not its turn is none where it is due.
    fn reason(&self, hold: Hold, record: &Record<'_>) -> Option<WhyNot> {
        match hold {
            #[cfg(feature = "periodic")]
            Hold::NotItsTurn => self.why_no_turn(record),
            #[cfg(not(feature = "periodic"))]
            Hold::NotItsTurn => record.registration.map(|_| WhyNot::KindNotRun),
            hold => Some(self.in_words(hold)),
        }
    }

    /// A reason as inspectors are told it: moments are on the wall clock.
    fn in_words(&self, hold: Hold) -> WhyNot {
        let on_wall = |at| self.time.on_wall(at);
        match hold {
            // Whoever asks about a registration says more about its turn; without periodic syncs there are none.
            Hold::KindNotRun | Hold::NotItsTurn => WhyNot::KindNotRun,
            Hold::Starting => WhyNot::Starting,
            Hold::Running => WhyNot::Running,
            Hold::Spacing(wait) => WhyNot::Spacing { until: wait.until_wall() },
            Hold::BackOff(wait) => WhyNot::BackOff { until: wait.until_wall() },
            Hold::Deferred(wait) => WhyNot::Deferred { until: wait.until_wall() },
            Hold::ReplyNotDelivered(until) => WhyNot::ReplyNotDelivered { until: on_wall(until) },
            Hold::WorkerNotLoaded => WhyNot::WorkerNotLoaded,
            Hold::WorkersNotKnown => WhyNot::WorkersNotKnown,
            Hold::NoActiveWorker => WhyNot::NoActiveWorker,
            Hold::OtherNetwork => WhyNot::OtherNetwork,
            Hold::Condition(condition, until) => WhyNot::Condition { condition, until: on_wall(until) },
            Hold::Store(until) => WhyNot::Store { until: on_wall(until) },
            Hold::OriginConcurrency => WhyNot::OriginConcurrency,
            Hold::Spread(until) => WhyNot::Spread { until: on_wall(until) },
            Hold::Budget(wait) => WhyNot::Budget { until: self.time.wall().after(wait) },
            Hold::WakeUp(until) => WhyNot::WakeUp { until: on_wall(until) },
            Hold::OriginNetwork => WhyNot::OriginNetwork,
            Hold::NetworkUnknown => WhyNot::NetworkUnknown,
            Hold::Offline => WhyNot::Offline,
            Hold::Captive => WhyNot::Captive,
            Hold::NetworkHold(until) => WhyNot::NetworkHold { until: on_wall(until) },
            Hold::Concurrency => WhyNot::Concurrency,
            Hold::SystemRestricted => WhyNot::SystemRestricted,
            Hold::Suspended => WhyNot::Suspended,
        }
    }
}
