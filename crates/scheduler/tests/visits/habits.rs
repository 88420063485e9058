use background_sync_registration::WallTime;
use background_sync_scheduler::{Learnt, Placement, VisitModel, VisitParameters};

use crate::life::{DAY, Life, at, commute, is_workday, minute, scattered};

fn share(of: usize, all: usize) -> f64 {
    assert!(all > 20, "too few to say anything: {all}");
    of as f64 / all as f64
}

#[test]
fn a_commuters_content_is_5_to_90_minutes_old_on_workdays() {
    for params in [VisitParameters::recommended(), VisitParameters::private()] {
        let mut life = Life::new(params);
        commute(&mut life, 0..84);
        let workdays: Vec<_> = life.first_visits(8).into_iter().filter(is_workday).collect();
        let fresh = workdays.iter().filter(|seen| (5..=90).contains(&seen.age)).count();
        assert!(share(fresh, workdays.len()) >= 0.9, "{params:?}: {fresh} of {}", workdays.len());
        let late = life.first_visits(8).iter().filter(|seen| seen.age > 720).count();
        assert!(share(late, life.first_visits(8).len()) <= 0.06, "{params:?}: {late} late");
        assert!(life.events.len() <= 84, "more than one event a day: {}", life.events.len());
    }
}

#[test]
fn workdays_and_weekends_have_slots_of_their_own() {
    let mut life = Life::new(VisitParameters::recommended());
    commute(&mut life, 0..60);
    // The 60th day is a Thursday; an evening later it is about Friday.
    let slot_of_day = |life: &Life| match life.placement() {
        Placement::Slot(slot) => minute(slot) % DAY,
        other => panic!("{other:?}"),
    };
    life.wait_until(60 * DAY - 60);
    let friday = slot_of_day(&life);
    commute(&mut life, 60..61);
    life.wait_until(61 * DAY - 60);
    assert_eq!(life.now / DAY % 7, 4, "a Friday evening");
    let saturday = slot_of_day(&life);
    assert!((5 * 60 + 30..7 * 60).contains(&friday), "{friday}");
    assert!((7 * 60..9 * 60).contains(&saturday), "{saturday}");
}

#[test]
fn a_shift_worker_is_followed_within_the_week() {
    let mut life = Life::new(VisitParameters::recommended());
    let shifts = [5 * 60, 9 * 60 + 50, 15 * 60 + 20];
    for day in (0..84).filter(|day| day % 7 < 5) {
        life.visit(day * DAY + shifts[(day / 7 % 3) as usize] + scattered(day, 25) - 12);
    }
    let settled: Vec<_> = life.first_visits(21).into_iter().filter(|seen| seen.minute / DAY % 7 >= 2).collect();
    let fresh = settled.iter().filter(|seen| seen.age <= 150).count();
    assert!(share(fresh, settled.len()) >= 0.8, "{fresh} of {}", settled.len());
}

#[test]
fn who_stays_away_is_given_up_after_a_few_events_and_found_again() {
    let mut life = Life::new(VisitParameters::recommended());
    commute(&mut life, 0..40);
    let before = life.events.len();
    life.wait_until(54 * DAY);
    let holiday = life.events.len() - before;
    assert!((4..=11).contains(&holiday), "{holiday} events in a holiday of two weeks");
    life.wait_until(75 * DAY);
    let all = life.events.len() - before;
    assert!(all <= 12, "{all} events in all");
    assert_eq!((life.placement(), life.placement().at()), (Placement::Absent, None));
    // The 75th day is a Saturday.
    life.visit(75 * DAY + 9 * 60 + 30);
    assert_eq!(life.placement().name(), "slot");
    commute(&mut life, 76..84);
    let back = life.first_visits(76).into_iter().filter(is_workday);
    assert!(back.clone().all(|seen| seen.age <= 90), "{:?}", back.collect::<Vec<_>>());
}

#[test]
fn who_comes_at_any_time_keeps_the_clock() {
    let mut life = Life::new(VisitParameters::recommended());
    let mut visit = 0;
    for number in 0..70 {
        visit += 200 + scattered(number, 3_000);
        life.visit(visit);
        if number > 30 {
            assert_eq!(life.placement().name(), "clock", "after {number} visits");
        }
    }
    let days = visit / DAY;
    let per_day = share(life.events.len(), days as usize);
    assert!((1.7..=2.0).contains(&per_day), "{per_day} events a day");
}

#[test]
fn the_clock_of_a_weekend_does_not_steal_mondays_slot() {
    let mut life = Life::new(VisitParameters::recommended());
    for day in 0..140 {
        if day % 7 < 5 {
            life.visit(day * DAY + 12 * 60 + scattered(day, 21) - 10);
        } else {
            life.visit(day * DAY + 5 * 60 + scattered(day, 22 * 60));
        }
        life.wait_until((day + 1) * DAY + 4 * 60);
    }
    let doubtful = life.events.iter().filter(|event| **event / DAY % 7 >= 5).count();
    assert!(doubtful > 20, "weekends go by the clock: {doubtful} events");
    // A Sunday goes on until four.
    let is_monday = |minute: i64| (minute - 4 * 60) / DAY % 7 == 0;
    let mondays: Vec<_> = life.first_visits(42).into_iter().filter(|seen| is_monday(seen.minute)).collect();
    assert!(mondays.len() >= 12, "{}", mondays.len());
    assert!(mondays.iter().all(|seen| seen.age <= 120), "{mondays:?}");
}

#[test]
fn a_slot_is_open_for_four_hours_and_closed_by_an_event_or_a_visit() {
    let mut life = Life::new(VisitParameters::recommended());
    (0..14).for_each(|day| life.visit(day * DAY + 7 * 60));
    life.wait_until(14 * DAY);
    let Placement::Slot(slot) = life.placement() else { panic!("{:?}", life.placement()) };
    let slot = minute(slot);
    let asked = |life: &Life, now: i64| {
        let mut later = Life { now, events: life.events.clone(), model: life.model.clone(), visits: vec![], ..*life };
        later.events.retain(|event| *event < slot);
        later.placement()
    };
    assert_eq!(asked(&life, slot + 240), Placement::Slot(at(slot + 240)), "at once, while it is open");
    assert_eq!(asked(&life, slot + 241), Placement::Slot(at(slot + DAY)));
    life.wait_until(slot + 1);
    assert_eq!(life.events.last(), Some(&slot));
    assert_eq!(life.placement(), Placement::Slot(at(slot + DAY)), "closed by the event");
    life.events.pop();
    assert_eq!(life.placement(), Placement::Slot(at(slot + 1)));
    life.model.visited(at(slot + 1), life.offset, &Default::default(), &life.params);
    assert!(life.placement().at().is_some_and(|next| next > at(slot + 20 * 60)), "closed by a visit");
}

#[test]
fn a_second_slot_serves_the_evening_where_the_budget_allows() {
    let life = |second: bool| {
        let mut life = Life::new(VisitParameters::recommended().with_second_slot(second));
        for day in 0..30 {
            life.visit(day * DAY + 7 * 60);
            life.visit(day * DAY + 20 * 60);
        }
        life.now = 29 * DAY + 20 * 60 + 1;
        life.visit(30 * DAY + 7 * 60);
        life
    };
    let Placement::Slot(second) = life(true).placement() else { panic!("no slot") };
    assert!((30 * DAY + 19 * 60..=30 * DAY + 20 * 60).contains(&minute(second)), "{}", minute(second) % DAY);
    let Placement::Slot(first) = life(false).placement() else { panic!("no slot") };
    assert!(first > at(31 * DAY), "the next day's");
}

#[test]
fn the_first_visit_is_enough_for_a_slot_and_none_leaves_the_clock() {
    let mut life = Life::new(VisitParameters::recommended());
    assert_eq!(life.placement(), Placement::Clock(at(720)), "twelve hours after it was registered");
    life.visit(7 * 60);
    let Placement::Slot(slot) = life.placement() else { panic!("{:?}", life.placement()) };
    assert!((DAY + 6 * 60..DAY + 7 * 60).contains(&minute(slot)), "{}", minute(slot));
}

#[test]
fn a_thousand_visits_a_second_find_slots_once_a_day() {
    let params = VisitParameters::recommended();
    let mut model = VisitModel::new(&params);
    let mut refits = 0;
    for ms in 0..100_000_i64 {
        // A second of each of a hundred hours, a thousand times, and each time an hour of the day before too.
        let at = WallTime::from_unix_ms(at(ms / 1_000 * 60).unix_ms() + ms % 1_000);
        let day_before = WallTime::from_unix_ms(at.unix_ms() - 86_400_000);
        for at in [at, day_before] {
            let learnt = model.visited(at, Default::default(), &Default::default(), &params);
            refits += usize::from(learnt == Learnt::FirstOfDay);
        }
    }
    assert_eq!(refits, 5, "100 hours from midnight are five days that begin at four");
}
