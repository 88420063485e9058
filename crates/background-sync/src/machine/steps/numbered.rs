//! The numbers that records of the store go by.

use background_sync_registration::{Sequence, StoredRegistration};

/// No profile lives long enough to count this far. Where a number like this is found, all are given anew, or the
/// next ones would have nowhere to go.
const FAR: Sequence = Sequence(1 << 61);

/// The numbers that records of the store go by from now on.
pub(in crate::machine) struct Numbered {
    /// Some of them are not the ones in the store.
    pub(in crate::machine) anew: bool,
    /// One for each record, in their order: its own, unless that is taken or far off.
    pub(in crate::machine) numbers: Vec<Sequence>,
    /// Larger than all of them, and than what was reserved.
    pub(in crate::machine) next: Sequence,
}

impl Numbered {
    /// `records` in the order of their numbers. A number that occurs twice goes to the first one, and the second
    /// gets a new one: it is another promise all the same.
    pub(in crate::machine) fn of(records: &[StoredRegistration], reserved: Option<Sequence>) -> Self {
        let last = records.last().map_or(Sequence(0), |record| record.sequence);
        if last >= FAR {
            let count = records.len() as u64;
            return Self { anew: true, numbers: (1..=count).map(Sequence).collect(), next: Sequence(count + 1) };
        }
        let reserved = reserved.filter(|reserved| *reserved < FAR);
        let mut next = Sequence(last.0 + 1).max(reserved.unwrap_or_default());
        let mut before = None;
        let numbers = records.iter().map(|record| {
            if before.replace(record.sequence) == Some(record.sequence) {
                let given = next;
                next.0 += 1;
                return given;
            }
            record.sequence
        });
        let numbers: Vec<_> = numbers.collect();
        let anew = numbers.iter().zip(records).any(|(number, record)| *number != record.sequence);
        Self { anew, numbers, next }
    }
}
