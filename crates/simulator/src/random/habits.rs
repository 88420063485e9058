//! What a host of a random world does its whole life long.

use crate::timeline::{Removals, Step, Time, WorkersKnown};

/// Ways of a host, chosen by the seed alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    removals: Removals,
    workers_known: WorkersKnown,
    late_words: bool,
}

impl Habits {
    /// As all hosts were when worlds were recorded.
    pub(super) const RECORDED: Self =
        Self { removals: Removals::Unasked, workers_known: WorkersKnown::AtOnce, late_words: false };

    pub(super) fn of(seed: u64) -> Self {
        let workers_known = match seed / 4 % 8 {
            0 => WorkersKnown::Never,
            1 => WorkersKnown::After(Time::ZERO),
            2 => WorkersKnown::After(Time::millis(1)),
            3 => WorkersKnown::After(Time::seconds(20)),
            _ => WorkersKnown::AtOnce,
        };
        Self {
            removals: if seed.is_multiple_of(4) { Removals::Unasked } else { Removals::Asked },
            workers_known,
            late_words: (seed / 32).is_multiple_of(2),
        }
    }

    /// Whether words about an earlier life of the process reach the next one.
    pub(super) fn late_words(self) -> bool {
        self.late_words
    }

    /// How it takes them up.
    pub(super) fn steps(self) -> Vec<Step> {
        let removals = match self.removals {
            Removals::Unasked => None,
            asked @ Removals::Asked => Some(Step::Removals(asked)),
        };
        let workers_known = match self.workers_known {
            WorkersKnown::AtOnce => None,
            late @ (WorkersKnown::After(_) | WorkersKnown::Never) => Some(Step::WorkersKnown(late)),
        };
        [removals, workers_known].into_iter().flatten().collect()
    }
}
