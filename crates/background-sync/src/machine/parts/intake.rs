//! Rows of the store on their way into the lists.

#[cfg(test)]
mod tests;

use std::time::Duration;

use background_sync_registration::{Sequence, StoredRegistration, TagId, memory};

/// No profile lives long enough to count this far. Where a number like this is found, all are given anew, or the
/// next ones would have nowhere to go.
const FAR: Sequence = Sequence(1 << 61);

/// No profile runs for so long: a thousand years. A row that says so says nothing about the others.
const ABSURD: Duration = Duration::from_secs(1_000 * 365 * 86_400);

/// What the store has told of its registrations so far. Rows go into the lists as they come; here is what has to be
/// known of them until the last one is there.
#[derive(Debug, Default)]
pub(in crate::machine) struct Intake {
    /// Names of the rows, in the order in which they came.
    taken: Vec<TagId>,
    /// The number of the last one of them.
    last: Option<Sequence>,
    /// Rows that could not be taken as they came, and all after the first of them.
    put_off: Vec<StoredRegistration>,
    /// The largest running time at which one of them was registered.
    running: Duration,
}

impl Intake {
    /// Whether the row that comes next can be taken as it comes: its number is larger than all before, and a number
    /// at all.
    pub(in crate::machine) fn is_in_order(&self, sequence: Sequence) -> bool {
        self.is_all_in_order() && sequence < FAR && self.last.is_none_or(|last| sequence > last)
    }

    /// A row went into the lists.
    pub(in crate::machine) fn took(&mut self, row: &StoredRegistration, tag: TagId) {
        self.note_running(row);
        self.taken.push(tag);
        self.last = Some(row.sequence);
    }

    /// A row has to wait until all are there: it is out of order, or the lists did not take it.
    pub(in crate::machine) fn put_off(&mut self, row: StoredRegistration) {
        self.note_running(&row);
        self.put_off.push(row);
    }

    fn note_running(&mut self, row: &StoredRegistration) {
        let registered = Some(row.registered.running).filter(|running| *running < ABSURD);
        self.running = self.running.max(registered.unwrap_or_default());
    }

    /// So long at least the profile has been running: a row was registered then.
    pub(in crate::machine) fn running(&self) -> Duration {
        self.running
    }

    /// Whether every row could be taken as it came.
    pub(in crate::machine) fn is_all_in_order(&self) -> bool {
        self.put_off.is_empty()
    }

    /// How many rows came.
    pub(in crate::machine) fn len(&self) -> usize {
        self.taken.len() + self.put_off.len()
    }

    /// The largest number taken.
    pub(in crate::machine) fn last(&self) -> Sequence {
        self.last.unwrap_or_default()
    }

    /// Names of the rows that were taken as they came.
    pub(in crate::machine) fn taken(&self) -> &[TagId] {
        &self.taken
    }

    /// Those that were not.
    pub(in crate::machine) fn into_rest(self) -> Vec<StoredRegistration> {
        self.put_off
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        memory::of_vec(&self.taken) + memory::of_vec(&self.put_off)
    }
}

/// The numbers that records of the store go by from now on.
#[derive(Debug)]
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
        let mut next = next_after(last, reserved);
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

/// The first number after all that were given, in records or by reservation.
pub(in crate::machine) fn next_after(last: Sequence, reserved: Option<Sequence>) -> Sequence {
    let reserved = reserved.filter(|reserved| *reserved < FAR);
    Sequence(last.0 + 1).max(reserved.unwrap_or_default())
}
