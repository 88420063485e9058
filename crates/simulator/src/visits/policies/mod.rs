//! When the next event should be, by sixteen rules: those in use, simple ones, the product's model, and two kinds of
//! readers of the future that say how good a rule could be at all.

mod clock;
mod engagement;
mod hour_of_week;
mod insider;
mod last_week;
mod name;
mod open_slot;
mod oracle;
mod ours;
mod quantile;
mod yesterday;

pub use name::{PolicyName, UnknownPolicy};

use super::budget::Budget;
use super::people::{Draw, Person};
use super::replay::{self, Surroundings};
use super::uses;

/// What a policy is asked with. All in minutes of UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) now: i64,
    /// Minutes that local time is ahead.
    pub(super) offset: i64,
    /// The last event since the registration.
    pub(super) last_fire: Option<i64>,
    pub(super) registered: i64,
    /// The first moment that the budget allows; not before now.
    pub(super) earliest: i64,
}

/// A rule for placing events. It hears what happens, and is asked again whenever something did.
pub(super) trait Policy {
    /// The reader came.
    fn visited(&mut self, _at: i64, _offset: i64) {}
    /// An event ran.
    fn fired(&mut self, _at: i64) {}
    /// From now on an event can run, or cannot.
    fn reachable(&mut self, _at: i64, _offset: i64, _can_run: bool) {}
    /// From when on the next event is wanted; none for not at all.
    fn next(&mut self, question: &Question) -> Option<i64>;
}

/// The events of a person under a policy, in the order of time.
///
/// `person` has visits; the first one registers. `seed` is the person's, and draws phases and lateness.
pub(super) fn events(name: PolicyName, person: &Person, seed: u64, surroundings: &Surroundings) -> Vec<i64> {
    let weekday = person.first_weekday();
    let play = |mut policy: Box<dyn Policy + '_>, budget| {
        replay::events(person, policy.as_mut(), budget, surroundings.lateness(seed))
    };
    let daily = |policy| play(policy, Budget::EveryTwelveHours);
    match name {
        PolicyName::Clock12 => daily(Box::new(clock::Clock::with_random_phase(720, clock_draw(seed)))),
        PolicyName::Clock12FromRegistration => daily(Box::new(clock::Clock::from_registration(720))),
        PolicyName::Clock24 => daily(Box::new(clock::Clock::with_random_phase(1440, clock_draw(seed)))),
        PolicyName::Engagement => daily(Box::<engagement::Engagement>::default()),
        PolicyName::LastWeek => daily(Box::new(last_week::LastWeek::sharp())),
        PolicyName::LastWeekLoose => daily(Box::new(last_week::LastWeek::as_shipped())),
        PolicyName::Yesterday => daily(Box::<yesterday::Yesterday>::default()),
        PolicyName::Quantile20 => daily(Box::new(quantile::Quantile::new(0.2, weekday))),
        PolicyName::Quantile5 => daily(Box::new(quantile::Quantile::new(0.05, weekday))),
        PolicyName::Quantile5Split => daily(Box::new(quantile::Quantile::split(0.05, weekday))),
        PolicyName::HourOfWeek => daily(Box::new(hour_of_week::HourOfWeek::new(weekday))),
        PolicyName::Ours => daily(Box::new(ours::Ours::one_slot(person))),
        PolicyName::OursTwoSlots => play(Box::new(ours::Ours::two_slots(person)), Budget::Tokens),
        PolicyName::Insider => daily(Box::new(insider::Insider::new(person))),
        PolicyName::Oracle1 => oracle::events(person, &uses::later_firsts(person)),
        PolicyName::Oracle2 => oracle::events(person, &person.visits()[1..]),
    }
}

/// Where the phase of a clock comes from.
fn clock_draw(seed: u64) -> Draw {
    Draw::seeded(seed ^ 0xC10C, 1.0)
}

#[cfg(test)]
mod tests;
