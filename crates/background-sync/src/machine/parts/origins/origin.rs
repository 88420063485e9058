use std::time::Duration;

use background_sync_policy::{Origin as OriginName, Partition, PerKind, SyncKind, WindowClients};
use background_sync_registration::{MonotonicTime, Now, Tag, WallTime};
use background_sync_scheduler::{
    Allowance, Budget, ConditionOverride, NetworkCost, NetworkState, OriginReach, StoredBudget, SyncParameters,
};

use super::periodic::Periodic;

/// An oracle that was asked about an origin and says nothing is asked again after this long.
const ORACLE_PATIENCE: Duration = Duration::from_secs(60);

/// An origin in a partition: its windows, its counts, its network, its spread, its budget.
#[derive(Debug)]
pub(in crate::machine) struct Origin {
    partition: Partition,
    name: OriginName,
    windows: WindowClients,
    /// When its last window closed, in this session.
    closed_at: Option<MonotonicTime>,
    /// Registrations over all its workers, those on their way to the store included.
    registrations: usize,
    /// Bytes of their tags, two for each UTF-16 code unit.
    tag_bytes: usize,
    workers: usize,
    network: Answer,
    /// What its network costs, if that is worse than what was said of everybody's last.
    cost: Option<NetworkCost>,
    /// The user's word about conditions, as long as something of it is registered.
    overrides: PerKind<ConditionOverride>,
    /// The number of the oracle's last notice about it.
    network_epoch: u64,
    spread_epoch: u64,
    spread_until: MonotonicTime,
    budget: Budget,
    budget_stored: bool,
    early: Allowance,
    /// Its periodic registrations.
    periodic: Periodic,
    /// Its private partition was closed.
    closed: bool,
}

/// What the oracle said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It was not asked since the general state last changed.
    NotAsked,
    /// It was asked, and is asked again at this moment if it does not answer.
    Asked { again_at: MonotonicTime },
    /// It said yes or no, in this epoch of the general state.
    Given { online: bool, general_epoch: u64 },
}

/// What a word about windows means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) enum WindowsChange {
    /// The last one was closed.
    LastClosed,
    /// There was none, and there is one.
    FirstOpened,
    /// Neither.
    Nothing,
}

/// What an answer of the oracle changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) struct Answered {
    pub(in crate::machine) online: bool,
    /// It was asked for.
    pub(in crate::machine) was_asked: bool,
    /// It says something else than before.
    pub(in crate::machine) is_new: bool,
}

impl Origin {
    /// One that was just heard of. What was said about it before may have been taken back by a word nobody noted.
    pub(in crate::machine) fn new(partition: Partition, name: OriginName, link_epoch: u64, latest_notice: u64) -> Self {
        Self {
            partition,
            name,
            windows: WindowClients::none(),
            closed_at: None,
            registrations: 0,
            tag_bytes: 0,
            workers: 0,
            network: Answer::NotAsked,
            cost: None,
            overrides: PerKind::default(),
            network_epoch: latest_notice,
            spread_epoch: link_epoch,
            spread_until: MonotonicTime::ZERO,
            budget: Budget::default(),
            budget_stored: false,
            early: Allowance::default(),
            periodic: Periodic::default(),
            closed: false,
        }
    }

    pub(in crate::machine) fn partition(&self) -> Partition {
        self.partition
    }

    pub(in crate::machine) fn is_private(&self) -> bool {
        self.partition.is_private()
    }

    pub(in crate::machine) fn name(&self) -> &OriginName {
        &self.name
    }

    /// Takes a word about its windows. A navigation is no absence: another window may follow at once.
    pub(in crate::machine) fn windows_changed(&mut self, windows: WindowClients, now: MonotonicTime) -> WindowsChange {
        let before = std::mem::replace(&mut self.windows, windows);
        match (before.in_background(), windows.in_background()) {
            (false, true) => {
                self.closed_at = Some(now);
                WindowsChange::LastClosed
            }
            (true, false) => {
                self.closed_at = None;
                WindowsChange::FirstOpened
            }
            (true, true) | (false, false) => WindowsChange::Nothing,
        }
    }

    /// Whether its events count as background work: no window is open, and the last one did not close just now.
    pub(in crate::machine) fn in_background(&self, now: MonotonicTime, grace: Duration) -> bool {
        self.windows.in_background() && self.closed_at.is_none_or(|at| at.after(grace) <= now)
    }

    /// Whether an event of it that starts now has to be paid for: a periodic one always, any other without a window.
    pub(in crate::machine) fn pays(&self, kind: SyncKind, now: MonotonicTime, params: &SyncParameters) -> bool {
        match kind {
            SyncKind::OneShot => params.limits_background() && self.in_background(now, params.background_grace),
            SyncKind::Periodic => true,
        }
    }

    pub(in crate::machine) fn registrations(&self) -> usize {
        self.registrations
    }

    pub(in crate::machine) fn tag_bytes(&self) -> usize {
        self.tag_bytes
    }

    pub(in crate::machine) fn workers(&self) -> usize {
        self.workers
    }

    /// There is one registration of this tag more (`by` 1) or fewer (`by` -1).
    pub(super) fn count_registration(&mut self, tag: &Tag, by: isize) {
        self.registrations = self.registrations.saturating_add_signed(by);
        if self.registrations == 0 {
            self.overrides = PerKind::default();
        }
        let bytes = isize::try_from(tag.len_utf16().saturating_mul(2)).unwrap_or(isize::MAX);
        self.tag_bytes = self.tag_bytes.saturating_add_signed(bytes.saturating_mul(by));
    }

    pub(in crate::machine) fn count_worker(&mut self, by: isize) {
        self.workers = self.workers.saturating_add_signed(by);
    }

    /// What its network costs, if that is worse than everybody's.
    pub(in crate::machine) fn cost(&self) -> Option<NetworkCost> {
        self.cost
    }

    /// Says whether that is something else than before.
    pub(super) fn set_cost(&mut self, cost: Option<NetworkCost>) -> bool {
        std::mem::replace(&mut self.cost, cost) != cost
    }

    pub(in crate::machine) fn condition_override(&self, kind: SyncKind) -> ConditionOverride {
        *self.overrides.of(kind)
    }

    /// The user's word is about what is there; with nothing registered there is nothing.
    pub(in crate::machine) fn set_condition_override(&mut self, kind: SyncKind, said: ConditionOverride) {
        if self.registrations > 0 {
            *self.overrides.of_mut(kind) = said;
        }
    }

    /// What is known of its own network, in this epoch of the general state.
    pub(in crate::machine) fn reach(&self, general_epoch: u64) -> OriginReach {
        match self.network {
            Answer::NotAsked => OriginReach::Unknown,
            Answer::Asked { again_at } => OriginReach::Asked(again_at),
            Answer::Given { online: true, general_epoch: then } if then == general_epoch => OriginReach::Online,
            Answer::Given { online: false, general_epoch: then } if then == general_epoch => OriginReach::Offline,
            Answer::Given { .. } => OriginReach::Unknown,
        }
    }

    /// Whether it waits for the oracle, or was refused by it: nothing of it starts before the oracle is asked anew.
    pub(super) fn is_parked(&self) -> bool {
        match self.network {
            Answer::Asked { .. } | Answer::Given { online: false, .. } => true,
            Answer::NotAsked | Answer::Given { online: true, .. } => false,
        }
    }

    /// The oracle is being asked about it. Gives the moment at which it is asked again.
    pub(super) fn ask(&mut self, now: MonotonicTime) -> MonotonicTime {
        let again_at = now.after(ORACLE_PATIENCE);
        self.network = Answer::Asked { again_at };
        again_at
    }

    /// What was said is void: the general state is another one.
    pub(super) fn ask_again(&mut self) {
        self.network = Answer::NotAsked;
    }

    /// It turned out to be offline.
    pub(super) fn found_offline(&mut self, general_epoch: u64) {
        self.network = Answer::Given { online: false, general_epoch };
    }

    /// Takes an answer of the oracle; `None` for one that is late, and says nothing.
    pub(super) fn answered(&mut self, state: &NetworkState, epoch: u64, general_epoch: u64) -> Option<Answered> {
        if epoch < self.network_epoch {
            return None;
        }
        self.network_epoch = epoch;
        let online = state.is_online();
        let was_asked = match self.network {
            Answer::Asked { .. } => true,
            Answer::NotAsked | Answer::Given { .. } => false,
        };
        let answer = Answer::Given { online, general_epoch };
        let is_new = std::mem::replace(&mut self.network, answer) != answer;
        Some(Answered { online, was_asked, is_new })
    }

    /// Whether its first event is to be spread anew: the link came up since that was last drawn.
    pub(in crate::machine) fn needs_spread(&self, link_epoch: u64) -> bool {
        self.spread_epoch != link_epoch
    }

    pub(in crate::machine) fn spread(&mut self, link_epoch: u64, until: MonotonicTime) {
        self.spread_epoch = link_epoch;
        self.spread_until = until;
    }

    /// After a restart everybody is spread.
    pub(in crate::machine) fn spread_anew(&mut self) {
        self.spread_epoch = 0;
    }

    pub(in crate::machine) fn spread_until(&self) -> MonotonicTime {
        self.spread_until
    }

    pub(in crate::machine) fn spread_no_later_than(&mut self, at: MonotonicTime) {
        self.spread_until = self.spread_until.min(at);
    }

    pub(in crate::machine) fn set_spread_until(&mut self, at: MonotonicTime) {
        self.spread_until = at;
    }

    /// What events of a kind used.
    pub(in crate::machine) fn budget(&self, kind: SyncKind) -> &Budget {
        match kind {
            SyncKind::OneShot => &self.budget,
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => self.periodic.kept().budget(),
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => &self.budget,
        }
    }

    pub(in crate::machine) fn budget_mut(&mut self, kind: SyncKind) -> &mut Budget {
        match kind {
            SyncKind::OneShot => &mut self.budget,
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => self.periodic.kept_mut().budget_mut(),
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => &mut self.budget,
        }
    }

    /// Its periodic registrations.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn periodic(&self) -> &Periodic {
        &self.periodic
    }

    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn periodic_mut(&mut self) -> &mut Periodic {
        &mut self.periodic
    }

    /// For how long something of what it used has to be remembered; `None` when nothing has to be.
    pub(in crate::machine) fn remembers_for(&mut self, now: Now, params: &SyncParameters) -> Option<Duration> {
        self.budget.forget(now.wall);
        self.budget.until_next(now).max(self.periodic.remembers_for(now, params))
    }

    pub(in crate::machine) fn restore_budget(&mut self, stored: &StoredBudget, now: WallTime) {
        self.budget = Budget::restored(stored, now);
        self.periodic = Periodic::restored(&stored.periodic, now);
        self.budget_stored = true;
    }

    /// Its budget is, or will be, in the store.
    pub(in crate::machine) fn is_budget_stored(&self) -> bool {
        self.budget_stored
    }

    pub(in crate::machine) fn budget_is_stored(&mut self) {
        self.budget_stored = true;
    }

    pub(in crate::machine) fn stored_budget(&self) -> StoredBudget {
        self.budget.to_stored(self.partition, &self.name).with_periodic(self.periodic.encode())
    }

    /// One of the early retries of a returning link, if it has any left.
    pub(in crate::machine) fn take_early_retry(&mut self, per_hour: u32, now: MonotonicTime) -> bool {
        self.early.take(per_hour, now)
    }

    pub(in crate::machine) fn close(&mut self) {
        self.closed = true;
    }

    pub(in crate::machine) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Without its name, which keys have too.
    pub(super) fn heap_bytes(&self) -> usize {
        self.budget.heap_bytes() + self.early.heap_bytes() + self.periodic.heap_bytes()
    }
}
