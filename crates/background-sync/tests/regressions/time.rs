//! Waits, ages and clocks.

use std::sync::mpsc::channel;
use std::time::Duration;

use background_sync::policy::{SyncKind, WindowClients};
use background_sync::registration::{MonotonicTime, Now, Series, StoredState, StoredWait, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{AttemptId, Input, Loaded, Machine, MemoryStore, Outcome, Output, WorkerState};

use crate::support::stories::{
    all_online, at, clocks, last_start, last_window_closed, loaded, offline_host, ready, register, settle, store_of,
    stored, with, worker_ready, write,
};
use crate::support::{Host, key, secs};

/// The back-off after a crash was never written, so that every session shorter than it began it again.
#[test]
fn a_back_off_after_a_crash_ends_however_short_the_sessions_are() {
    let mut registration = stored(1, "a");
    registration.series = Series::new(8, 3, 3);
    registration.state = StoredState::Firing(false);
    let mut store = store_of([registration]);
    let started = (0..20).any(|session| starts_in_an_hour(&mut store, session));
    assert!(started, "20 hours of running time, a back-off of at most 5 h, and it never starts");
}

/// One session that reads the store, writes to it and ends without a shutdown after an hour.
fn starts_in_an_hour(store: &mut MemoryStore, session: u8) -> bool {
    let begin = u64::from(session) * 4_000;
    let mut machine = Machine::new(SyncParameters::recommended(), [session; 32]);
    machine.handle(at(begin), all_online()); // as with the driver, the oracle speaks first
    machine.handle(at(begin), Input::Loaded(loaded(store, WorkerState::Active)));
    (begin..begin + 3_600).any(|second| {
        let mut started = false;
        machine.handle(at(second), Input::Tick);
        settle(&mut machine, at(second), |output| match output {
            Output::Commit { txn, ops } => {
                write(store, ops.clone());
                Some(Input::Committed { txn: *txn })
            }
            Output::Start { .. } => {
                started = true;
                None
            }
            _ => None,
        });
        started
    })
}

/// The first word of the network oracle was taken for a link that came back, which ends a back-off.
#[test]
fn a_restart_keeps_a_back_off_whoever_speaks_first() {
    let mut registration = stored(1, "a");
    registration.series = Series::charged(8);
    registration.state = StoredState::Waiting(StoredWait::new(at(10_000).wall, secs(18_000)), false);
    let load = Input::Loaded(loaded(&store_of([registration]), WorkerState::Active));
    for inputs in [[all_online(), load.clone()], [load, all_online()]] {
        let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
        for input in inputs {
            machine.handle(at(100), input);
        }
        assert_eq!(
            machine.registration(&key(), SyncKind::OneShot, &Tag::from("a")).unwrap().state().name().as_str(),
            "waiting"
        );
    }
}

/// A call joined a starting attempt and made its age new, but the event was told of a last chance, and one failure
/// removed a promise of a moment ago.
#[test]
fn a_call_before_dispatch_counts_for_the_last_chance() {
    // Age alone makes it the last one.
    let mut host = Host::with(with(|parameters| parameters.min_sync_attempts = 1));
    host.network(NetworkState::Offline);
    host.register("t");
    host.run(secs(8 * 86_400)); // past its age
    host.start = false;
    host.network(NetworkState::online());
    host.run(secs(5));
    host.register("t"); // young again, and resolved before the event
    let attempt = last_start(&host); // another one: the first was given up with what it would have said
    host.outcomes = [Some(Outcome::Rejected)].into();
    host.start = true;
    worker_ready(&mut host, attempt);
    host.run(secs(1));
    let (_, _, event) = &host.events[0];
    assert!(!event.last_chance, "registered a moment ago, and told of a last chance at the first attempt");
}

/// A wall clock that was set right made the budget forget the starts of two attempts, and their events got no time.
#[test]
fn a_clock_set_right_does_not_cut_an_event_to_nothing() {
    let mut machine =
        Machine::new(with(|parameters| parameters.first_fire_spread_in_background = Duration::ZERO), [1; 32]);
    let store = store_of([stored(1, "a"), stored(2, "b")]);
    let in_background = Loaded { origins: vec![], ..loaded(&store, WorkerState::Active) };
    machine.handle(clocks(1, 100), Input::Loaded(in_background));
    machine.handle(clocks(1, 100), all_online());
    let mut starting: Vec<AttemptId> = vec![];
    let mut caps = vec![];
    for second in 2..10 {
        let set_right = second >= 4;
        let now = clocks(second, if set_right { 1_700_000_000 } else { 100 } + second);
        machine.handle(now, Input::Tick);
        settle(&mut machine, now, |output| match output {
            Output::Commit { txn, .. } => Some(Input::Committed { txn: *txn }),
            Output::Start { attempt, .. } => {
                starting.push(*attempt);
                None
            }
            Output::Dispatch { cap, .. } => {
                caps.push(*cap);
                None
            }
            _ => None,
        });
        if second == 4 {
            // a third start makes the budget forget
            machine.handle(now, register(5, key(), "c"));
            machine.handle(now, last_window_closed());
        }
        if second == 7 {
            for attempt in starting.drain(..) {
                machine.handle(now, ready(attempt, WindowClients::none()));
            }
        }
    }
    assert!(!caps.is_empty() && caps.iter().all(|cap| !cap.is_zero()), "{caps:?}");
}

/// At the end of the clock a timer that is armed again is due at once, and one `handle` never returned.
#[test]
fn a_clock_at_its_end_does_not_hang() {
    let (returned, wait) = channel();
    std::thread::spawn(move || {
        let mut host = offline_host();
        host.register("t");
        host.machine.handle(Now { monotonic: MonotonicTime::FAR_FUTURE, wall: at(0).wall }, Input::Tick);
        returned.send(()).unwrap();
    });
    wait.recv_timeout(secs(5)).expect("hangs");
}
