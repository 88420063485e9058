use std::collections::VecDeque;
use std::hash::Hash;

use rustc_hash::FxHashSet;

/// Origins that have something to start take turns, so that one with a thousand tags does not hold up
/// one with a single one.
#[derive(Clone, Debug)]
pub struct Rotation<T> {
    turn: VecDeque<T>,
    /// Numbers of ours, which no page chooses.
    member: FxHashSet<T>,
}

impl<T> Default for Rotation<T> {
    fn default() -> Self {
        Self { turn: VecDeque::new(), member: FxHashSet::default() }
    }
}

impl<T: Copy + Eq + Hash> Rotation<T> {
    /// Lets `origin` take part; at the end of the line, once.
    pub fn join(&mut self, origin: T) {
        if self.member.insert(origin) {
            self.turn.push_back(origin);
        }
    }

    /// Lets `origin` take part; at the head of the line, because it was there already.
    pub fn rejoin_at_head(&mut self, origin: T) {
        if self.member.insert(origin) {
            self.turn.push_front(origin);
        }
    }

    /// Lets `origin` take part no longer.
    pub fn leave(&mut self, origin: T) {
        if self.member.remove(&origin) {
            self.turn.retain(|other| *other != origin);
        }
    }

    /// Whose turn it is. It has to join again for another one.
    pub fn next_turn(&mut self) -> Option<T> {
        let origin = self.turn.pop_front()?;
        self.member.remove(&origin);
        Some(origin)
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
