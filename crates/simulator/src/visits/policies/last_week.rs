use crate::visits::minutes::DAY;

use super::{Policy, Question};

const WEEK: i64 = 7 * DAY;

/// The visits of a week ago come again.
pub(super) struct LastWeek {
    visits: Vec<i64>,
    /// How long before an expected visit the event may run.
    window: i64,
}

impl LastWeek {
    /// Shortly before.
    pub(super) const fn sharp() -> Self {
        Self { visits: Vec::new(), window: 10 }
    }

    /// At any time in the seven hours before.
    pub(super) const fn as_shipped() -> Self {
        Self { visits: Vec::new(), window: 420 }
    }
}

impl Policy for LastWeek {
    fn visited(&mut self, at: i64, _offset: i64) {
        self.visits.push(at);
    }

    /// On the first day nothing is known, and the same time of the next day has to do.
    fn next(&mut self, question: &Question) -> Option<i64> {
        if question.now - question.registered < DAY {
            return Some(question.registered + DAY - self.window);
        }
        self.visits.retain(|visit| visit + WEEK > question.now);
        let expected = self.visits.iter().map(|visit| visit + WEEK).find(|visit| *visit > question.earliest);
        expected.map(|visit| (visit - self.window).max(question.earliest))
    }
}
