//! When an origin is judged, and what fires then.

use background_sync::Outcome;
use background_sync::WhyNot;
use background_sync::scheduler::{AcrossOrigins, NetworkState, PeriodicHold};

use super::{fired, host, host_with, hours, register, why_not};
use crate::support::secs;

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
    host.send(background_sync::Input::Slept);
    host.now += hours(100);
    host.send(background_sync::Input::Woke);
    host.run(secs(90));
    assert_eq!(host.events.len(), 1);
    host.run(hours(12));
    assert_eq!(host.events.len(), 2);
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
            host.send(background_sync::Input::Finished { attempt, outcome: Outcome::Fulfilled });
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
