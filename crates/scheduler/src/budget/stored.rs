use std::time::Duration;

use background_sync_policy::{Origin, Partition};
use background_sync_registration::{Damage, WallTime, open, seal};
use serde::{Deserialize, Serialize};

use super::{Budget, DAY, Entry};

/// Version of the stored form of a budget.
pub const STORED_BUDGET_VERSION: u8 = 3;

/// What is kept of an origin, as the store keeps it: its budget, and what only its periodic syncs need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredBudget {
    /// The partition; never a private one.
    pub partition: Partition,
    /// The origin.
    pub origin: Origin,
    /// When, how many starts, and how much time; oldest first.
    pub entries: Vec<(WallTime, u32, Duration)>,
    /// What periodic syncs of it need, in a form of its own; empty where it has none. An engine without those keeps it
    /// as it is.
    pub periodic: Vec<u8>,
}

impl StoredBudget {
    /// What an origin used: when, how many starts, and how much time.
    #[must_use]
    pub const fn new(partition: Partition, origin: Origin, entries: Vec<(WallTime, u32, Duration)>) -> Self {
        Self { partition, origin, entries, periodic: Vec::new() }
    }

    /// The same with what its periodic syncs need.
    #[must_use]
    pub fn with_periodic(self, periodic: Vec<u8>) -> Self {
        Self { periodic, ..self }
    }

    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_BUDGET_VERSION, self)
    }

    /// Reads stored bytes of any version.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        match open(STORED_BUDGET_VERSION, bytes) {
            Err(Damage::UnknownVersion(1)) => open(1, bytes).map(Version1::into_present),
            Err(Damage::UnknownVersion(2)) => open(2, bytes).map(Version2::into_present),
            result => result,
        }
    }
}

/// What was written when there was nothing periodic.
#[derive(Deserialize)]
struct Version2 {
    partition: Partition,
    origin: Origin,
    entries: Vec<(WallTime, u32, Duration)>,
}

impl Version2 {
    fn into_present(self) -> StoredBudget {
        StoredBudget::new(self.partition, self.origin, self.entries)
    }
}

/// What was written when every booking stood by itself.
#[derive(Deserialize)]
struct Version1 {
    partition: Partition,
    origin: Origin,
    /// When, whether a start, and how much time.
    entries: Vec<(WallTime, bool, Duration)>,
}

impl Version1 {
    fn into_present(self) -> StoredBudget {
        let entries = self.entries.into_iter().map(|(at, is_start, time)| (at, u32::from(is_start), time)).collect();
        StoredBudget::new(self.partition, self.origin, entries)
    }
}

impl Budget {
    /// Takes a stored budget up again. Entries from the future (the clock was set back) count from now,
    /// so that a wrong clock can lock an origin out for a day at most.
    #[must_use]
    pub fn restored(stored: &StoredBudget, now: WallTime) -> Self {
        Self::of_entries(stored.entries.clone(), now)
    }

    pub(crate) fn of_entries(mut entries: Vec<(WallTime, u32, Duration)>, now: WallTime) -> Self {
        entries.sort_by_key(|(at, ..)| *at);
        let mut budget = Self::default();
        for (at, starts, time) in entries {
            let ticket = budget.push(at.min(now), u64::from(starts), time.min(DAY));
            budget.end(ticket);
        }
        budget
    }

    /// The form to store.
    #[must_use]
    pub fn to_stored(&self, partition: Partition, origin: &Origin) -> StoredBudget {
        StoredBudget::new(partition, origin.clone(), self.to_entries())
    }

    pub(crate) fn to_entries(&self) -> Vec<(WallTime, u32, Duration)> {
        let starts = |entry: &Entry| u32::try_from(entry.starts).unwrap_or(u32::MAX);
        self.entries.values().map(|entry| (entry.at, starts(entry), entry.time)).collect()
    }

    /// Whether nothing is booked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
