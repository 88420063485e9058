use super::{Policy, Question};

const HOURS: usize = 168;
/// What is left of a count after a week.
const DECAY: f64 = 0.7;
/// What a visit adds: one a week comes to a count of 1.
const ADDED: f64 = 0.3;
/// Visits with a longer pause before them are another reading.
const PAUSE: i64 = 240;
/// Hours looked ahead.
const AHEAD: i64 = 48;

/// A count for each hour of a week, smoothed over neighbours and days. An event is due in the first hour in which
/// putting it off costs more age than it saves.
pub(super) struct HourOfWeek {
    counts: [f64; HOURS],
    first_weekday: i64,
    week: i64,
    last_visit: Option<i64>,
}

impl HourOfWeek {
    pub(super) const fn new(first_weekday: i64) -> Self {
        Self { counts: [0.0; HOURS], first_weekday, week: 0, last_visit: None }
    }

    const fn index(&self, hour: i64) -> usize {
        (hour + self.first_weekday * 24).rem_euclid(HOURS as i64) as usize
    }

    /// Visits to be expected in an hour.
    fn expected(&self, hour: i64) -> f64 {
        let count = |hour| self.counts[self.index(hour)];
        let around = 0.5 * count(hour) + 0.25 * count(hour + 1) + 0.25 * count(hour - 1);
        let of_the_day = (0..7).map(|day| count(hour + day * 24)).sum::<f64>() / 7.0;
        let overall = self.counts.iter().sum::<f64>() / HOURS as f64;
        0.5 * around + 0.4 * of_the_day + 0.1 * overall
    }
}

impl Policy for HourOfWeek {
    fn visited(&mut self, at: i64, offset: i64) {
        let local = at + offset;
        while self.week < local.div_euclid(HOURS as i64 * 60) {
            self.week += 1;
            self.counts.iter_mut().for_each(|count| *count *= DECAY);
        }
        if self.last_visit.is_none_or(|last| at - last >= PAUSE) {
            let index = self.index(local.div_euclid(60));
            self.counts[index] += ADDED;
        }
        self.last_visit = Some(at);
    }

    fn next(&mut self, question: &Question) -> Option<i64> {
        let first = (question.earliest + question.offset).div_euclid(60);
        let since = question.last_fire.unwrap_or(question.registered);
        let starts = |hour: i64| (hour * 60 - question.offset).max(question.earliest);
        let is_due = |hour: &i64| self.expected(*hour) * ((starts(*hour) - since) as f64 / 60.0) >= 1.0;
        Some((first..first + AHEAD).find(is_due).map_or((first + AHEAD) * 60 - question.offset, starts))
    }
}
