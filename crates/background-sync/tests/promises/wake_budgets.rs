//! A system that wakes the engine lets it run for a while: no event that nobody sees is given more of it than there is.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::{Series, Tag};
use background_sync::scheduler::SyncParameters;
use background_sync::{Detail, Input, Machine, Obstacle, Outcome, Reason, StoreOp, WakeToken, WhyNot, WorkerState};

use crate::support::stories::{
    caps, in_background, last_start, loaded, store_of, stored, terminated, with, worker_ready,
};
use crate::support::{Host, key, secs};

const OUTBOX: &str = "outbox";

/// Offline, `outbox` is registered, and nothing is spread or held.
fn waiting() -> Host {
    let mut host = in_background(with(|params| {
        params.first_fire_spread_in_background = secs(0);
        params.online_hold = secs(0);
        params.online_hold_max = secs(0);
    }));
    host.outcomes = std::iter::repeat_n(None, 100).collect();
    host.run(secs(10));
    host
}

/// The same, and one attempt is left.
fn last_chance() -> Host {
    let mut host = waiting();
    let mut old = stored(1, OUTBOX);
    old.series = Series::charged(11);
    host.machine = Machine::new(host.machine.parameters().clone(), [1; 32]);
    host.send(Input::Loaded(loaded(&store_of([old]), WorkerState::Active)));
    host.windows(0);
    host.run(secs(10));
    host
}

fn woken(host: &mut Host, token: u64, budget: u64) {
    host.send(Input::Woken { token: WakeToken(token), budget: secs(budget) });
}

fn online(host: &mut Host) {
    host.network(background_sync::scheduler::NetworkState::online());
}

fn why(host: &Host) -> Vec<WhyNot> {
    host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from(OUTBOX))
}

#[test]
fn an_event_ends_two_seconds_before_its_wake_up_and_is_not_charged() {
    let mut host = waiting();
    woken(&mut host, 1, 60);
    online(&mut host);
    assert_eq!(caps(&host), [(secs(58), false)]);
    host.run(secs(58));
    assert!(terminated(&host));
    let view = host.machine.registrations().next().unwrap();
    assert_eq!((view.series.attempts, view.series.free_in_all), (0, 1));
}

#[test]
fn a_window_gives_it_all_of_its_cap() {
    let mut host = waiting();
    woken(&mut host, 1, 60);
    host.windows(1);
    online(&mut host);
    host.run(secs(2));
    assert_eq!(caps(&host), [(secs(180), false)]);
}

/// It counts until the end that the system announced, and no longer.
#[test]
fn too_little_is_nothing_until_the_wake_up_is_over_though_it_is_done() {
    let mut host = waiting();
    woken(&mut host, 1, 30);
    host.run(secs(19));
    online(&mut host);
    let until = host.clock().wall.after(secs(11));
    assert_eq!(why(&host), [WhyNot::WakeUp { until }]);
    host.run(secs(10));
    assert_eq!(caps(&host), []);
    host.run(secs(1));
    assert_eq!(caps(&host), [(secs(180), false)], "something else keeps the process");
}

#[test]
fn a_window_that_opens_ends_the_wait() {
    let mut host = waiting();
    woken(&mut host, 1, 30);
    host.run(secs(19));
    online(&mut host);
    host.windows(1);
    host.run(secs(2));
    assert_eq!(caps(&host), [(secs(180), false)]);
}

#[test]
fn a_last_chance_waits_for_a_wake_up_with_room_for_its_whole_cap() {
    let mut host = last_chance();
    woken(&mut host, 1, 180);
    host.run(secs(170));
    woken(&mut host, 2, 30);
    online(&mut host);
    assert!(matches!(why(&host)[..], [WhyNot::WakeUp { .. }]), "{:?}", why(&host));
    woken(&mut host, 3, 90);
    assert_eq!(caps(&host), [(secs(60), true)]);
}

/// A promise is kept on a system that never gives more.
#[test]
fn where_no_wake_up_has_room_for_it_a_last_chance_gets_what_there_is() {
    let mut host = last_chance();
    for token in 1..4 {
        woken(&mut host, token, 30);
        host.run(secs(40));
    }
    woken(&mut host, 4, 30);
    online(&mut host);
    assert_eq!(caps(&host), [(secs(28), true)]);
}

/// A worker that took its time is stopped, and nothing is charged.
#[test]
fn what_is_left_is_looked_at_again_when_the_worker_is_ready() {
    let mut host = waiting();
    host.start = false;
    woken(&mut host, 1, 30);
    online(&mut host);
    let attempt = last_start(&host);
    host.run(secs(19));
    worker_ready(&mut host, attempt);
    assert_eq!(caps(&host), []);
    let short = Detail::Reason(Reason::Obstacle(Obstacle::WakeUpTooShort));
    assert!(host.machine.log().any(|entry| entry.metadata.contains(&short)));
    host.start = true;
    woken(&mut host, 2, 30);
    assert_eq!(caps(&host), [(secs(28), false)]);
    assert_eq!(host.machine.registrations().next().unwrap().series, Series::default());
}

/// What it is not given is left for others, in the store too.
#[test]
fn only_what_an_event_is_given_is_booked_of_the_day() {
    let mut host = waiting();
    woken(&mut host, 1, 60);
    online(&mut host);
    host.run(secs(6));
    let mut entries = host.commits.iter().flatten().filter_map(|op| match op {
        StoreOp::PutBudget(budget) => Some(budget.entries.clone()),
        _ => None,
    });
    let booked: Vec<Duration> = entries.next_back().unwrap().iter().map(|(_, _, time)| *time).collect();
    assert_eq!(booked, [secs(58)]);
}

/// Half a minute at a time, whatever chance says: spreads, holds, and a worker that takes two seconds.
#[test]
fn a_system_that_gives_half_a_minute_sees_every_promise_kept() {
    for seed in 0..20 {
        let mut host = Host::new();
        host.machine = Machine::new(SyncParameters::recommended(), [seed; 32]);
        let mut old = stored(1, OUTBOX);
        old.series = Series::charged(11);
        host.send(Input::Loaded(loaded(&store_of([old]), WorkerState::Active)));
        host.windows(0);
        host.outcomes = [Some(Outcome::Fulfilled)].into();
        host.start = false;
        let mut wakes = 0;
        while host.events.is_empty() && wakes < 10 {
            wakes += 1;
            host.run(secs(3_600));
            let before = host.outputs.len();
            woken(&mut host, wakes, 30);
            host.run(secs(3));
            online(&mut host);
            for _ in 0..27 {
                let mut starts = host.outputs[before..].iter().filter_map(|output| match output {
                    background_sync::Output::Start { attempt, .. } => Some(*attempt),
                    _ => None,
                });
                if let Some(attempt) = starts.next_back().filter(|_| host.events.is_empty()) {
                    host.run(secs(2));
                    worker_ready(&mut host, attempt);
                }
                host.run(secs(1));
            }
            host.network(background_sync::scheduler::NetworkState::Offline);
        }
        assert_eq!(host.events.len(), 1, "seed {seed}: nothing in {wakes} wake-ups");
    }
}
