use background_sync_policy::{Origin, Partition};
use background_sync_registration::seal;

use super::*;
use crate::SyncParameters;

fn at(seconds: i64) -> WallTime {
    WallTime::from_unix_ms(seconds * 1_000)
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn i13_sixty_starts_in_a_rolling_day() {
    let params = SyncParameters::recommended();
    let mut budget = Budget::default();
    for n in 0..60 {
        assert!(budget.available(at(n * 60), SECOND, &params).is_some(), "start {n}");
        let ticket = budget.book_start(at(n * 60), SECOND);
        budget.settle(ticket, SECOND);
    }
    assert_eq!(budget.available(at(3_600), SECOND, &params), None);
    assert_eq!(budget.available(at(86_399), SECOND, &params), None);
    assert!(budget.available(at(86_400), SECOND, &params).is_some(), "the first one is a day old");
    budget.book_start(at(86_400), SECOND);
    assert_eq!(budget.available(at(86_459), SECOND, &params), None, "a rolling day, not a calendar one");
}

#[test]
fn i13_half_an_hour_of_event_time_booked_beforehand() {
    let params = SyncParameters::recommended();
    let mut budget = Budget::default();
    let mut tickets = Vec::new();
    for _ in 0..10 {
        tickets.push(budget.book_start(at(0), 180 * SECOND));
    }
    assert_eq!(budget.available(at(1), SECOND, &params), None);
    budget.settle(tickets[3], 100 * SECOND);
    assert_eq!(budget.available(at(2), SECOND, &params), Some(80 * SECOND));
    let (_, granted) = budget.book_rest(at(2), 180 * SECOND, false, &params);
    assert_eq!(granted, 80 * SECOND, "an event whose window closed gets what is left");
    budget.cancel(tickets[0]);
    assert_eq!(budget.available(at(3), SECOND, &params), Some(180 * SECOND));
}

#[test]
fn what_an_event_is_not_given_is_not_booked() {
    let params = SyncParameters::recommended();
    let mut budget = Budget::default();
    let ticket = budget.book_start(at(0), 180 * SECOND);
    budget.cut(ticket, 28 * SECOND);
    assert_eq!(budget.booked(ticket), 28 * SECOND);
    budget.cut(ticket, 100 * SECOND);
    assert_eq!(budget.available(at(1), SECOND, &params), Some((1_800 - 28) * SECOND), "never more than before");
    budget.settle(ticket, 10 * SECOND);
    assert_eq!(budget.available(at(2), SECOND, &params), Some(1_790 * SECOND));
}

#[test]
fn less_than_is_needed_is_nothing_and_the_wait_lasts_until_enough_is_forgotten() {
    let params = SyncParameters::recommended();
    let now = |s| Now { wall: at(s), ..Now::default() };
    let mut budget = Budget::default();
    for n in 0..10 {
        let used = 177 * SECOND;
        let ticket = budget.book_start(at(n), used);
        budget.settle(ticket, used);
    }
    assert_eq!(budget.available(at(20), 30 * SECOND, &params), Some(30 * SECOND));
    assert_eq!(budget.available(at(20), 60 * SECOND, &params), None);
    assert_eq!(budget.until_available(now(20), 60 * SECOND, &params), Some(86_380 * SECOND), "the first one goes");
    assert_eq!(budget.until_available(now(20), 300 * SECOND, &params), Some(86_381 * SECOND), "and the second");
}

#[test]
fn any_number_of_bookings_takes_little_room_and_none_is_forgotten_too_soon() {
    let mut params = SyncParameters::recommended().into_parameters();
    params.background_starts_per_day = 50_000;
    params.background_time_per_day = 50_000 * SECOND;
    let mut budget = Budget::default();
    for n in 0..40_000 {
        let ticket = budget.book_next(at(n), SECOND, &params);
        budget.settle(ticket, SECOND);
    }
    assert!(budget.entries.len() <= MANY + SOME, "{} entries", budget.entries.len());
    assert_eq!((budget.starts, budget.time), (40_000, 40_000 * SECOND));
    budget.forget(at(86_400 + 20_000));
    assert!(budget.starts >= 20_000, "{} starts of the last day are left", budget.starts);
    assert!(budget.starts <= 20_000 + 900 + 1, "{} starts are left", budget.starts);
}

#[test]
fn version_1_is_read() {
    let origin = Origin::parse("https://a.example").unwrap();
    let partition = Partition::Profile(background_sync_policy::PartitionId(0));
    let written = (partition, &origin, vec![(at(5), true, SECOND), (at(6), false, 2 * SECOND)]);
    let read = StoredBudget::decode(&seal(1, &written)).unwrap();
    assert_eq!(read.entries, [(at(5), 1, SECOND), (at(6), 0, 2 * SECOND)]);
}

#[test]
fn a_clock_set_back_locks_an_origin_out_for_a_day_at_most() {
    let params = SyncParameters { background_starts_per_day: 1, ..SyncParameters::recommended().into_parameters() };
    let mut budget = Budget::default();
    budget.book_start(at(1_000_000), SECOND);
    let origin = Origin::parse("https://a.example").unwrap();
    let stored = budget.to_stored(Partition::Profile(background_sync_policy::PartitionId(0)), &origin);
    assert_eq!(StoredBudget::decode(&stored.encode()), Ok(stored.clone()));
    let mut budget = Budget::restored(&stored, at(0));
    assert_eq!(budget.available(at(10), SECOND, &params), None);
    assert!(budget.available(at(86_400), SECOND, &params).is_some());
}
