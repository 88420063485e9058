//! People are who they were when the study began.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use super::{Kind, Person, seeds};

/// Whole persons, two of each kind.
const WRITTEN: &str = include_str!("../../../tests/visits/people.txt");
/// A checksum of everybody of a kind, for each block of seeds.
const CHECKSUMS: &str = include_str!("../../../tests/visits/checksums.txt");

fn joined(numbers: impl Iterator<Item = String>) -> String {
    numbers.fold(String::new(), |text, number| text + " " + &number)
}

/// A person as the file has it.
fn written(kind: Kind, seed: u64) -> String {
    let person = Person::new(kind, seed, 1.0);
    let offsets: Vec<_> = person.offsets.all().collect();
    let stretches = person.unreachable.iter().map(|(from, until)| format!("{from}-{until}"));
    let mut text = format!("{kind} {seed}\n");
    let visits = joined(person.visits.iter().map(i64::to_string));
    let offsets = joined(offsets.iter().map(i64::to_string));
    writeln!(text, "visits{visits}\noffsets{offsets}\nunreachable{}", joined(stretches)).unwrap();
    text
}

/// FNV-1a over all that is known of the people of these seeds.
fn checksum(kind: Kind, seeds: RangeInclusive<u64>) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for person in seeds.map(|seed| Person::new(kind, seed, 1.0)) {
        let stretches = person.unreachable.iter().flat_map(|(from, until)| [*from, *until]);
        let numbers = person.visits.iter().copied().chain(person.offsets.all()).chain(stretches);
        let numbers = numbers.chain(person.disturbances.iter().copied()).chain([person.end, person.first_weekday]);
        for byte in numbers.flat_map(i64::to_le_bytes) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    hash
}

#[test]
fn people_are_as_they_were_written_down() {
    let mut text = String::new();
    for kind in Kind::ALL {
        for seed in [5_001, 20_002] {
            text += &written(kind, seed);
        }
    }
    for (found, expected) in text.lines().zip(WRITTEN.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(text.lines().count(), WRITTEN.lines().count());
}

#[test]
fn everybody_of_the_published_seeds_is_who_they_were() {
    let mut blocks = Vec::new();
    for seeds in [seeds::TUNING, seeds::REPORTING, seeds::HOLD_OUT] {
        for kind in Kind::ALL {
            let (first, last) = (seeds.start(), seeds.end());
            blocks.push(format!("{kind} {first}..{last} {:016x}", checksum(kind, seeds.clone())));
        }
    }
    assert_eq!(blocks, CHECKSUMS.lines().collect::<Vec<_>>());
}

#[test]
fn a_wider_spread_is_another_life_of_the_same_person() {
    let ordinary = Person::new(Kind::Evening, 7, 1.0);
    let wide = Person::new(Kind::Evening, 7, 2.0);
    assert_eq!(ordinary.visits.len(), wide.visits.len());
    assert_eq!(ordinary.offsets, wide.offsets);
    assert_ne!(ordinary.visits, wide.visits);
}

#[test]
fn a_device_is_reachable_outside_its_stretches_and_not_within() {
    let person = Person::new(Kind::Lunch, 20_002, 1.0);
    let (from, until) = person.unreachable[3];
    assert_eq!([from - 1, from, until - 1, until].map(|at| person.can_run(at)), [true, false, false, true]);
    assert_eq!(person.last_reachable(until - 1), from - 1);
    assert_eq!(person.last_reachable(until), until);
    assert_eq!(person.next_reachability_change(from - 1), Some(from));
    assert_eq!(person.next_reachability_change(from), Some(until));
    assert_eq!(person.next_reachability_change(i64::MAX), None);
}

#[test]
fn a_traveller_comes_home() {
    let person = Person::new(Kind::Traveller, 20_002, 1.0);
    assert_eq!(person.disturbances.len(), 4);
    let offsets = person.disturbances.iter().map(|at| person.offset(*at)).collect::<Vec<_>>();
    assert_eq!(offsets[1], offsets[3]);
    assert!((offsets[0] - offsets[1]).abs() >= 360, "{offsets:?}");
    assert_eq!(person.offset(0), offsets[1]);
    assert_eq!(person.next_offset_change(person.disturbances[0]), Some(person.disturbances[1]));
}
