//! Origins that have something to do with syncs, and whose turn it is.

mod origin;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use background_sync_policy::{Origin as OriginName, Partition, PartitionId};
use background_sync_scheduler::Rotation;

use super::table::{Name, Table};
pub(in crate::machine) use origin::{Origin, WindowsChange};

/// Names an [`Origin`] in a partition; never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::machine) struct OriginIx(Name);

impl OriginIx {
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
    rotation: Rotation<OriginIx>,
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
        self.by_name.remove(&(origin.name().clone(), origin.partition()));
        self.rotation.leave(ix);
        Some(origin)
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

    /// Lets an origin take part in the turns.
    pub(in crate::machine) fn join(&mut self, ix: OriginIx) {
        self.rotation.join(ix);
    }

    /// The same, at the head of the line.
    pub(in crate::machine) fn rejoin_at_head(&mut self, ix: OriginIx) {
        self.rotation.rejoin_at_head(ix);
    }

    /// Whose turn it is. It has to join again for another one.
    pub(in crate::machine) fn next_turn(&mut self) -> Option<OriginIx> {
        self.rotation.next_turn()
    }
}
