//! Retries, and what an origin may spend in a day (invariant I13).

use std::time::Duration;

use background_sync::registration::StateName;
use background_sync::{EventName, Outcome, WhyNot};

use super::{fired, host, host_with, hours, register, why_not};
use crate::support::secs;

#[test]
fn a_failed_event_is_tried_twice_more_and_then_waits_for_its_next_turn() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.outcomes.extend([Some(Outcome::Rejected); 3]);
    host.run(hours(13));
    let minutes: Vec<_> = host.event_times().iter().map(|at| at / 60).collect();
    assert_eq!(minutes, [720, 725, 740], "after 5 and after 15 minutes");
    assert_eq!(host.machine.registrations().next().unwrap().state, StateName::Pending);
    let ended = host.machine.log().filter(|entry| entry.event == EventName::PeriodicSyncEventEnded).count();
    assert_eq!(ended, 1);
    host.run(hours(24));
    assert_eq!(host.event_times()[3] / 60, 740 + 720, "from the last event on");
}

#[test]
fn a_retry_is_part_of_firing_and_has_a_network() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.outcomes.push_back(Some(Outcome::Rejected));
    host.run(hours(12));
    assert_eq!(host.machine.registrations().next().unwrap().state, StateName::Firing);
    assert!(matches!(why_not(&host, "news")[..], [WhyNot::BackOff { .. }]));
    host.network(background_sync::scheduler::NetworkState::Offline);
    host.run(hours(1));
    assert_eq!(host.events.len(), 1, "online is asked for again");
    host.network(background_sync::scheduler::NetworkState::online());
    host.run(secs(60));
    assert_eq!(host.events.len(), 2);
}

#[test]
fn a_day_has_four_starts_with_a_window_or_without_and_nobody_starves() {
    for windows in [0, 1] {
        let mut host = host();
        for n in 0..6 {
            register(&mut host, &n.to_string(), 1);
        }
        host.windows(windows);
        host.run(hours(12));
        let tags = |host: &crate::support::Host| fired(host).into_iter().map(|(_, tag)| tag).collect::<Vec<_>>();
        assert_eq!(tags(&host), ["0", "1", "2", "3"]);
        assert!(!why_not(&host, "4").is_empty());
        host.run(hours(23));
        assert_eq!(host.events.len(), 4, "a rolling day");
        host.run(hours(2));
        assert_eq!(tags(&host)[4..], ["0", "1", "4", "5"], "those that waited longest are among them");
    }
}

#[test]
fn event_time_is_ten_minutes_a_day() {
    let mut host = host_with(|it| it.periodic.starts_per_day = 100);
    for n in 0..5 {
        register(&mut host, &n.to_string(), 1);
        host.outcomes.push_back(None);
    }
    host.run(hours(13));
    let caps: Vec<_> = host
        .outputs
        .iter()
        .filter_map(|output| match output {
            background_sync::Output::Dispatch { cap, .. } => Some(*cap),
            _ => None,
        })
        .collect();
    assert!(caps.iter().sum::<Duration>() <= secs(600), "{caps:?}");
    assert!(caps.len() >= 4, "{caps:?}");
}

#[test]
fn a_retry_that_is_held_for_too_long_is_not_made() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.outcomes.push_back(Some(Outcome::Rejected));
    host.run(hours(12));
    host.network(background_sync::scheduler::NetworkState::Offline);
    host.run(hours(2));
    assert_eq!(host.machine.registrations().next().unwrap().state, StateName::Pending, "its turn is over");
    host.network(background_sync::scheduler::NetworkState::online());
    host.run(hours(9));
    assert_eq!(host.events.len(), 1, "so long after it began it would be no retry");
    host.run(hours(4));
    assert_eq!(host.events.len(), 2);
}

#[test]
fn no_event_overtakes_the_promise_of_its_registration() {
    let mut host = host_with(|it| {
        it.periodic.min_interval_for_any_origin = secs(20);
        it.periodic.max_retries = 0;
    });
    host.deliver = false;
    register(&mut host, "news", 0);
    host.run(secs(30));
    host.events.clear();
    register(&mut host, "weather", 0);
    assert_eq!(host.events, [], "its reply may be on its way");
    host.run(secs(60));
    assert!(host.events.iter().any(|(_, _, event)| event.tag == "weather".into()));
}
