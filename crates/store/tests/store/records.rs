use std::time::Duration;

use background_sync::{
    NetworkSecret, StoredProfile,
    registration::{Sequence, WallTime},
    scheduler::StoredBudget,
};

use crate::common::{PARTITION, origin};

pub(crate) fn budget(number: u64) -> StoredBudget {
    let entries = vec![(WallTime::from_unix_ms(1_000), 1, Duration::from_secs(number))];
    StoredBudget::new(PARTITION, origin(number), entries)
}

pub(crate) fn profile(next: u64) -> StoredProfile {
    StoredProfile::new(Sequence(next), Duration::from_secs(9), NetworkSecret::from([1, u64::MAX]))
}
