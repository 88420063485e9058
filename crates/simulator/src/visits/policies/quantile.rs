use std::collections::VecDeque;

use crate::visits::minutes::{day_of, minute_of_day};

use super::{Policy, Question, open_slot};

/// Days that are remembered.
const REMEMBERED: usize = 32;
/// What a day still counts after each day.
const DECAY: f64 = 0.93;
/// Minutes before the quantile.
const BEFORE: i64 = 10;
/// A day of each sort comes within so many.
const AHEAD: i64 = 8;

/// A low quantile of the first visits of days, newer ones counting more.
pub(super) struct Quantile {
    share: f64,
    /// Workdays and weekends are apart.
    split: bool,
    first_weekday: i64,
    /// Day and minute.
    firsts: VecDeque<(i64, i64)>,
    last_visit: Option<i64>,
}

impl Quantile {
    pub(super) const fn new(share: f64, first_weekday: i64) -> Self {
        Self { share, split: false, first_weekday, firsts: VecDeque::new(), last_visit: None }
    }

    pub(super) fn split(share: f64, first_weekday: i64) -> Self {
        Self { split: true, ..Self::new(share, first_weekday) }
    }

    const fn is_weekend(&self, day: i64) -> bool {
        (day + self.first_weekday).rem_euclid(7) >= 5
    }

    /// The minute of the slot on weekends, or on workdays. None before the first visit.
    fn slot(&self, weekend: bool, today: i64) -> Option<i64> {
        let counts = |day: i64| !self.split || self.is_weekend(day) == weekend;
        let weigh = |&(day, minute): &(i64, i64)| (minute, DECAY.powi((today - day) as i32));
        let mut weighed: Vec<_> = self.firsts.iter().filter(|(day, _)| counts(*day)).map(weigh).collect();
        if weighed.is_empty() {
            weighed = self.firsts.iter().map(|(_, minute)| (*minute, 1.0)).collect();
        }
        weighed.sort_by_key(|(minute, _)| *minute);
        let wanted = self.share * weighed.iter().map(|(_, weight)| weight).sum::<f64>();
        let mut sum = 0.0;
        let reached = weighed.iter().find(|(_, weight)| {
            sum += weight;
            sum >= wanted
        });
        reached.or(weighed.last()).map(|(minute, _)| minute - BEFORE)
    }
}

impl Policy for Quantile {
    fn visited(&mut self, at: i64, offset: i64) {
        let day = day_of(at, offset);
        if self.firsts.back().is_none_or(|(last, _)| *last != day) {
            self.firsts.push_back((day, minute_of_day(at, offset)));
            if self.firsts.len() > REMEMBERED {
                self.firsts.pop_front();
            }
        }
        self.last_visit = Some(at);
    }

    fn next(&mut self, question: &Question) -> Option<i64> {
        let today = day_of(question.now, question.offset);
        let first = day_of(question.earliest, question.offset) - 1;
        let next_of = |weekend: bool| {
            let minute = self.slot(weekend, today)?;
            let days = (first..=first + AHEAD).filter(|day| self.is_weekend(*day) == weekend);
            days.into_iter().find_map(|day| open_slot::due(day, minute, self.last_visit, question))
        };
        [false, true].into_iter().filter_map(next_of).min()
    }
}
