//! The numbers that registrations go by.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use background_sync_registration::{Sequence, memory};

/// Numbers are reserved in the store this many at a time.
const RESERVE: u64 = 1_024;

/// Which numbers were given, and how far they are reserved: a restart never gives one again.
#[derive(Debug)]
pub(in crate::machine) struct Numbers {
    next: Sequence,
    /// Numbers below this are reserved in the store.
    reserved: Sequence,
    /// Numbers of first registrations that were refused, because their commit failed or before they were sent. Those
    /// at the end are given again.
    refused: BTreeSet<Sequence>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { next: Sequence(1), reserved: Sequence(0), refused: BTreeSet::new() }
    }
}

impl Numbers {
    /// Goes on where the store's records end. What was reserved before may be used up: the first commit reserves
    /// anew.
    pub(in crate::machine) fn resume(&mut self, next: Sequence) {
        self.next = next;
        self.reserved.0 = next.0.saturating_sub(1);
    }

    pub(in crate::machine) fn give(&mut self) -> Sequence {
        let sequence = self.next;
        self.next.0 = sequence.0.saturating_add(1);
        sequence
    }

    /// Whether any was ever reserved.
    pub(in crate::machine) fn any_reserved(&self) -> bool {
        self.reserved.0 > 0
    }

    /// Whether a number was given that is not reserved.
    pub(in crate::machine) fn are_used_up(&self) -> bool {
        self.next > self.reserved
    }

    /// What the next commit reserves.
    pub(in crate::machine) fn to_reserve(&self) -> Sequence {
        if self.are_used_up() { Sequence(self.next.0.saturating_add(RESERVE)) } else { self.reserved }
    }

    pub(in crate::machine) fn reserved(&mut self, up_to: Sequence) {
        self.reserved = up_to;
    }

    /// Nothing came of this number.
    pub(in crate::machine) fn refuse(&mut self, sequence: Sequence) {
        self.refused.insert(sequence);
    }

    /// The last numbers, if nothing came of them, are given again: a store that fails for long would fill the
    /// journal with removals of what was refused.
    pub(in crate::machine) fn take_back(&mut self) {
        while let Some(last) = self.next.0.checked_sub(1).map(Sequence)
            && self.refused.remove(&last)
        {
            self.next = last;
        }
    }

    /// A commit with this number is durable: neither it nor one before it is given again.
    pub(in crate::machine) fn used_up_to(&mut self, last: Sequence) {
        while self.refused.first().is_some_and(|refused| *refused <= last) {
            self.refused.pop_first();
        }
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        memory::of_tree_set(&self.refused)
    }
}
