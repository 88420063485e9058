//! Where a registration stands, and why: the one answer that starts, inspectors and wake-ups all read.

use std::time::Duration;

use background_sync_policy::SyncKind;
use background_sync_registration::{MonotonicTime, RegistrationState, Wait};

use crate::{Condition, Connectivity, Holding, NetworkState, SyncParameters};

/// One thing that holds a registration back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Nobody runs events of its kind here.
    KindNotRun,
    /// It is periodic, and its origin has not been judged to be due.
    NotItsTurn,
    /// Its event is being started.
    Starting,
    /// Its event runs, or one of an earlier registration of its tag.
    Running,
    /// It has to stay away from the event before.
    Spacing(Wait),
    /// Its last attempt failed, and the back-off lasts.
    BackOff(Wait),
    /// The host asked for this time.
    Deferred(Wait),
    /// The reply of the call that made it pending may not have arrived; it counts as delivered then.
    ReplyNotDelivered(MonotonicTime),
    /// The host has not read its service worker registrations yet.
    WorkerNotLoaded,
    /// The host has no such service worker registration, and has not said that it knows them all.
    WorkersNotKnown,
    /// There is no active worker.
    NoActiveWorker,
    /// It may fire only on another network.
    OtherNetwork,
    /// It waits for this, and no longer than until then.
    Condition(Condition, MonotonicTime),
    /// The store takes no writes; it is tried again then.
    Store(MonotonicTime),
    /// As many events of this origin run as may.
    OriginConcurrency,
    /// First events are spread; its origin's turn comes then.
    Spread(MonotonicTime),
    /// The origin has no background time or starts left; something is forgotten after so long.
    Budget(Duration),
    /// No window is open, and what is left of the wake-up is too little for its event; it lasts until then.
    WakeUp(MonotonicTime),
    /// The oracle was asked about this origin and has not answered, or said no.
    OriginNetwork,
    /// The network oracle has not spoken yet.
    NetworkUnknown,
    /// There is no network.
    Offline,
    /// A portal answers instead of the network.
    Captive,
    /// The link flapped and is held until then.
    NetworkHold(MonotonicTime),
    /// As many events run as may.
    Concurrency,
    /// The operating system restricts background work.
    SystemRestricted,
    /// The system sleeps, or the process is frozen.
    Suspended,
}

/// How far the attempt is that occupies a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptStage {
    /// The worker is being started, or the user asked.
    Starting,
    /// The event was dispatched and has not ended.
    Running,
}

/// Whether the worker of a registration could run an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerReadiness {
    /// It is active, or will be in a moment.
    Ready,
    /// The host does not know yet.
    NotLoaded,
    /// The host has no such registration, and may not know yet.
    InDoubt,
    /// There is none.
    NotActive,
}

impl SyncParameters {
    /// Whether events of a kind are started. Periodic registrations that a store holds are kept, listed and taken away
    /// like any other where they are not, and wait for an engine that runs them.
    #[must_use]
    #[inline]
    pub fn runs(&self, kind: SyncKind) -> bool {
        match kind {
            SyncKind::OneShot => true,
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => self.periodic.enabled,
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => false,
        }
    }
}

/// Whether a registration has to be let fire, as periodic ones have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is a one-shot one: it fires as soon as it can.
    NotNeeded,
    /// Its origin was judged to be due, and its event or a retry of that may fire.
    Given,
    /// Its origin has not been judged to be due.
    NotGiven,
}

/// What decides about one registration by itself. Whoever asks has to say all of it: a fact that is left out would hold
/// nothing.
#[derive(Clone, Copy, Debug)]
pub struct OwnFacts {
    /// Whether events of its kind are run at all: see [`SyncParameters::runs`].
    pub is_run: bool,
    /// Whether it has its turn.
    pub turn: Turn,
    /// Its state.
    pub state: RegistrationState,
    /// The attempt of its tag, be it for an earlier registration.
    pub attempt: Option<AttemptStage>,
    /// When the reply that its event waits for counts as delivered.
    pub reply_by: Option<MonotonicTime>,
    /// Its worker.
    pub worker: WorkerReadiness,
    /// The network that is up is not one that it may fire on.
    pub elsewhere: bool,
    /// The conditions that hold it at its age.
    pub conditions: Holding,
}

/// What a single registration waits for: where it is filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of its own.
    Ready,
    /// This moment: spacing, or the delivery of a reply.
    Until(MonotonicTime),
    /// This moment: the end of a back-off. A returning link may end it, unless the host chose it.
    BackingOff {
        /// When it ends.
        until: MonotonicTime,
        /// Whether the host chose it.
        deferred: bool,
    },
    /// Another network.
    Elsewhere,
    /// What the network costs, or the battery, to be otherwise; at this moment one condition less holds it.
    Conditional(MonotonicTime),
    /// Something that is going on: an attempt, a worker to come.
    Held,
}

/// What holds a registration by itself.
#[derive(Clone, Copy, Debug)]
pub struct OwnHolds {
    facts: OwnFacts,
    now: MonotonicTime,
}

impl OwnFacts {
    /// Looks at them.
    #[must_use]
    #[inline]
    pub fn holds(self, now: MonotonicTime) -> OwnHolds {
        OwnHolds { facts: self, now }
    }
}

impl OwnHolds {
    /// Where it has to be filed.
    #[must_use]
    #[inline]
    pub fn standing(&self) -> Standing {
        if self.facts.attempt.is_some() || !self.facts.is_run {
            return Standing::Held;
        }
        match self.facts.state {
            RegistrationState::Waiting { back_off, deferred } => {
                return Standing::BackingOff { until: back_off.until(), deferred };
            }
            RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {
                return Standing::Held;
            }
            RegistrationState::Pending { .. } if self.facts.turn == Turn::NotGiven => return Standing::Held,
            RegistrationState::Pending { .. } => {}
        }
        if let Some(until) = self.spacing().map(Wait::until).max(self.reply()) {
            return Standing::Until(until);
        }
        match self.facts.worker {
            WorkerReadiness::NotLoaded | WorkerReadiness::InDoubt | WorkerReadiness::NotActive => Standing::Held,
            WorkerReadiness::Ready if self.facts.elsewhere => Standing::Elsewhere,
            WorkerReadiness::Ready => match self.facts.conditions.shortest() {
                Some(shortest) => Standing::Conditional(self.now.after(shortest)),
                None => Standing::Ready,
            },
        }
    }

    /// Every reason, those of the attempt first.
    pub fn iter(&self) -> impl Iterator<Item = Hold> + use<> {
        let attempt = self.facts.attempt.map(|stage| match stage {
            AttemptStage::Starting => Hold::Starting,
            AttemptStage::Running => Hold::Running,
        });
        let worker = match self.facts.worker {
            WorkerReadiness::Ready => None,
            WorkerReadiness::NotLoaded => Some(Hold::WorkerNotLoaded),
            WorkerReadiness::InDoubt => Some(Hold::WorkersNotKnown),
            WorkerReadiness::NotActive => Some(Hold::NoActiveWorker),
        };
        let wait = self.spacing().map(Hold::Spacing).or(self.back_off());
        let elsewhere = self.facts.elsewhere.then_some(Hold::OtherNetwork);
        let kind = (!self.facts.is_run).then_some(Hold::KindNotRun);
        let turn = self.waits_for_its_turn().then_some(Hold::NotItsTurn);
        let now = self.now;
        let conditions = self.facts.conditions.iter().map(move |(one, left)| Hold::Condition(one, now.after(left)));
        let others = [kind, turn, attempt, wait, self.reply().map(Hold::ReplyNotDelivered), worker, elsewhere];
        others.into_iter().flatten().chain(conditions)
    }

    fn waits_for_its_turn(&self) -> bool {
        match self.facts.state {
            RegistrationState::Pending { .. } => self.facts.turn == Turn::NotGiven,
            RegistrationState::Waiting { .. }
            | RegistrationState::Firing { .. }
            | RegistrationState::ReregisteredWhileFiring { .. } => false,
        }
    }

    #[inline]
    fn spacing(&self) -> Option<Wait> {
        match self.facts.state {
            RegistrationState::Pending { not_before } => not_before.filter(|wait| !wait.is_over(self.now)),
            RegistrationState::Waiting { .. }
            | RegistrationState::Firing { .. }
            | RegistrationState::ReregisteredWhileFiring { .. } => None,
        }
    }

    /// A back-off that is over is noticed when the attempt before has let go of the tag, and holds nothing.
    fn back_off(&self) -> Option<Hold> {
        match self.facts.state {
            RegistrationState::Waiting { back_off, .. } if back_off.is_over(self.now) => None,
            RegistrationState::Waiting { back_off, deferred } => match self.facts.turn {
                Turn::NotNeeded if deferred => Some(Hold::Deferred(back_off)),
                Turn::NotNeeded | Turn::Given | Turn::NotGiven => Some(Hold::BackOff(back_off)),
            },
            RegistrationState::Pending { .. }
            | RegistrationState::Firing { .. }
            | RegistrationState::ReregisteredWhileFiring { .. } => None,
        }
    }

    #[inline]
    fn reply(&self) -> Option<MonotonicTime> {
        self.facts.reply_by.filter(|until| *until > self.now)
    }
}

/// What the oracle said about an origin of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginReach {
    /// Yes.
    Online,
    /// No.
    Offline,
    /// It was asked, and is asked again at this moment if it does not answer.
    Asked(MonotonicTime),
    /// It has to be asked.
    Unknown,
}

/// What holds all registrations of an origin. Whoever asks has to say all of it, as of [`OwnFacts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginHolds {
    /// The store takes no writes for it before this.
    pub store: Option<MonotonicTime>,
    /// As many of its events run as may.
    pub full: bool,
    /// Its first event is spread until then.
    pub spread: Option<MonotonicTime>,
    /// Its first registration has to wait for background time for so long.
    pub budget: Option<Duration>,
    /// What is left of the wake-up, which lasts until then, is too little for its first registration.
    pub wake_up: Option<MonotonicTime>,
    /// Its own network.
    pub reach: OriginReach,
}

impl OriginHolds {
    /// Every reason. An oracle that has to be asked is no reason yet: it is asked when the turn comes.
    pub fn iter(&self) -> impl Iterator<Item = Hold> + use<> {
        let network = match self.reach {
            OriginReach::Offline | OriginReach::Asked(_) => Some(Hold::OriginNetwork),
            OriginReach::Online | OriginReach::Unknown => None,
        };
        [
            self.store.map(Hold::Store),
            self.full.then_some(Hold::OriginConcurrency),
            self.spread.map(Hold::Spread),
            self.budget.map(Hold::Budget),
            self.wake_up.map(Hold::WakeUp),
            network,
        ]
        .into_iter()
        .flatten()
    }

    /// Whether the oracle said no.
    #[must_use]
    #[inline]
    pub fn is_refused(&self) -> bool {
        self.reach == OriginReach::Offline
    }

    /// Whether it could start within a wake-up that lasts until then, as soon as there is a network and a place.
    #[must_use]
    #[inline]
    pub fn could_start_by(&self, until: MonotonicTime) -> bool {
        self.budget.is_none()
            && self.wake_up.is_none()
            && self.spread.is_none_or(|at| at <= until)
            && !self.is_refused()
    }
}

/// What holds everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneralHolds {
    network: Option<Hold>,
    held_until: Option<MonotonicTime>,
    full: bool,
    restricted: bool,
    suspended: bool,
}

impl GeneralHolds {
    /// Looks at what everybody shares: the link, and whether there is a place, a restriction, a sleep.
    #[must_use]
    #[inline]
    pub fn of(link: &Connectivity, full: bool, restricted: bool, suspended: bool, now: MonotonicTime) -> Self {
        let network = match link.state() {
            NetworkState::Unknown => Some(Hold::NetworkUnknown),
            NetworkState::Offline => Some(Hold::Offline),
            NetworkState::Captive => Some(Hold::Captive),
            NetworkState::Online { .. } => None,
        };
        Self { network, held_until: link.held_until(now), full, restricted, suspended }
    }

    /// Whether nothing does.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        let Self { network, held_until, full, restricted, suspended } = self;
        network.is_none() && held_until.is_none() && !full && !restricted && !suspended
    }

    /// Every reason.
    pub fn iter(&self) -> impl Iterator<Item = Hold> + use<> {
        [
            self.network,
            self.held_until.map(Hold::NetworkHold),
            self.full.then_some(Hold::Concurrency),
            self.restricted.then_some(Hold::SystemRestricted),
            self.suspended.then_some(Hold::Suspended),
        ]
        .into_iter()
        .flatten()
    }
}
