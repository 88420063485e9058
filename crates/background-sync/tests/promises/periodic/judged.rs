//! When an origin is judged, and what fires then.

use background_sync::policy::SyncKind;
use background_sync::scheduler::{AcrossOrigins, ConditionOverride, NetworkState, PeriodicHold};
use background_sync::{Input, Outcome, WhyNot};

use super::{fired, host, host_with, hours, register, visit, why_not};
use crate::support::{PROFILE, origin, secs};

fn names(events: &[(f64, String)]) -> Vec<(f64, &str)> {
    events.iter().map(|(at, tag)| (*at, tag.as_str())).collect()
}

#[test]
fn an_hourly_sync_fires_twice_a_day_and_all_that_is_due_at_once() {
    let mut host = host();
    register(&mut host, "news", 1);
    register(&mut host, "weather", 1);
    assert_eq!(host.machine.registration_count(), 2);
    host.run(hours(36));
    let twice_a_day =
        [(12.0, "news"), (12.0, "weather"), (24.0, "news"), (24.0, "weather"), (36.0, "news"), (36.0, "weather")];
    assert_eq!(names(&fired(&host)), twice_a_day, "one judgement, two events");
}

#[test]
fn why_not_says_what_holds_it_and_until_when() {
    let mut host = host();
    register(&mut host, "news", 20);
    register(&mut host, "weather", 1);
    let reason = |hold| move |why: &[WhyNot]| matches!(why, [WhyNot::Periodic { why, until: Some(_) }] if *why == hold);
    assert!(reason(PeriodicHold::MinInterval)(&why_not(&host, "news")));
    assert!(reason(PeriodicHold::MinInterval)(&why_not(&host, "weather")));
    host.run(hours(2));
    assert!(reason(PeriodicHold::OriginInterval)(&why_not(&host, "weather")));
    host.network(NetworkState::Offline);
    host.run(hours(11));
    assert!(why_not(&host, "weather").contains(&WhyNot::Offline));
    assert_eq!(host.events, []);
    host.network(NetworkState::online());
    host.run(secs(5));
    assert_eq!(names(&fired(&host)), [(13.0, "weather")]);
}

#[test]
fn a_sleep_of_days_is_one_event_and_not_as_many_as_were_missed() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.send(Input::Slept);
    host.now += hours(100);
    host.send(Input::Woke);
    host.run(secs(90));
    assert_eq!(host.events.len(), 1);
    host.run(hours(12));
    assert_eq!(host.events.len(), 2);
}

#[test]
fn a_link_that_is_gone_for_minutes_every_day_is_no_reason_to_fire_long_before_the_visit() {
    let mut host = host();
    register(&mut host, "news", 1);
    // A day is 22 h and a visit, 10 min, and 20 min without a link; when it comes back it is held for a moment.
    // Weekends have nothing of it; the first day is a Wednesday.
    for day in 2..30 {
        host.run(hours(22));
        if day % 7 > 4 {
            host.run(hours(2));
            continue;
        }
        visit(&mut host);
        host.run(secs(600));
        host.network(NetworkState::Offline);
        host.run(secs(1_200));
        host.network(NetworkState::online());
        host.run(secs(5_400));
    }
    let early_or_late = |(at, _): &&(f64, String)| *at > 100.0 && !(21.0..22.0).contains(&(at % 24.0));
    assert_eq!(fired(&host).iter().find(early_or_late), None);
}

#[test]
fn what_a_condition_holds_back_is_judged_when_the_user_says_so() {
    for whose in [None, Some((PROFILE, origin()))] {
        let mut host = host();
        register(&mut host, "news", 1);
        host.network(NetworkState::Online { metered: true, roaming: false, network_id: None });
        host.run(hours(13));
        assert_eq!(host.events, []);
        let said = ConditionOverride::RunAnyway;
        host.send(Input::ConditionOverride { origin: whose.clone(), kind: SyncKind::OneShot, said });
        host.run(secs(60));
        assert_eq!(host.events, [], "that was about the other kind");
        host.send(Input::ConditionOverride { origin: whose, kind: SyncKind::Periodic, said });
        host.run(secs(60));
        assert_eq!(names(&fired(&host)), [(13.0, "news")]);
    }
}

#[test]
fn a_daily_event_stays_at_its_time_of_day_with_a_flex_and_drifts_without() {
    for (flex, drift) in [(10, 0), (0, 20)] {
        let mut host = host_with(|it| it.periodic.interval_flex_percent = flex);
        register(&mut host, "news", 24);
        for _ in 0..10 {
            host.outcomes.push_back(None);
            while host.events.is_empty() {
                host.run(secs(60));
            }
            // It takes two minutes.
            host.run(secs(120));
            let (_, attempt, _) = host.events.pop().unwrap();
            host.send(Input::Finished { attempt, outcome: Outcome::Fulfilled });
        }
        let late = host.now.as_secs() / 60 - 10 * 24 * 60;
        assert_eq!(late.saturating_sub(2), if drift == 0 { 0 } else { 18 }, "{flex} percent");
    }
}

#[test]
fn across_origins_a_strict_gap_holds_whoever_comes_second() {
    let mut host = host_with(|it| {
        it.periodic.across_origins = AcrossOrigins::Gap(hours(12));
        it.periodic.batch_window = secs(0);
        it.periodic.follow_visits = false;
    });
    register(&mut host, "news", 1);
    host.run(hours(12));
    register(&mut host, "weather", 1);
    host.run(hours(6));
    let why = why_not(&host, "weather");
    assert!(matches!(why[..], [WhyNot::Periodic { .. }]), "{why:?}");
    host.run(hours(6));
    assert_eq!(names(&fired(&host)), [(12.0, "news"), (24.0, "news"), (24.0, "weather")]);
}
