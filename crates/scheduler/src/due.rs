use std::hash::Hash;

use background_sync_registration::{MonotonicTime, memory};
use rustc_hash::FxHashMap;
use slab::Slab;

/// Children of a place: flat trees miss the cache less often.
const WIDTH: usize = 4;

/// Things by the moment they are due at, those of one moment in their own order. What is not due is never looked at.
///
/// A thing has one moment or none, so setting a new one ends the old one: there is no stale timer.
#[derive(Clone, Debug)]
pub struct DueQueue<T> {
    /// A heap. Each thing knows its place in it, so that a moment can be changed or taken back.
    heap: Vec<Place>,
    things: Slab<Thing<T>>,
    /// Where a thing is. Things are numbers of ours, which no page chooses, so a quick hash will do.
    by_thing: FxHashMap<T, u32>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    at: MonotonicTime,
    thing: u32,
}

#[derive(Clone, Debug)]
struct Thing<T> {
    thing: T,
    place: u32,
}

impl<T> Default for DueQueue<T> {
    fn default() -> Self {
        Self { heap: Vec::new(), things: Slab::new(), by_thing: FxHashMap::default() }
    }
}

impl<T: Copy + Ord + Hash> DueQueue<T> {
    /// Makes `thing` due at `at`, and at no other moment.
    ///
    /// # Panics
    /// When there are four thousand million things.
    pub fn set(&mut self, thing: T, at: MonotonicTime) {
        if let Some(known) = self.by_thing.get(&thing) {
            let place = self.things[*known as usize].place as usize;
            if self.heap[place].at != at {
                self.heap[place].at = at;
                self.settle(place);
            }
            return;
        }
        let number = number(self.things.insert(Thing { thing, place: 0 }));
        self.by_thing.insert(thing, number);
        self.heap.push(Place { at, thing: number });
        self.up(self.heap.len() - 1);
    }

    /// Takes `thing` out. `false` when it was not in.
    pub fn cancel(&mut self, thing: T) -> bool {
        let Some(number) = self.by_thing.remove(&thing) else { return false };
        let place = self.things.remove(number as usize).place as usize;
        self.heap.swap_remove(place);
        if place < self.heap.len() {
            self.settle(place);
        }
        true
    }

    /// Whether `thing` is in.
    #[must_use]
    pub fn contains(&self, thing: T) -> bool {
        self.by_thing.contains_key(&thing)
    }

    /// When the first thing is due.
    #[must_use]
    pub fn next_deadline(&self) -> Option<MonotonicTime> {
        self.heap.first().map(|place| place.at)
    }

    /// Takes out the first thing that is due by now.
    pub fn pop_due(&mut self, now: MonotonicTime) -> Option<T> {
        let first = self.heap.first().filter(|first| first.at <= now)?;
        let thing = self.things[first.thing as usize].thing;
        self.cancel(thing);
        Some(thing)
    }

    /// Everything that is due by then, in no order. Looks at nothing else but what comes right after it.
    pub fn due_by(&self, then: MonotonicTime) -> impl Iterator<Item = T> + '_ {
        let mut places = vec![0];
        std::iter::from_fn(move || {
            while let Some(at) = places.pop() {
                if let Some(place) = self.heap.get(at).filter(|place| place.at <= then) {
                    places.extend(at * WIDTH + 1..at * WIDTH + 1 + WIDTH);
                    return Some(self.things[place.thing as usize].thing);
                }
            }
            None
        })
    }

    /// How many things are in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Moves what is at a place to where it belongs.
    fn settle(&mut self, place: usize) {
        let place = self.up(place);
        self.down(place);
    }

    fn up(&mut self, mut place: usize) -> usize {
        let moving = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / WIDTH;
            if !self.is_before(moving, self.heap[parent]) {
                break;
            }
            self.put(place, self.heap[parent]);
            place = parent;
        }
        self.put(place, moving);
        place
    }

    fn down(&mut self, mut place: usize) {
        let moving = self.heap[place];
        loop {
            let children = place * WIDTH + 1..self.heap.len().min(place * WIDTH + 1 + WIDTH);
            let least = children.reduce(|a, b| if self.is_before(self.heap[b], self.heap[a]) { b } else { a });
            let Some(least) = least.filter(|child| self.is_before(self.heap[*child], moving)) else { break };
            self.put(place, self.heap[least]);
            place = least;
        }
        self.put(place, moving);
    }

    fn put(&mut self, place: usize, what: Place) {
        self.heap[place] = what;
        self.things[what.thing as usize].place = number(place);
    }

    fn is_before(&self, a: Place, b: Place) -> bool {
        let thing = |place: Place| self.things[place.thing as usize].thing;
        a.at < b.at || (a.at == b.at && thing(a) < thing(b))
    }

    /// Bytes that it holds on the heap, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let Self { heap: places, things, by_thing } = self;
        memory::of_vec(places) + memory::of_slab(things) + memory::of_map(by_thing)
    }
}

/// A place in half a word.
fn number(place: usize) -> u32 {
    u32::try_from(place).expect("no machine holds four thousand million timers")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> MonotonicTime {
        MonotonicTime::from_start(Duration::from_secs(seconds))
    }

    #[test]
    fn what_is_due_comes_out_in_order_and_the_rest_stays() {
        let mut queue = DueQueue::default();
        for (s, name) in [(3, 'c'), (1, 'b'), (1, 'a'), (9, 'z')] {
            queue.set(name, at(s));
        }
        assert!(queue.cancel('c') && !queue.cancel('c'));
        assert_eq!(queue.next_deadline(), Some(at(1)));
        assert_eq!([queue.pop_due(at(5)), queue.pop_due(at(5)), queue.pop_due(at(5))], [Some('a'), Some('b'), None]);
        assert_eq!(queue.len(), 1);
    }

    #[test]
    fn i8_a_later_moment_replaces_an_earlier_one() {
        let mut queue = DueQueue::default();
        queue.set('a', at(1));
        queue.set('a', at(5));
        assert_eq!(queue.pop_due(at(1)), None);
        assert_eq!(queue.pop_due(at(5)), Some('a'));
        assert!(queue.is_empty());
    }
}
