use background_sync::scheduler::Preset;

use super::{Counterexample, Life, QUICK, trouble_of};
use crate::timeline::Overrides;
use crate::world::{Care, Trouble};

/// Tries at most so many worlds.
const MOST_TRIES: usize = 3_000;

/// Leaves out what the trouble does not need.
pub(super) fn shortest(life: Life, trouble: Trouble) -> Counterexample {
    let mut search = Search { kind: trouble.kind(), best: life, trouble, tries: 0 };
    let mut size = search.best.ops.len().div_ceil(2);
    while size > 0 && search.tries < MOST_TRIES {
        if !search.leave_out(size) {
            size /= 2;
        }
    }
    search.plainer();
    let timeline = search.best.timeline();
    let trace = search.best.live(Care { trace: true, ..QUICK }).trace;
    Counterexample { seed: search.best.seed, trouble: search.trouble, timeline, trace }
}

struct Search {
    kind: &'static str,
    best: Life,
    trouble: Trouble,
    tries: usize,
}

impl Search {
    fn try_instead(&mut self, life: Life) -> bool {
        self.tries += 1;
        match trouble_of(&life.live(QUICK)) {
            Some(trouble) if trouble.kind() == self.kind => {
                self.best = life;
                self.trouble = trouble;
                true
            }
            Some(_) | None => false,
        }
    }

    /// One pass over all stretches of so many operations, last first. Says whether anything went.
    fn leave_out(&mut self, size: usize) -> bool {
        let before = self.best.ops.len();
        let mut end = before;
        while end > 0 && self.tries < MOST_TRIES {
            let start = end.saturating_sub(size);
            let mut life = self.best.clone();
            life.ops.drain(start..end.min(life.ops.len()));
            self.try_instead(life);
            end = start;
        }
        self.best.ops.len() < before
    }

    /// Parameters as they come, where the trouble stays the same.
    fn plainer(&mut self) {
        let plain = Life { parameters: Overrides::default(), ..self.best.clone() };
        self.try_instead(plain);
        let recommended = Life { preset: Preset::Recommended, ..self.best.clone() };
        self.try_instead(recommended);
    }
}
