use crate::visits::minutes::{day_of, minute_of_day};

use super::{Policy, Question, open_slot};

/// Minutes before the visit.
const BEFORE: i64 = 10;

/// The first visit of a day comes when it came on the last day that had one.
#[derive(Default)]
pub(super) struct Yesterday {
    /// The last day with a visit, and the minute of its slot.
    slot: Option<(i64, i64)>,
    last_visit: Option<i64>,
}

impl Policy for Yesterday {
    fn visited(&mut self, at: i64, offset: i64) {
        let day = day_of(at, offset);
        if self.slot.is_none_or(|(last, _)| last != day) {
            self.slot = Some((day, minute_of_day(at, offset) - BEFORE));
        }
        self.last_visit = Some(at);
    }

    fn next(&mut self, question: &Question) -> Option<i64> {
        let (_, minute) = self.slot?;
        let first = day_of(question.earliest, question.offset) - 1;
        (first..).find_map(|day| open_slot::due(day, minute, self.last_visit, question))
    }
}
