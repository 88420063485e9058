use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::HostPanic;
use crate::{LogEntry, StoreFailure};

/// What somebody who watches is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Report {
    /// Something happened.
    Event(Arc<LogEntry>),
    /// The store could not do what it was asked. It is tried again.
    StoreFailed(StoreFailure),
    /// Code of a host's panicked.
    HostPanicked(HostPanic),
    /// So many reports were not taken in time and are gone. The log of the machine has the events.
    Missed(u64),
}

/// Most reports that wait to be taken.
pub(crate) const MOST_REPORTS: usize = 1_024;

/// Reports in their order, a bounded number of them: who watches slowly misses some, and is told how many.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    waiting: VecDeque<Report>,
    missed: u64,
}

impl Reports {
    pub(crate) fn push(&mut self, report: Report) {
        if self.missed > 0 || self.waiting.len() >= MOST_REPORTS {
            self.missed = self.missed.saturating_add(1);
        } else {
            self.waiting.push_back(report);
        }
    }

    /// The next one.
    pub(crate) fn take(&mut self) -> Option<Report> {
        self.waiting.pop_front().or_else(|| match std::mem::take(&mut self.missed) {
            0 => None,
            missed => Some(Report::Missed(missed)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> Report {
        Report::StoreFailed(StoreFailure::Dropped)
    }

    #[test]
    fn who_watches_slowly_is_told_how_much_was_missed_where_it_was() {
        let mut reports = Reports::default();
        (0..MOST_REPORTS + 3).for_each(|_| reports.push(failure()));
        for _ in 0..MOST_REPORTS {
            assert_eq!(reports.take(), Some(failure()));
        }
        assert_eq!(reports.take(), Some(Report::Missed(3)));
        reports.push(failure());
        assert_eq!((reports.take(), reports.take()), (Some(failure()), None));
    }
}
