//! Waits by what they are for: a reply arrives within a second, and should not climb over a million back-offs.

use background_sync_registration::{MonotonicTime, SyncRegistrationLists};
use background_sync_scheduler::Standing;

use super::Slot;
use super::heap::{Heap, Rank};
use crate::machine::parts::time::earlier;

/// The registrations that wait for a moment.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// For spacing, or the delivery of a reply: few, and not for long.
    short: Heap,
    /// For the end of a back-off, or until a condition relaxes.
    long: Heap,
}

/// Where a registration is that waits for a moment: one more than its place in a heap, and a bit that says in which.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InHeap(u32);

impl InHeap {
    const LONG: u32 = 1 << 31;

    pub(super) fn is_in(self) -> bool {
        self.0 & !Self::LONG != 0
    }

    pub(super) fn place(self) -> Option<usize> {
        ((self.0 & !Self::LONG) as usize).checked_sub(1)
    }

    /// It is moved within its heap.
    pub(super) fn move_to(&mut self, place: usize) {
        // A heap of two thousand million does not fit into any machine that a browser runs on.
        let place = u32::try_from(place + 1).unwrap_or(u32::MAX) & !Self::LONG;
        self.0 = (self.0 & Self::LONG) | place;
    }

    pub(super) fn leave(&mut self) {
        self.0 &= Self::LONG;
    }

    fn is_long(self) -> bool {
        self.0 & Self::LONG != 0
    }

    /// The heap that it will be in; it is in none.
    fn choose(long: bool) -> Self {
        Self(if long { Self::LONG } else { 0 })
    }
}

impl Waits {
    /// Makes a registration wait for what it stands for, and for nothing else.
    pub(super) fn file(
        &mut self,
        standing: Standing,
        worker: u32,
        slot: u32,
        slots: &mut [Slot],
        lists: &SyncRegistrationLists,
    ) {
        let Some((at, long)) = moment_of(standing) else { return self.cancel(slot, slots, lists) };
        if slots[slot as usize].in_heap.is_long() != long {
            self.cancel(slot, slots, lists);
            slots[slot as usize].in_heap = InHeap::choose(long);
        }
        self.heap_mut(long).set(at, worker, slot, slots, lists);
    }

    /// It waits no longer, if it did.
    pub(super) fn cancel(&mut self, slot: u32, slots: &mut [Slot], lists: &SyncRegistrationLists) {
        let long = slots[slot as usize].in_heap.is_long();
        self.heap_mut(long).cancel(slot, slots, lists);
    }

    /// When the first wait ends.
    pub(super) fn next(&self) -> Option<MonotonicTime> {
        earlier(self.short.next(), self.long.next())
    }

    /// Whether it has ended.
    pub(super) fn is_due(&self, now: MonotonicTime) -> bool {
        self.short.is_due(now) || self.long.is_due(now)
    }

    /// The slot of a registration whose wait ends first.
    pub(super) fn first_slot(&self) -> Option<u32> {
        let first = [&self.short, &self.long].into_iter().filter_map(|heap| Some((heap.next()?, heap.first_slot()?)));
        first.min_by_key(|(at, _)| *at).map(|(_, slot)| slot)
    }

    /// What is first, to be compared with that of others.
    pub(super) fn first(&self, lists: &SyncRegistrationLists) -> Option<Rank> {
        [self.short.first(lists), self.long.first(lists)].into_iter().flatten().min()
    }

    /// Takes out the first one whose moment has come.
    pub(super) fn pop_due(
        &mut self,
        now: MonotonicTime,
        slots: &mut [Slot],
        lists: &SyncRegistrationLists,
    ) -> Option<u32> {
        let long = match (self.short.first(lists), self.long.first(lists)) {
            (short, None) => short.is_none(),
            (None, Some(_)) => true,
            (Some(short), Some(long)) => long < short,
        };
        self.heap_mut(long).pop_due(now, slots, lists)
    }

    pub(super) fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }

    /// Whether a registration waits as one that stands like this.
    pub(super) fn agree_with(&self, standing: Standing, slot: u32, slots: &[Slot]) -> bool {
        match moment_of(standing) {
            None => !slots[slot as usize].in_heap.is_in(),
            Some((at, long)) => {
                let heap = if long { &self.long } else { &self.short };
                let at = MonotonicTime::from_nanos(at.nanos());
                slots[slot as usize].in_heap.is_long() == long && heap.moment_of(slot, slots) == Some(at)
            }
        }
    }

    fn heap_mut(&mut self, long: bool) -> &mut Heap {
        if long { &mut self.long } else { &mut self.short }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.short.heap_bytes() + self.long.heap_bytes()
    }
}

/// The moment a registration waits for, and whether that may be far away.
fn moment_of(standing: Standing) -> Option<(MonotonicTime, bool)> {
    match standing {
        Standing::Until(at) => Some((at, false)),
        // For days, like the longest back-offs.
        Standing::Conditional(at) => Some((at, true)),
        Standing::BackingOff { until, deferred: _ } => Some((until, true)),
        Standing::Ready | Standing::Elsewhere | Standing::Held => None,
    }
}
