//! What the machine knows, as plain structures.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use background_sync_policy::{Facts, Origin, Partition, RegistrationKey, RegistrationPermit, WindowClients};
use background_sync_registration::{
    MonotonicTime, NetworkIdentity, Observed, Sequence, StoredRegistration, SyncRegistrationList, Tag,
};
use background_sync_scheduler::{Allowance, Budget, BudgetTicket, LoopBreaker, NetworkState};

use super::waiting::Waiting;
use crate::{AskedBy, AttemptId, Reply, RequestId, TxnId, WorkerState};

/// Names a [`Worker`]; never used twice in a session, so a stale one finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct WorkerIx(pub(super) u64);

/// Names an [`OriginState`]; never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct OriginIx(pub(super) u64);

/// How far the machine is.
#[derive(Debug)]
pub(super) enum Phase {
    /// The store is being read; inputs that touch registrations wait.
    Loading { waiting: Waiting, rows: Vec<StoredRegistration>, retry_at: Option<MonotonicTime>, failures: u32 },
    /// The ordinary state.
    Running,
    /// Everybody has been told; what is left is the last commit, once it is sent.
    Stopping { last: Option<TxnId> },
    /// Nothing will happen any more.
    Stopped,
}

impl Phase {
    pub(super) fn loading() -> Self {
        Self::Loading { waiting: Waiting::default(), rows: Vec::new(), retry_at: None, failures: 0 }
    }

    pub(super) fn retry_load_at(&self) -> Option<MonotonicTime> {
        match self {
            Self::Loading { retry_at, .. } => *retry_at,
            Self::Running | Self::Stopping { .. } | Self::Stopped => None,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        match self {
            Self::Running => true,
            Self::Loading { .. } | Self::Stopping { .. } | Self::Stopped => false,
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        match self {
            Self::Stopped => true,
            Self::Loading { .. } | Self::Running | Self::Stopping { .. } => false,
        }
    }
}

/// A moment something other than a registration waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A starting attempt gives up, a running one reaches its cap, a terminated one is given up on.
    Attempt(AttemptId),
    /// An origin's spread ends, its budget has room again, or the oracle is to be asked about it once more.
    Origin(OriginIx),
    /// An origin has had no window for as long as that goes unnoticed.
    Grace(OriginIx),
    /// The hold of a link that flapped ends.
    NetworkHold,
    /// What can wait has waited long enough to be written.
    LazyCommit,
    /// The store is tried again.
    StoreRetry,
    /// The running time of the profile is written.
    Profile,
    /// A wake-up's time is over.
    WakeBudget,
    /// A wake-up waits no longer for its network.
    WakeNetwork,
    /// A worker without syncs may be forgotten.
    ForgetWorker(WorkerIx),
    /// An origin without workers may be forgotten.
    ForgetOrigin(OriginIx),
}

/// A service worker registration that has, or just had, something to do with syncs.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) key: RegistrationKey,
    pub(super) origin: OriginIx,
    pub(super) list: SyncRegistrationList,
    pub(super) state: WorkerState,
    /// How many registrations it has, those on their way to the store included.
    pub(super) registrations: usize,
    /// Tags with something going on. Empty for a registration that just waits.
    pub(super) activities: BTreeMap<Tag, Activity>,
    /// Requests without a reply, in call order.
    pub(super) replies: VecDeque<QueuedReply>,
    pub(super) breaker: LoopBreaker,
    pub(super) recent_ends: RecentEnds,
    /// Its private partition was closed; what still runs is waited for, and then it is forgotten.
    pub(super) closed: bool,
}

/// What is going on with one tag.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Calls of `register` that are not durable yet, in call order.
    pub(super) asks: Vec<Ask>,
    /// The attempt that runs, of this or an earlier registration of the tag (invariant I2).
    pub(super) attempt: Option<AttemptId>,
    /// The reply that must be delivered before an event (invariant I3).
    pub(super) delivery: Option<Delivery>,
    /// The network that the user refused for it.
    pub(super) declined: Option<NetworkIdentity>,
}

impl Activity {
    pub(super) fn is_over(&self) -> bool {
        self.asks.is_empty() && self.attempt.is_none() && self.delivery.is_none() && self.declined.is_none()
    }
}

/// A permitted call of `register` on its way to the store.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) request: RequestId,
    pub(super) permit: RegistrationPermit,
    /// The number of the registration it is about, or of the one it will make.
    pub(super) sequence: Sequence,
    /// The number was given for this call.
    pub(super) is_first: bool,
    pub(super) asked_by: AskedBy,
    pub(super) at: Observed,
    /// What the loop breaker said.
    pub(super) hop: Duration,
    /// The event of the tag was running when the call was made; how often in a row it had been
    /// registered again by then.
    pub(super) while_firing: Option<u32>,
    /// The commit that carries it, once sent.
    pub(super) txn: Option<TxnId>,
}

/// A reply that was sent and must arrive before the event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    pub(super) request: RequestId,
    pub(super) until: MonotonicTime,
}

/// A request in the order of calls of one key.
#[derive(Debug)]
pub(super) enum QueuedReply {
    /// Waits for a commit.
    Undecided(RequestId),
    /// Waits for its turn.
    Decided(RequestId, Reply),
    /// `getTags`: answered with what is true when its turn comes.
    Tags(RequestId),
}

/// When events of this worker's tags were last fulfilled, for a second.
#[derive(Debug, Default)]
pub(super) struct RecentEnds {
    at: BTreeMap<Tag, MonotonicTime>,
    in_order: VecDeque<(MonotonicTime, Tag)>,
}

impl RecentEnds {
    pub(super) fn note(&mut self, tag: &Tag, now: MonotonicTime, keep: Duration) {
        while let Some((at, _)) = self.in_order.front() {
            if now.since(*at) <= keep {
                break;
            }
            if let Some((at, old)) = self.in_order.pop_front()
                && self.at.get(&old) == Some(&at)
            {
                self.at.remove(&old);
            }
        }
        self.at.insert(tag.clone(), now);
        self.in_order.push_back((now, tag.clone()));
    }

    pub(super) fn get(&self, tag: &Tag) -> Option<MonotonicTime> {
        self.at.get(tag).copied()
    }
}

/// An origin in a partition.
#[derive(Debug)]
pub(super) struct OriginState {
    pub(super) partition: Partition,
    pub(super) origin: Origin,
    pub(super) windows: WindowClients,
    /// When its last window closed, in this session.
    pub(super) closed_at: Option<MonotonicTime>,
    /// Requests of its workers that wait for their turn (invariant I17).
    pub(super) queued: usize,
    /// Registrations over all its workers, those on their way to the store included.
    pub(super) registrations: usize,
    /// Bytes of their tags, two for each UTF-16 code unit.
    pub(super) tag_bytes: usize,
    pub(super) workers: usize,
    /// Registrations that nothing of their own holds back, first registration first.
    pub(super) ready: BTreeMap<Sequence, WorkerIx>,
    /// Registrations whose back-off a returning link may end.
    pub(super) waiting: BTreeMap<Sequence, WorkerIx>,
    /// Registrations that wait for another network.
    pub(super) elsewhere: BTreeMap<Sequence, WorkerIx>,
    /// Attempts that start, run or are being ended.
    pub(super) attempts: usize,
    pub(super) network: OriginNetwork,
    /// The number of the oracle's last notice about it.
    pub(super) network_epoch: u64,
    pub(super) spread_epoch: u64,
    pub(super) spread_until: MonotonicTime,
    pub(super) budget: Budget,
    pub(super) budget_stored: bool,
    pub(super) early: Allowance,
    /// Its private partition was closed.
    pub(super) closed: bool,
}

/// What the oracle said about an origin of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OriginNetwork {
    /// It was not asked since the general state last changed.
    NotAsked,
    /// It was asked, and is asked again at this moment if it does not answer.
    Asked { again_at: MonotonicTime },
    /// It said yes or no, in this epoch of the general state.
    Answered { online: bool, general_epoch: u64 },
}

/// An attempt to run one event.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) worker: WorkerIx,
    pub(super) origin: OriginIx,
    pub(super) key: RegistrationKey,
    pub(super) tag: Tag,
    /// The registration it is for. Another one of the same tag is another generation.
    pub(super) sequence: Sequence,
    pub(super) last_chance: bool,
    /// The booking of its background time, made with the start so that one commit carries both.
    pub(super) ticket: Option<BudgetTicket>,
    pub(super) phase: AttemptPhase,
}

#[derive(Debug)]
pub(super) enum AttemptPhase {
    /// The host asks the user about the network. Nothing was started or written.
    AskingUser { deadline: MonotonicTime, about: Option<NetworkIdentity> },
    /// The worker is being started and the attempt written, at the same time.
    Starting { deadline: MonotonicTime, written: Written, ready: Option<(Facts, NetworkState)> },
    /// The event runs.
    Running {
        deadline: MonotonicTime,
        /// When it has run for as long as its `Dispatch` said. The deadline may be sooner, after a window closed.
        announced: MonotonicTime,
        /// When it has run for as long as an event of its kind may.
        own_cap: MonotonicTime,
        /// Since when its time counts as background time.
        background_since: Option<MonotonicTime>,
        /// Something happened that its worker could not help.
        interrupted: bool,
    },
    /// It was asked to end. What it decides is decided.
    Terminating { deadline: MonotonicTime },
}

/// Whether an attempt is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It waits for a commit to be sent.
    No,
    /// It is in this commit.
    In(TxnId),
    /// It is durable, or needs not be.
    Yes,
}

impl AttemptPhase {
    pub(super) fn deadline(&self) -> MonotonicTime {
        match self {
            Self::AskingUser { deadline, .. }
            | Self::Starting { deadline, .. }
            | Self::Running { deadline, .. }
            | Self::Terminating { deadline } => *deadline,
        }
    }

    /// Everything happens later by so much: the process stood still.
    pub(super) fn postpone(&mut self, by: Duration) {
        let later = |at: &mut MonotonicTime| *at = at.after(by);
        match self {
            Self::AskingUser { deadline, .. } | Self::Starting { deadline, .. } | Self::Terminating { deadline } => {
                later(deadline);
            }
            Self::Running { deadline, announced, own_cap, background_since, interrupted: _ } => {
                [deadline, announced, own_cap].into_iter().for_each(later);
                background_since.as_mut().into_iter().for_each(later);
            }
        }
    }
}

impl OriginState {
    pub(super) fn new(partition: Partition, origin: Origin, link_epoch: u64, latest_notice: u64) -> Self {
        Self {
            partition,
            origin,
            windows: WindowClients::none(),
            closed_at: None,
            queued: 0,
            registrations: 0,
            tag_bytes: 0,
            workers: 0,
            ready: BTreeMap::new(),
            waiting: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            attempts: 0,
            network: OriginNetwork::NotAsked,
            // What was said before it was known may have been taken back by a word nobody noted.
            network_epoch: latest_notice,
            spread_epoch: link_epoch,
            spread_until: MonotonicTime::ZERO,
            budget: Budget::default(),
            budget_stored: false,
            early: Allowance::default(),
            closed: false,
        }
    }

    /// Whether its events count as background work: no window is open, and the last one did not close just now.
    pub(super) fn in_background(&self, now: MonotonicTime, grace: Duration) -> bool {
        self.windows.in_background() && self.closed_at.is_none_or(|at| at.after(grace) <= now)
    }

    /// All registrations that a change of the network may concern.
    pub(super) fn network_bound(&self) -> BTreeSet<(Sequence, WorkerIx)> {
        self.ready.iter().chain(&self.elsewhere).map(|(sequence, worker)| (*sequence, *worker)).collect()
    }
}
