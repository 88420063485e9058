use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use background_sync_registration::memory;
use rustc_hash::FxHashMap;

/// Places in line that were left, at least, before they are looked for.
const SOME: usize = 16;

/// Origins that have something to start take turns, so that one with a thousand tags does not hold up
/// one with a single one.
#[derive(Clone, Debug)]
pub struct Rotation<T> {
    /// With the number that each joined with; those who left since are still here.
    turn: VecDeque<(u64, T)>,
    /// Who takes part, and with which number. Origins are numbers of ours, which no page chooses.
    member: FxHashMap<T, u64>,
    joined: u64,
}

impl<T> Default for Rotation<T> {
    fn default() -> Self {
        Self { turn: VecDeque::new(), member: FxHashMap::default(), joined: 0 }
    }
}

impl<T: Copy + Eq + Hash> Rotation<T> {
    /// Lets `origin` take part; at the end of the line, once.
    pub fn join(&mut self, origin: T) {
        if let Some(number) = self.enrol(origin) {
            self.turn.push_back((number, origin));
        }
    }

    /// Lets `origin` take part; at the head of the line, because it was there already.
    pub fn rejoin_at_head(&mut self, origin: T) {
        if let Some(number) = self.enrol(origin) {
            self.turn.push_front((number, origin));
        }
    }

    /// Its number, if it did not take part.
    fn enrol(&mut self, origin: T) -> Option<u64> {
        let Entry::Vacant(place) = self.member.entry(origin) else { return None };
        self.joined += 1;
        place.insert(self.joined);
        Some(self.joined)
    }

    /// Lets `origin` take part no longer.
    pub fn leave(&mut self, origin: T) {
        self.member.remove(&origin);
        // No more than half of the line is looked at in vain, however long nobody has a turn.
        if self.turn.len() > 2 * self.member.len() + SOME {
            let member = &self.member;
            self.turn.retain(|(number, origin)| member.get(origin) == Some(number));
        }
    }

    /// Whose turn it is. It has to join again for another one.
    pub fn next_turn(&mut self) -> Option<T> {
        while let Some((number, origin)) = self.turn.pop_front() {
            if self.member.get(&origin) == Some(&number) {
                self.member.remove(&origin);
                return Some(origin);
            }
        }
        None
    }

    /// Bytes that it holds on the heap, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let Self { turn, member, joined: _ } = self;
        memory::of_deque(turn) + memory::of_map(member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_turn_before_anybody_has_two() {
        let mut rotation = Rotation::default();
        for origin in ["a", "a", "b"] {
            rotation.join(origin);
        }
        let first = rotation.next_turn();
        rotation.join("a");
        assert_eq!(
            [first, rotation.next_turn(), rotation.next_turn(), rotation.next_turn()],
            [Some("a"), Some("b"), Some("a"), None]
        );
        assert_eq!(rotation.next_turn(), None);
    }
}
