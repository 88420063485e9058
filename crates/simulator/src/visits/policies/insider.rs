use crate::visits::minutes::DAY;
use crate::visits::people::{Expected, Person};

use super::{Policy, Question};

/// So far before its slot the reader may have come, and it still counts.
const TOO_SOON: i64 = 60;
/// Beyond so many deviations nobody comes.
const LATEST: f64 = 3.0;
/// Minutes left for the wake-up and for a minute that has begun.
const WAKE_UP: i64 = 6;
const ROUNDING: i64 = 5;

/// Knows how each day's first visit is drawn, and where the device can be reached, but not the draw: as good as learning
/// can become. It goes so far below the mean that the cost of coming late and of coming early balance.
pub(super) struct Insider<'a> {
    person: &'a Person,
    last_visit: Option<i64>,
}

impl<'a> Insider<'a> {
    pub(super) const fn new(person: &'a Person) -> Self {
        Self { person, last_visit: None }
    }

    fn slot(&self, day: &Expected) -> i64 {
        let wanted = day.midnight + (day.mean - deviations(day.deviation) * day.deviation) as i64 - ROUNDING;
        self.person.last_reachable(wanted) - WAKE_UP
    }
}

/// How many deviations below the mean: where the density of a normal draw is one in a day.
fn deviations(deviation: f64) -> f64 {
    let ratio = DAY as f64 / (deviation * 2.507);
    (2.0 * libm::log(ratio.max(1.2))).sqrt()
}

impl Policy for Insider<'_> {
    fn visited(&mut self, at: i64, _offset: i64) {
        self.last_visit = Some(at);
    }

    fn next(&mut self, question: &Question) -> Option<i64> {
        self.person.expected().iter().find_map(|day| {
            let slot = self.slot(day);
            let over = day.midnight + (day.mean + LATEST * day.deviation) as i64;
            let visited = self.last_visit.is_some_and(|visit| visit >= slot - TOO_SOON);
            let served = question.last_fire.is_some_and(|fired| fired >= slot - 1);
            (over >= question.earliest && !visited && !served).then(|| slot.max(question.earliest))
        })
    }
}
