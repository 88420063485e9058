//! People of another make than those the model was tuned with: somebody who exists.

use super::figures::PersonFigures;
use super::people::{Kind, Person};
use super::policies::{self, PolicyName};
use super::replay::Surroundings;
use super::row::Row;

/// The minutes in which a telephone was unlocked, in a month; where they are from stands in the file.
const UNLOCKED: &str = include_str!("../../tests/visits/unlocked.txt");
/// Where the telephone was is not known; niimpy's examples suppose Helsinki. Minutes that it is ahead of UTC in winter,
/// and when its summer time began.
const WINTER: i64 = 120;
const SUMMER_TIME: i64 = 25 * 1440 + 180 - WINTER;
/// The first day was a Wednesday.
const WEDNESDAY: i64 = 2;
/// Days that the file covers.
const DAYS: i64 = 31;

/// In UTC, as all moments of the study are.
fn unlocked() -> Vec<i64> {
    let lines = UNLOCKED.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(|minute| minute.parse().unwrap()).collect()
}

/// Whoever reads at these moments.
fn reader(visits: Vec<i64>) -> Person {
    Person::who_visits(visits, WEDNESDAY, WINTER, Some((SUMMER_TIME, WINTER + 60)), DAYS * 1440 - WINTER)
}

/// Read at every so manieth unlocking: one begins with the first, one with the second, and so on, so that each unlocking
/// is one reader's.
fn every(step: usize) -> Vec<Person> {
    (0..step).map(|first| reader(unlocked().into_iter().skip(first).step_by(step).collect())).collect()
}

/// Reads when the telephone is unlocked after a pause of so many minutes or more.
fn after_a_pause(minutes: i64) -> Person {
    let unlocked = unlocked();
    let begins = |index: usize| index == 0 || unlocked[index] - unlocked[index - 1] >= minutes;
    reader((0..unlocked.len()).filter(|index| begins(*index)).map(|index| unlocked[index]).collect())
}

/// Reads at the first unlocking after this hour of a day.
fn first_after(hour: i64) -> Person {
    let mut firsts: Vec<i64> = Vec::new();
    let day_of = |at: i64| (at + WINTER - hour * 60).div_euclid(1440);
    for at in unlocked() {
        if firsts.last().is_none_or(|last| day_of(*last) != day_of(at)) {
            firsts.push(at);
        }
    }
    reader(firsts)
}

/// What the model makes of people of one sort: means over them, from the third week on, as the study has it.
fn row(people: &[Person]) -> Row {
    let surroundings = Surroundings::new(Surroundings::JITTER);
    let figures = people.iter().zip(1..).filter_map(|(person, seed)| {
        let events = policies::events(PolicyName::Ours, person, seed, &surroundings);
        PersonFigures::measured(person, &events, 14)
    });
    Row::of(Kind::Erratic, PolicyName::Ours, &figures.collect::<Vec<_>>())
}

#[test]
fn somebody_who_exists_is_served_no_worse_than_by_a_clock_with_as_many_events() {
    let sorts: [(&str, Vec<Person>); 6] = [
        ("every unlocking", every(1)),
        ("every twentieth", every(20)),
        ("every fiftieth", every(50)),
        ("after a pause of four hours", vec![after_a_pause(240)]),
        ("the first of a day", vec![first_after(4)]),
        ("the first after work", vec![first_after(17)]),
    ];
    let mut worse = Vec::new();
    for (name, people) in sorts {
        let row = row(&people);
        assert_eq!(row.people, people.len(), "{name}");
        let (equal, fires) = (row.mean_by_budget().unwrap(), row.fires_per_day.unwrap());
        if equal > 1.08 {
            worse.push(format!("{name}: {equal:.2} of a clock with {fires:.2} events a day"));
        }
    }
    assert!(worse.is_empty(), "{}", worse.join("\n"));
}
