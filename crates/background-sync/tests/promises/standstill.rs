//! A process that is frozen and a system that sleeps: the time in which nobody could run is nobody's.

use std::time::Duration;

use background_sync::registration::Now;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Outcome, StoreOp};

use crate::support::stories::{in_background, terminated};
use crate::support::{Host, secs};

/// The host freezes the process and still lets its clock tick.
#[test]
fn no_event_runs_out_of_time_while_the_process_is_frozen() {
    let mut host = Host::new();
    host.outcomes = [None].into();
    host.register("outbox");
    host.run(secs(100));
    host.send(Input::Frozen);
    host.run(secs(500));
    host.send(Input::Frozen); // as it is already
    host.run(secs(500));
    assert!(!terminated(&host), "frozen after 100 s of 180");
    host.send(Input::Thawed);
    host.run(secs(75));
    assert!(!terminated(&host), "after 175 s of 180");
    host.run(secs(10));
    assert!(terminated(&host));
}

#[test]
fn frozen_time_is_no_background_time() {
    let mut host = in_background(SyncParameters::recommended());
    host.outcomes = [None].into();
    host.network(NetworkState::online());
    while host.events.is_empty() {
        host.run(secs(1));
    }
    let (begin, attempt, _) = host.events[0];
    host.send(Input::Frozen);
    host.run(secs(100));
    host.send(Input::Thawed);
    host.run(secs(20));
    let ran = host.now - begin - secs(100);
    host.send(Input::Finished { attempt, outcome: Outcome::Fulfilled });
    host.run(secs(10));
    assert_eq!(booked(&host), Some(ran));
}

/// The clock that runs stood still meanwhile, for less than is noticed of clocks that come apart.
#[test]
fn a_wait_goes_on_while_nobody_runs() {
    for (stops, goes_on) in [(Input::Slept, Input::Woke), (Input::Frozen, Input::Thawed)] {
        let mut host = Host::new();
        host.outcomes = [Some(Outcome::Rejected)].into();
        host.register("outbox");
        host.run(secs(10));
        let left = |host: &Host| host.machine.next_deadline().unwrap().since(host.clock().monotonic);
        let before = left(&host);
        let stood_still = Duration::from_millis(1_500);
        let reading = host.clock();
        host.send(stops);
        let later = Now { wall: reading.wall.after(stood_still), ..reading };
        host.machine.handle(later, goes_on);
        assert_eq!(left(&host), before - stood_still);
    }
}

/// The last window closes while the process is frozen; the cap has gone by on the clock, and not for the event.
#[test]
fn a_window_that_closes_while_the_process_is_frozen_changes_no_cap() {
    let mut host = Host::new();
    host.outcomes = [None].into();
    host.register("outbox");
    host.run(secs(80));
    host.send(Input::Frozen);
    host.run(secs(200));
    host.windows(0);
    host.run(secs(100));
    host.send(Input::Thawed);
    host.run(secs(90));
    assert!(!terminated(&host), "after 170 s of 180");
    host.run(secs(20));
    assert!(terminated(&host), "after 190 s of 180");
    host.run(secs(10));
    assert_eq!(booked(&host), Some(secs(100)), "what it ran after the window closed");
}

/// A window opens, and closes again, while the process is frozen: nothing ran meanwhile.
#[test]
fn a_window_that_opens_while_the_process_is_frozen_costs_no_background_time() {
    let mut host = in_background(SyncParameters::recommended());
    host.outcomes = [None].into();
    host.network(NetworkState::online());
    while host.events.is_empty() {
        host.run(secs(1));
    }
    let ran = host.now - host.events[0].0;
    host.send(Input::Frozen);
    host.run(secs(500));
    host.windows(1);
    host.run(secs(10));
    assert_eq!(booked(&host), Some(ran));
}

/// What ends while the process is frozen had its time until then, and no more.
#[test]
fn an_event_that_ends_while_the_process_is_frozen_has_not_used_up_its_cap() {
    let mut host = Host::new();
    host.outcomes = [None].into();
    host.register("outbox");
    host.run(secs(10));
    host.send(Input::Frozen);
    host.run(secs(500));
    let attempt = host.events[0].1;
    host.send(Input::Finished { attempt, outcome: Outcome::Rejected });
    let left = host.machine.registrations().next().unwrap();
    assert_eq!((left.series.attempts, left.series.free_in_all), (0, 1), "interrupted by the freeze, so it is free");
}

fn booked(host: &Host) -> Option<Duration> {
    host.commits.iter().flatten().rev().find_map(|op| match op {
        StoreOp::PutBudget(budget) => Some(budget.entries.iter().map(|(.., time)| *time).sum::<Duration>()),
        _ => None,
    })
}
