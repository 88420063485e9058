//! Clocks that lie.

use std::time::Duration;

use background_sync::policy::Facts;
use background_sync::registration::{MonotonicTime, Now, Tag, WallTime};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{AskedBy, ClearedScope, Input, NetworkSubject, Outcome, Output, RequestId, WakeToken};

use crate::support::stories::{offline_host, with};
use crate::support::{Host, key, secs};

/// One wrong reading, of a clock that goes wrong alone, and everything after it right.
#[test]
fn one_absurd_reading_stops_nothing_and_is_counted() {
    for absurd in [MonotonicTime::FAR_FUTURE, MonotonicTime::from_start(secs(40_000 * 86_400))] {
        let mut host = offline_host();
        host.register("outbox");
        host.run(secs(10));
        let wall = host.clock().wall;
        host.machine.handle(Now { monotonic: absurd, wall }, Input::Tick);
        while host.machine.poll_output().is_some() {}
        assert_eq!(host.machine.stats().clock_readings_distrusted, 1);
        host.network(NetworkState::online());
        host.run(secs(3_600));
        assert_eq!(host.events.len(), 1);
    }
}

/// A clock that begins anew somewhere else for good is followed from there.
#[test]
fn a_clock_that_stays_absurd_is_followed_from_there() {
    let mut host = offline_host();
    host.register("outbox");
    let off = secs(40_000 * 86_400);
    let mut events = 0;
    for second in 0..100 {
        let real = host.clock();
        let monotonic = real.monotonic.after(off).after(secs(second));
        let now = Now { monotonic, wall: real.wall.after(secs(second)) };
        let online = Input::NetworkChanged { subject: NetworkSubject::All, state: NetworkState::online(), epoch: 9 };
        let mut inputs = vec![if second == 10 { online } else { Input::Tick }];
        while let Some(input) = inputs.pop() {
            host.machine.handle(now, input);
            while let Some(output) = host.machine.poll_output() {
                match output {
                    Output::Commit { txn, .. } => inputs.push(Input::Committed { txn }),
                    Output::AskNetwork { origin } => inputs.push(Input::NetworkChanged {
                        subject: NetworkSubject::Origin(origin),
                        state: NetworkState::online(),
                        epoch: 9,
                    }),
                    Output::Start { attempt, .. } => {
                        let (facts, network) = (Facts::of_an_open_window(), NetworkState::online());
                        inputs.push(Input::Ready { attempt, facts, network });
                    }
                    Output::Dispatch { .. } => events += 1,
                    _ => {}
                }
            }
        }
    }
    assert_eq!(events, 1);
}

#[test]
fn a_clock_that_goes_back_is_not_followed() {
    let mut host = Host::new();
    host.run(secs(100));
    host.deliver = false;
    host.network(NetworkState::Offline);
    host.now = secs(50);
    host.register("outbox");
    assert!(host.machine.next_deadline().unwrap() >= MonotonicTime::from_start(secs(100)));
}

/// Every extreme, in every order: nothing panics, nothing hangs, and the structures stay whole.
#[test]
fn extremes_in_every_order_break_nothing() {
    let far = [Duration::ZERO, secs(1), Duration::from_millis(1 << 53), Duration::MAX];
    let walls = [i64::MIN, -1, 0, 1 << 53, i64::MAX];
    for (first, second) in far.into_iter().flat_map(|a| far.map(|b| (a, b))) {
        for (before, after) in walls.into_iter().flat_map(|a| walls.map(|b| (a, b))) {
            let at = |m: Duration, w| Now { monotonic: MonotonicTime::from_start(m), wall: WallTime::from_unix_ms(w) };
            let register = Input::Register {
                request: RequestId(77),
                key: key(),
                tag: Tag::from("z"),
                asked_by: AskedBy::Worker,
                facts: Facts::of_an_open_window(),
            };
            let since = Some(WallTime::from_unix_ms(before));
            let mut host = Host::new();
            host.register("a");
            for (now, input) in [
                (at(first, before), Input::Woken { token: WakeToken(1), budget: Duration::MAX }),
                (at(second, after), Input::Frozen),
                (at(first, after), Input::Thawed),
                (at(second, before), Input::Slept),
                (at(first, before), Input::Woke),
                (at(second, after), register),
                (at(second, after), Input::DataCleared { request: None, scope: ClearedScope::Key(key()), since }),
                (at(Duration::MAX, i64::MAX), Input::Tick),
                (at(Duration::ZERO, i64::MIN), Input::Shutdown),
            ] {
                host.machine.handle(now, input);
                assert_eq!(host.machine.check_invariants(), Ok(()));
                answer_all(&mut host, now);
            }
        }
    }
}

fn answer_all(host: &mut Host, now: Now) {
    for _ in 0..1_000 {
        let answer = match host.machine.poll_output() {
            None => return,
            Some(Output::Start { attempt, .. }) => {
                Input::Ready { attempt, facts: Facts::of_an_open_window(), network: NetworkState::online() }
            }
            Some(Output::Dispatch { attempt, .. }) => {
                Input::Finished { attempt, outcome: Outcome::Deferred(Duration::MAX) }
            }
            Some(Output::Commit { txn, .. }) => Input::Committed { txn },
            Some(_) => continue,
        };
        host.machine.handle(now, answer);
    }
    panic!("the machine keeps itself busy");
}

/// A deadline in the past that a tick does not clear would keep a host busy for ever.
#[test]
fn no_deadline_outlives_its_tick() {
    let no_budget = with(|parameters| {
        parameters.background_time_per_day = Duration::ZERO;
        parameters.background_starts_per_day = 0;
    });
    let presets = [SyncParameters::recommended(), no_budget, SyncParameters::chromium(), SyncParameters::private()];
    for parameters in presets {
        let name = parameters.preset;
        let mut host = Host::with(parameters);
        host.network(NetworkState::Offline);
        for tag in ["0", "1", "2", "3", "4"] {
            host.register(tag);
        }
        host.windows(0);
        host.outcomes = std::iter::repeat_n(Some(Outcome::Rejected), 500).collect();
        host.network(NetworkState::online());
        let (mut ticks, end) = (0, host.now + secs(3 * 86_400));
        while let Some(at) = host.machine.next_deadline().map(MonotonicTime::since_start).filter(|at| *at <= end) {
            host.now = host.now.max(at);
            host.send(Input::Tick);
            ticks += 1;
            assert!(ticks < 1_000, "{name}: busy at {:?}", host.now);
        }
    }
}
