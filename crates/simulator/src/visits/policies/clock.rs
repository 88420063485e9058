use super::{Draw, Policy, Question};

/// An event every so many minutes, whatever the reader does.
pub(super) struct Clock {
    interval: i64,
    /// Minutes from the registration to the first event.
    first: i64,
}

/// The first event comes no sooner.
const SOONEST: i64 = 720;

impl Clock {
    pub(super) const fn from_registration(interval: i64) -> Self {
        Self { interval, first: interval }
    }

    pub(super) fn with_random_phase(interval: i64, mut draw: Draw) -> Self {
        Self { interval, first: SOONEST + draw.between(0.0, interval as f64) as i64 }
    }
}

impl Policy for Clock {
    fn next(&mut self, question: &Question) -> Option<i64> {
        Some(question.last_fire.map_or(question.registered + self.first, |fired| fired + self.interval))
    }
}
