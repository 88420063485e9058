//! What a person does on one day. Times are local minutes after midnight, and may lie beyond the next.

use super::Kind;
use super::draw::Draw;
use super::life::Life;

/// The first day of the new job.
pub(super) const NEW_JOB: i64 = 42;
/// The first day on which a lapsed reader does not read.
const LAPSED: i64 = 21;
/// Days of a holiday.
pub(super) const HOLIDAY: i64 = 14;
/// Visits in a day of who has no habit.
const ERRATIC: f64 = 0.7;

/// One day.
pub(super) struct Day {
    number: i64,
    weekday: i64,
    is_weekend: bool,
    /// Minutes that a traveller is out of step.
    jet_lag: f64,
    pub(super) wake: f64,
    /// From when to when the reader is not at home.
    pub(super) away: Option<(f64, f64)>,
    pub(super) visits: Vec<f64>,
    /// Mean and deviation of the first visit, as who knows this person would say; none if there is nothing to say.
    pub(super) expected: Option<(f64, f64)>,
}

impl Day {
    /// `waking` is when a student gets up, which carries over from one day to the next.
    pub(super) fn of(life: &Life, number: i64, jet_lag: f64, waking: &mut f64, draw: &mut Draw) -> Self {
        let weekday = (number + life.traits.first_weekday) % 7;
        let is_weekend = weekday >= 5;
        let wake = if is_weekend { 480.0 } else { 390.0 };
        let away = if !is_weekend {
            Some((draw.around(465.0, 10.0), draw.around(1060.0, 20.0)))
        } else {
            draw.chance(0.5).then_some((720.0, 1020.0))
        };
        let mut day = Self { number, weekday, is_weekend, jet_lag, wake, away, visits: Vec::new(), expected: None };
        day.read(life, waking, draw);
        day
    }

    fn read(&mut self, life: &Life, waking: &mut f64, draw: &mut Draw) {
        match life.kind {
            Kind::Commuter
            | Kind::CommuterUniform
            | Kind::Traveller
            | Kind::ClockChange
            | Kind::JobChange
            | Kind::Holiday
            | Kind::Lapsed
            | Kind::Newcomer => self.commute(life, draw),
            Kind::Weekend => self.weekend(life, draw),
            Kind::Shift => self.shift(life, draw),
            Kind::Lunch => self.lunch(life, draw),
            Kind::NightOwl => self.night_owl(life, draw),
            Kind::Evening => self.evening(draw),
            Kind::Student => self.student(waking, draw),
            Kind::Erratic => self.erratic(0.0, 1440.0, 1440.0, draw),
            Kind::ErraticByDay => self.erratic(450.0, 960.0, 1410.0, draw),
        }
    }

    fn commute(&mut self, life: &Life, draw: &mut Draw) {
        let traits = &life.traits;
        let moved = if self.number >= NEW_JOB { life.new_morning } else { 0.0 };
        let morning = traits.morning + moved;
        self.wake = if self.is_weekend { traits.weekend_morning - 90.0 } else { morning - 30.0 };
        let gone = life.kind == Kind::Lapsed && self.number >= LAPSED;
        let on_holiday = (life.holiday..life.holiday + HOLIDAY).contains(&self.number);
        if gone || (life.kind == Kind::Holiday && on_holiday) {
            return;
        }
        let uniform = life.kind == Kind::CommuterUniform;
        let scattered = |mean: f64, by: f64, draw: &mut Draw| {
            if uniform { mean + draw.between(-by, by) } else { draw.around(mean, by) }
        };
        if self.is_weekend {
            self.expected = Some((traits.weekend_morning, 60.0));
            if draw.chance(0.7) {
                self.visits.push(scattered(traits.weekend_morning, 60.0, draw) + self.jet_lag);
            }
        } else {
            self.expected = Some((morning, 15.0));
            self.visits.push(scattered(morning, 15.0, draw) + self.jet_lag);
            if draw.chance(0.6) {
                self.visits.push(scattered(traits.evening, 40.0, draw));
            }
        }
    }

    fn weekend(&mut self, life: &Life, draw: &mut Draw) {
        if !self.is_weekend {
            return;
        }
        self.expected = Some((life.traits.weekend_morning, 60.0));
        if draw.chance(0.9) {
            self.visits.push(draw.around(life.traits.weekend_morning, 60.0));
        }
        if self.weekday == 6 && draw.chance(0.4) {
            self.visits.push(draw.around(1200.0, 60.0));
        }
    }

    fn shift(&mut self, life: &Life, draw: &mut Draw) {
        let week = (self.number + life.traits.first_weekday) / 7;
        if self.is_weekend {
            self.wake = draw.around(540.0, 60.0);
            self.expected = Some((560.0, 61.0));
        } else {
            let begins = [285.0, 570.0, 900.0][((week + life.traits.rotation) % 3) as usize];
            self.wake = draw.around(begins, 10.0);
            self.expected = Some((begins + 20.0, 15.6));
            self.away = Some((self.wake + 60.0, self.wake + 60.0 + 570.0));
            if draw.chance(0.4) {
                self.visits.push(self.wake + 60.0 + draw.around(270.0, 40.0));
            }
        }
        if draw.chance(0.9) {
            self.visits.push(self.wake + draw.around(20.0, 12.0).max(2.0));
        }
    }

    fn lunch(&mut self, life: &Life, draw: &mut Draw) {
        if !self.is_weekend {
            self.expected = Some((life.traits.lunch, 20.0));
            if draw.chance(0.85) {
                self.visits.push(draw.around(life.traits.lunch, 20.0));
            }
        } else if draw.chance(0.1) {
            self.visits.push(draw.between(600.0, 1200.0));
        }
    }

    fn night_owl(&mut self, life: &Life, draw: &mut Draw) {
        self.wake = 600.0;
        self.expected = Some((life.traits.midnight, 45.0));
        if draw.chance(0.85) {
            self.visits.push(draw.around(life.traits.midnight, 45.0));
        }
        if draw.chance(0.2) {
            self.visits.push(draw.around(840.0, 90.0));
        }
    }

    fn evening(&mut self, draw: &mut Draw) {
        self.expected = Some((1240.0, 45.0));
        if draw.chance(0.8) {
            self.visits.push(draw.around(1240.0, 45.0));
        }
    }

    fn student(&mut self, waking: &mut f64, draw: &mut Draw) {
        *waking = 570.0 + 0.6 * (*waking - 570.0) + draw.around(0.0, 80.0);
        self.wake = *waking;
        let lecture = (self.wake + 90.0, self.wake + 450.0);
        self.away = (!self.is_weekend && draw.chance(0.7)).then_some(lecture);
        // Who says this knows when the student got up.
        self.expected = Some((self.wake + 45.0, 40.0));
        if !draw.chance(0.9) {
            return;
        }
        let mut bursts = vec![self.wake + 5.0 + draw.wait(40.0)];
        let mut spent = draw.wait(1.0);
        while spent < 1.5 {
            bursts.push(draw.between(self.wake + 120.0, self.wake + 900.0));
            spent += draw.wait(1.0);
        }
        for mut at in bursts {
            self.visits.push(at);
            while draw.chance(0.65) {
                at += 1.0 + draw.wait(12.0);
                self.visits.push(at);
            }
        }
    }

    /// Visits without memory in the `length` minutes from `from` on.
    fn erratic(&mut self, from: f64, length: f64, until: f64, draw: &mut Draw) {
        let mut at = from + draw.wait(length / ERRATIC);
        while at < until {
            self.visits.push(at);
            at += draw.wait(length / ERRATIC);
        }
    }
}
