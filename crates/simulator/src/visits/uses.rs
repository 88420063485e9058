//! How old content is when it is used. Ages in minutes.

use super::minutes::day_of;
use super::people::Person;

/// One visit after the registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) at: i64,
    /// The reader's day.
    pub(super) day: i64,
    /// Whether it is the first of its day.
    pub(super) is_first: bool,
    /// Minutes since the last event, or since the registration before the first.
    pub(super) age: i64,
}

/// All visits after the registration, in the order of time.
pub(super) fn all(person: &Person, events: &[i64]) -> Vec<Use> {
    let Some((&registered, visits)) = person.visits().split_first() else { return Vec::new() };
    let mut last_day = day_of(registered, person.offset(registered));
    let mut uses = Vec::with_capacity(visits.len());
    for &at in visits {
        let day = day_of(at, person.offset(at));
        let before = events.partition_point(|event| *event < at);
        let fresh = before.checked_sub(1).map_or(registered, |last| events[last]);
        uses.push(Use { at, day, is_first: day != last_day, age: at - fresh });
        last_day = day;
    }
    uses
}

/// The first visits of all days but the first.
pub(super) fn later_firsts(person: &Person) -> Vec<i64> {
    all(person, &[]).iter().filter(|used| used.is_first).map(|used| used.at).collect()
}
