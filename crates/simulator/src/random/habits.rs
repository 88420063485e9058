//! What a host of a random world does its whole life long.

use crate::timeline::{Removals, Step};

/// Ways of a host, chosen by the seed alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    removals: Removals,
}

impl Habits {
    /// As all hosts were when worlds were recorded.
    pub(super) const RECORDED: Self = Self { removals: Removals::Unasked };

    pub(super) fn of(seed: u64) -> Self {
        Self { removals: if seed.is_multiple_of(4) { Removals::Unasked } else { Removals::Asked } }
    }

    /// How it takes them up.
    pub(super) fn steps(self) -> Vec<Step> {
        match self.removals {
            Removals::Unasked => Vec::new(),
            asked @ Removals::Asked => vec![Step::Removals(asked)],
        }
    }
}
