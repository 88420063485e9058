//! Origins that have something to do with syncs, and whose turn it is.

mod origin;
#[cfg_attr(not(feature = "periodic"), path = "not_periodic.rs")]
mod periodic;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use background_sync_policy::{Origin as OriginName, Partition, PartitionId, SyncKind};
use background_sync_registration::{MonotonicTime, Tag, memory};
use background_sync_scheduler::{NetworkCost, NetworkState, Rotation};

use super::table::{Name, Table};
pub(in crate::machine) use origin::{Answered, Origin, WindowsChange};

/// Names an [`Origin`] in a partition; never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::machine) struct OriginIx(Name);

/// The registrations of one kind of an origin: they wait in a line of their own, and have turns of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::machine) struct Lane {
    pub(in crate::machine) origin: OriginIx,
    pub(in crate::machine) kind: SyncKind,
}

/// The two lanes of an origin share a hash: looked up with every start, it is to be cheap.
impl Hash for Lane {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.origin.hash(state);
    }
}

impl OriginIx {
    /// Its registrations of a kind.
    pub(in crate::machine) fn lane(self, kind: SyncKind) -> Lane {
        Lane { origin: self, kind }
    }

    /// All of them, kind by kind.
    pub(in crate::machine) fn lanes(self) -> [Lane; SyncKind::ALL.len()] {
        SyncKind::ALL.map(|kind| self.lane(kind))
    }

    /// For what is kept beside origins.
    pub(in crate::machine) fn name(self) -> Name {
        self.0
    }
}

/// All origins, each in its partition.
#[derive(Debug, Default)]
pub(in crate::machine) struct Origins {
    table: Table<Origin>,
    /// By origin first, so that a notice about an origin finds it in every partition.
    by_name: BTreeMap<(OriginName, Partition), OriginIx>,
    rotation: Rotation<Lane>,
    /// Those that wait for the oracle, or that it refused.
    parked: BTreeSet<OriginIx>,
    /// Those with periodic registrations.
    #[cfg(feature = "periodic")]
    with_periodic: BTreeSet<OriginIx>,
    /// Those whose periodic syncs have to be planned anew.
    to_plan: BTreeSet<OriginIx>,
    /// Those whose periodic syncs were due when nothing could start.
    overdue: BTreeSet<OriginIx>,
    /// Those of which the oracle said that their network costs more than everybody's.
    costly: BTreeSet<OriginIx>,
    /// Bytes that the tags of all take: of those that are stored, and of those in private partitions.
    tag_bytes: TagBytes,
}

/// Bytes that tags take together, two for each code unit.
#[derive(Debug, Default)]
struct TagBytes {
    stored: usize,
    private: usize,
}

impl TagBytes {
    fn of(&self, partition: Partition) -> usize {
        if partition.is_private() { self.private } else { self.stored }
    }

    /// What an origin in this partition has changes from the first to the second.
    fn change(&mut self, partition: Partition, before: usize, after: usize) {
        let all = if partition.is_private() { &mut self.private } else { &mut self.stored };
        *all = all.saturating_sub(before).saturating_add(after);
    }
}

impl Origins {
    pub(in crate::machine) fn get(&self, ix: OriginIx) -> Option<&Origin> {
        self.table.get(ix.0)
    }

    pub(in crate::machine) fn get_mut(&mut self, ix: OriginIx) -> Option<&mut Origin> {
        self.table.get_mut(ix.0)
    }

    pub(in crate::machine) fn find(&self, partition: Partition, name: &OriginName) -> Option<OriginIx> {
        self.by_name.get(&(name.clone(), partition)).copied()
    }

    /// Takes a new one in.
    pub(in crate::machine) fn add(&mut self, origin: Origin) -> Option<OriginIx> {
        let name = (origin.name().clone(), origin.partition());
        let ix = OriginIx(self.table.add(origin)?);
        self.by_name.insert(name, ix);
        Some(ix)
    }

    pub(in crate::machine) fn remove(&mut self, ix: OriginIx) -> Option<Origin> {
        let origin = self.table.remove(ix.0)?;
        self.tag_bytes.change(origin.partition(), origin.tag_bytes(), 0);
        self.by_name.remove(&(origin.name().clone(), origin.partition()));
        ix.lanes().into_iter().for_each(|lane| self.rotation.leave(lane));
        self.parked.remove(&ix);
        #[cfg(feature = "periodic")]
        self.with_periodic.remove(&ix);
        self.to_plan.remove(&ix);
        self.overdue.remove(&ix);
        self.costly.remove(&ix);
        Some(origin)
    }

    /// Of an origin there is one registration of this tag more (`by` 1) or fewer (`by` -1).
    pub(in crate::machine) fn count_registration(&mut self, ix: OriginIx, tag: &Tag, by: isize) {
        let Some(origin) = self.table.get_mut(ix.0) else { return };
        let before = origin.tag_bytes();
        origin.count_registration(tag, by);
        self.tag_bytes.change(origin.partition(), before, origin.tag_bytes());
    }

    /// Bytes that all tags take that are stored with those of this partition; all of private ones, for such a one.
    pub(in crate::machine) fn tag_bytes_with(&self, partition: Partition) -> usize {
        self.tag_bytes.of(partition)
    }

    /// The oracle is being asked about an origin. Gives its name, and the moment at which it is asked again.
    pub(in crate::machine) fn ask(&mut self, ix: OriginIx, now: MonotonicTime) -> Option<(OriginName, MonotonicTime)> {
        self.heard(ix, |origin| (origin.name().clone(), origin.ask(now)))
    }

    /// What was said about an origin is void: the oracle has to be asked anew.
    pub(in crate::machine) fn ask_again(&mut self, ix: OriginIx) {
        self.heard(ix, Origin::ask_again);
    }

    /// An origin turned out to be offline.
    pub(in crate::machine) fn found_offline(&mut self, ix: OriginIx, general_epoch: u64) {
        self.heard(ix, |origin| origin.found_offline(general_epoch));
    }

    /// Takes an answer of the oracle about an origin; `None` for one that is late, and says nothing.
    pub(in crate::machine) fn answered(
        &mut self,
        ix: OriginIx,
        state: &NetworkState,
        epoch: u64,
        general_epoch: u64,
    ) -> Option<Answered> {
        self.heard(ix, |origin| origin.answered(state, epoch, general_epoch)).flatten()
    }

    /// Says whether the network of an origin costs something else than before.
    pub(in crate::machine) fn set_cost(&mut self, ix: OriginIx, cost: Option<NetworkCost>) -> bool {
        match cost {
            Some(_) => self.costly.insert(ix),
            None => self.costly.remove(&ix),
        };
        self.table.get_mut(ix.0).is_some_and(|origin| origin.set_cost(cost))
    }

    /// Those of which the oracle said that their network costs more than everybody's.
    pub(in crate::machine) fn costly(&self) -> Vec<OriginIx> {
        self.costly.iter().copied().collect()
    }

    /// Those that wait for the oracle, or that it refused, in the order in which they were first heard of.
    pub(in crate::machine) fn parked(&self) -> Vec<OriginIx> {
        self.parked.iter().copied().collect()
    }

    fn heard<T>(&mut self, ix: OriginIx, what: impl FnOnce(&mut Origin) -> T) -> Option<T> {
        let origin = self.table.get_mut(ix.0)?;
        let said = what(origin);
        if origin.is_parked() {
            self.parked.insert(ix);
        } else {
            self.parked.remove(&ix);
        }
        Some(said)
    }

    /// How many there are.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn len(&self) -> usize {
        self.table.len()
    }

    /// In the order in which they were first heard of.
    pub(in crate::machine) fn all(&self) -> Vec<OriginIx> {
        self.table.names().into_iter().map(OriginIx).collect()
    }

    pub(in crate::machine) fn iter(&self) -> impl Iterator<Item = (OriginIx, &Origin)> {
        self.table.iter().map(|(name, origin)| (OriginIx(name), origin))
    }

    /// The origin in every partition.
    pub(in crate::machine) fn partitions_of(&self, name: &OriginName) -> Vec<OriginIx> {
        let first = (name.clone(), Partition::Profile(PartitionId(0)));
        let last = (name.clone(), Partition::Private(PartitionId(u64::MAX)));
        self.by_name.range(first..=last).map(|(_, ix)| *ix).collect()
    }

    /// An origin has periodic registrations, or has none any more.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn set_periodic(&mut self, ix: OriginIx, has_any: bool) {
        if has_any {
            self.with_periodic.insert(ix);
        } else {
            self.with_periodic.remove(&ix);
        }
    }

    /// Those with periodic registrations.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn with_periodic(&self) -> &BTreeSet<OriginIx> {
        &self.with_periodic
    }

    /// Something has changed for the periodic syncs of an origin.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn plan_later(&mut self, ix: OriginIx) {
        self.to_plan.insert(ix);
    }

    /// Whose periodic syncs have to be planned anew.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn next_to_plan(&mut self) -> Option<OriginIx> {
        self.to_plan.pop_first()
    }

    /// Periodic syncs of an origin are due, and have to wait until anything can start.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn overdue(&mut self, ix: OriginIx) {
        self.overdue.insert(ix);
    }

    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn any_overdue(&self) -> bool {
        !self.overdue.is_empty()
    }

    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn take_overdue(&mut self) -> BTreeSet<OriginIx> {
        std::mem::take(&mut self.overdue)
    }

    /// Lets a lane take part in the turns.
    pub(in crate::machine) fn join(&mut self, lane: Lane) {
        self.rotation.join(lane);
    }

    /// The same, at the head of the line.
    pub(in crate::machine) fn rejoin_at_head(&mut self, lane: Lane) {
        self.rotation.rejoin_at_head(lane);
    }

    /// Whose turn it is. It has to join again for another one.
    pub(in crate::machine) fn next_turn(&mut self) -> Option<Lane> {
        self.rotation.next_turn()
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let Self { table, by_name, rotation, parked, costly, to_plan, overdue, .. } = self;
        let of_origins: usize = self.iter().map(|(_, origin)| origin.heap_bytes()).sum();
        let sets: usize = [parked, costly, to_plan, overdue].into_iter().map(memory::of_tree_set).sum();
        #[cfg(feature = "periodic")]
        let sets = sets + memory::of_tree_set(&self.with_periodic);
        let lines = rotation.heap_bytes() + sets;
        table.heap_bytes() + of_origins + memory::of_tree(by_name) + lines
    }
}
