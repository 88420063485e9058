use crate::visits::minutes::day_of;

use super::{Policy, Question};

/// Points of a visit, and the most of a day.
const PER_VISIT: f64 = 6.0;
const PER_DAY: f64 = 15.0;
const MOST: f64 = 100.0;
/// What is left of a score after each two hours.
const DECAY: f64 = 0.984;
const DECAY_EVERY: i64 = 120;
/// An event comes so often at best.
const INTERVAL: i64 = 720;

/// A score of engagement, and intervals that are multiplied as it falls.
#[derive(Default)]
pub(super) struct Engagement {
    score: f64,
    /// Up to when it has decayed; none before the first visit.
    decayed: Option<i64>,
    day: Option<i64>,
    of_today: f64,
}

impl Engagement {
    fn decay(&mut self, at: i64) {
        let mut decayed = self.decayed.unwrap_or(at);
        while decayed + DECAY_EVERY <= at {
            decayed += DECAY_EVERY;
            self.score *= DECAY;
        }
        self.decayed = Some(decayed);
    }

    /// What the interval is multiplied by; none for an origin that is suspended.
    fn factor(&self) -> Option<i64> {
        match self.score {
            score if score >= 50.0 => Some(1),
            score if score >= 1.0 => Some(2),
            score if score > 0.5 => Some(3),
            _ => None,
        }
    }
}

impl Policy for Engagement {
    fn visited(&mut self, at: i64, offset: i64) {
        self.decay(at);
        let day = Some(day_of(at, offset));
        if day != self.day {
            (self.day, self.of_today) = (day, 0.0);
        }
        let points = PER_VISIT.min(PER_DAY - self.of_today);
        self.of_today += points;
        self.score = (self.score + points).min(MOST);
    }

    fn next(&mut self, question: &Question) -> Option<i64> {
        self.decay(question.now);
        let since = question.last_fire.unwrap_or(question.registered);
        self.factor().map(|factor| since + factor * INTERVAL)
    }
}
