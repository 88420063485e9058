use background_sync_scheduler::{Placement, UtcOffset, VisitParameters};

use crate::life::{DAY, Life, commute, is_workday, minute, offset};

/// The minute of the local day.
fn local_slot(life: &Life) -> i64 {
    match life.placement() {
        Placement::Slot(slot) => (minute(slot) + i64::from(life.offset.minutes())) % DAY,
        other => panic!("{other:?}"),
    }
}

#[test]
fn summer_time_moves_the_slot_at_once() {
    for hours in [1, -1] {
        let mut life = Life::new(VisitParameters::recommended());
        life.offset = offset(2);
        // To the end of a Saturday.
        commute(&mut life, 0..48);
        life.wait_until(48 * DAY + 20 * 60);
        let before = local_slot(&life);
        life.offset = offset(2 + hours);
        assert_eq!(local_slot(&life), before, "Monday's slot by the clock on the wall");
        commute(&mut life, 49..54);
        let ages: Vec<_> = life.first_visits(49).iter().map(|seen| seen.age).collect();
        assert!(ages.iter().all(|age| (5..=90).contains(age)), "{ages:?}");
    }
}

#[test]
fn a_trip_keeps_the_hours_of_the_place() {
    for hours in [-8, 9] {
        let mut life = Life::new(VisitParameters::recommended());
        commute(&mut life, 0..42);
        life.offset = offset(hours);
        // Tuesday on, after a day on the way.
        life.wait_until(43 * DAY - i64::from(hours) * 60);
        commute(&mut life, 43..47);
        life.offset = UtcOffset::UTC;
        life.wait_until(50 * DAY);
        commute(&mut life, 50..54);
        let away = life.first_visits(43);
        let fresh = away.iter().filter(|seen| is_workday(seen) && seen.age <= 120).count();
        assert!(fresh + 2 >= away.iter().filter(|seen| is_workday(seen)).count(), "{hours}: {away:?}");
    }
}
