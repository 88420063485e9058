use crate::visits::minutes::DAY;

use super::draw::Draw;

/// Days between the way there and the way back.
const STAY: i64 = 5;
/// Minutes in the air.
const FLIGHT: i64 = 600;
/// Minutes after take-off in which nothing is read.
const UNREAD: i64 = 660;
/// Planes leave at 10:00 local.
const DEPARTURE: i64 = 600;
/// Days after a flight on which the reader is out of step.
const JET_LAG: i64 = 2;

/// A stay in another time zone.
pub(super) struct Trip {
    leaves: i64,
    returns: i64,
    home: i64,
    there: i64,
}

impl Trip {
    pub(super) fn two(draw: &mut Draw, home: i64) -> [Self; 2] {
        let days = [draw.between(10.0, 18.0) as i64, draw.between(32.0, 40.0) as i64];
        days.map(|leaves| {
            let hours = draw.between(6.0, 9.99) as i64;
            let shift = hours * 60 * if draw.chance(0.5) { 1 } else { -1 };
            Self { leaves, returns: leaves + STAY, home, there: home + shift }
        })
    }

    /// Both flights: when it leaves, when it lands, and the offset from then on.
    pub(super) const fn flights(&self) -> [(i64, i64, i64); 2] {
        let [there, back] = self.departures();
        [(there, there + FLIGHT, self.there), (back, back + FLIGHT, self.home)]
    }

    const fn departures(&self) -> [i64; 2] {
        [self.leaves * DAY + DEPARTURE - self.home, self.returns * DAY + DEPARTURE - self.there]
    }

    /// The offset that the morning of this day has, if it is another than at home.
    pub(super) fn offset_on(&self, day: i64) -> Option<i64> {
        (self.leaves < day && day <= self.returns).then_some(self.there)
    }

    /// How far a reader is out of step on this day, in minutes; none if not at all.
    pub(super) fn jet_lag(&self, day: i64, draw: &mut Draw) -> Option<f64> {
        let within = |flight: i64| flight < day && day <= flight + JET_LAG;
        if within(self.returns) {
            Some(draw.around(0.0, 45.0))
        } else if within(self.leaves) {
            Some(draw.around(0.0, 60.0))
        } else {
            None
        }
    }

    pub(super) fn is_in_the_air(&self, at: i64) -> bool {
        self.departures().iter().any(|departure| (*departure..departure + UNREAD).contains(&at))
    }
}
