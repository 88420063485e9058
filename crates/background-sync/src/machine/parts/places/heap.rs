//! Registrations by the moment they wait for.

use background_sync_registration::{MonotonicTime, Sequence, SyncRegistrationLists, memory};

use super::Slot;

/// Children of a place: flat trees miss the cache less often.
const WIDTH: usize = 4;

/// A heap of registrations; each slot knows its place, so that a moment can be changed or taken back.
#[derive(Debug, Default)]
pub(super) struct Heap {
    places: Vec<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// [`MonotonicTime::nanos`].
    at: u64,
    /// Equal moments go by worker, then by first registration.
    worker: u32,
    slot: u32,
}

/// What the order goes by.
pub(super) type Rank = (u64, u32, Option<Sequence>);

impl Heap {
    pub(super) fn next(&self) -> Option<MonotonicTime> {
        self.places.first().map(|place| MonotonicTime::from_nanos(place.at))
    }

    pub(super) fn first_slot(&self) -> Option<u32> {
        self.places.first().map(|place| place.slot)
    }

    /// Whether the first moment has come. What is kept as the far future never does.
    pub(super) fn is_due(&self, now: MonotonicTime) -> bool {
        let now = now.nanos();
        self.places.first().is_some_and(|place| place.at <= now && place.at < u64::MAX)
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The moment a registration waits for.
    pub(super) fn moment_of(&self, slot: u32, slots: &[Slot]) -> Option<MonotonicTime> {
        place_of(slot, slots).and_then(|place| self.places.get(place)).map(|place| MonotonicTime::from_nanos(place.at))
    }

    /// What is first, to be compared with that of another heap.
    pub(super) fn first(&self, lists: &SyncRegistrationLists) -> Option<Rank> {
        self.places.first().map(|place| place.rank(lists))
    }

    /// Makes a registration wait for this moment and for no other.
    pub(super) fn set(
        &mut self,
        at: MonotonicTime,
        worker: u32,
        slot: u32,
        slots: &mut [Slot],
        lists: &SyncRegistrationLists,
    ) {
        let new = Place { at: at.nanos(), worker, slot };
        match place_of(slot, slots) {
            Some(place) if self.places[place].at == new.at => {}
            Some(place) => {
                self.places[place] = new;
                self.settle(place, slots, lists);
            }
            None => {
                self.places.push(new);
                self.settle(self.places.len() - 1, slots, lists);
            }
        }
    }

    /// It waits no longer, if it did.
    pub(super) fn cancel(&mut self, slot: u32, slots: &mut [Slot], lists: &SyncRegistrationLists) {
        let Some(place) = place_of(slot, slots) else { return };
        slots[slot as usize].in_heap.leave();
        self.places.swap_remove(place);
        if place < self.places.len() {
            self.settle(place, slots, lists);
        }
    }

    /// Takes out the first one whose moment has come.
    pub(super) fn pop_due(
        &mut self,
        now: MonotonicTime,
        slots: &mut [Slot],
        lists: &SyncRegistrationLists,
    ) -> Option<u32> {
        let first = self.places.first().filter(|place| MonotonicTime::from_nanos(place.at) <= now)?;
        let slot = first.slot;
        self.cancel(slot, slots, lists);
        Some(slot)
    }

    /// Moves what is at a place to where it belongs.
    fn settle(&mut self, place: usize, slots: &mut [Slot], lists: &SyncRegistrationLists) {
        let up = self.up(place, slots, lists);
        self.down(up, slots, lists);
    }

    fn up(&mut self, mut place: usize, slots: &mut [Slot], lists: &SyncRegistrationLists) -> usize {
        let moving = self.places[place];
        while place > 0 {
            let parent = (place - 1) / WIDTH;
            if !moving.is_before(&self.places[parent], lists) {
                break;
            }
            self.write(place, self.places[parent], slots);
            place = parent;
        }
        self.write(place, moving, slots);
        place
    }

    fn down(&mut self, mut place: usize, slots: &mut [Slot], lists: &SyncRegistrationLists) {
        let moving = self.places[place];
        loop {
            let children = place * WIDTH + 1..self.places.len().min(place * WIDTH + 1 + WIDTH);
            let least = children.reduce(|a, b| if self.places[b].is_before(&self.places[a], lists) { b } else { a });
            let Some(least) = least.filter(|child| self.places[*child].is_before(&moving, lists)) else { break };
            self.write(place, self.places[least], slots);
            place = least;
        }
        self.write(place, moving, slots);
    }

    fn write(&mut self, place: usize, what: Place, slots: &mut [Slot]) {
        self.places[place] = what;
        slots[what.slot as usize].in_heap.move_to(place);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        memory::of_vec(&self.places)
    }
}

impl Place {
    fn rank(&self, lists: &SyncRegistrationLists) -> Rank {
        (self.at, self.worker, lists.at(self.slot).map(|(_, registration)| registration.sequence()))
    }

    fn is_before(&self, other: &Self, lists: &SyncRegistrationLists) -> bool {
        match (self.at, self.worker).cmp(&(other.at, other.worker)) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => self.rank(lists) < other.rank(lists),
        }
    }
}

fn place_of(slot: u32, slots: &[Slot]) -> Option<usize> {
    slots[slot as usize].in_heap.place()
}
