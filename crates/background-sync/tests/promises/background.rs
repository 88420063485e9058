//! What happens to events while no window is open, and when one closes for a moment: I13.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::{Series, Tag};
use background_sync::scheduler::{NetworkState, StoredBudget, SyncParameters};
use background_sync::{AttemptId, Input, NotStarted, Output, StoreOp, WhyNot, WorkerState};

use crate::support::stories::{
    at, cancel, caps, host_reloaded, in_background, last_start, loaded, store_of, stored, terminated, with,
    worker_ready,
};
use crate::support::{Host, PROFILE, key, origin, secs};

/// A host whose events never end by themselves.
fn hanging(parameters: background_sync::scheduler::ValidParameters) -> Host {
    let mut host = Host::with(parameters);
    host.outcomes = std::iter::repeat_n(None, 500).collect();
    host
}

#[test]
fn a_navigation_ends_no_event_when_the_day_is_used_up() {
    let mut host = hanging(with(|parameters| parameters.background_time_per_day = secs(60)));
    host.network(NetworkState::Offline);
    host.register("first");
    host.windows(0);
    host.network(NetworkState::online());
    host.run(secs(200)); // uses up the day
    host.windows(1);
    host.register("second");
    host.run(secs(5));
    let before = host.machine.registrations().map(|view| (view.tag, view.series)).collect::<Vec<_>>();
    host.outputs.clear();
    host.windows(0);
    host.windows(1);
    host.run(secs(1));
    assert!(!terminated(&host), "an event with a window is ended because of a navigation");
    host.windows(0);
    host.run(Duration::from_millis(1_900));
    host.windows(1);
    host.run(secs(20));
    assert!(!terminated(&host), "two seconds without a window are no absence");
    assert_eq!(host.machine.registrations().map(|view| (view.tag, view.series)).collect::<Vec<_>>(), before);
}

#[test]
fn a_window_that_comes_back_gives_an_event_its_time_back() {
    for away in [0, 30] {
        let mut host = hanging(with(|parameters| parameters.background_time_per_day = secs(70)));
        host.register("outbox");
        host.run(secs(1));
        host.windows(0);
        host.run(secs(away));
        host.windows(1);
        host.run(secs(178 - away));
        assert!(!terminated(&host), "away for {away} s of 179");
        host.run(secs(3));
        assert!(terminated(&host), "its own cap stays");
        let booked = last_budget(&host).map(|entries| entries.iter().map(|(_, _, time)| *time).sum::<Duration>());
        assert_eq!(booked.unwrap_or_default(), secs(away.saturating_sub(2)), "only what it was away for");
    }
}

#[test]
fn what_closing_cuts_off_is_not_charged() {
    let mut host = hanging(with(|parameters| parameters.background_time_per_day = secs(20)));
    host.register("outbox");
    host.run(secs(1));
    host.windows(0);
    host.run(secs(30));
    assert!(terminated(&host), "it has had its 20 s without a window");
    let view = host.machine.registrations().next().unwrap();
    assert_eq!((view.series.attempts, view.series.free_in_all), (0, 1));
}

#[test]
fn no_event_gets_a_cap_too_short_to_do_anything_and_a_last_chance_gets_all_of_its_own() {
    let mut host = hanging(with(|parameters| {
        parameters.background_time_per_day = secs(180) + Duration::from_millis(1);
        parameters.max_sync_attempts = 2;
    }));
    host.network(NetworkState::Offline);
    host.register("outbox");
    host.windows(0);
    host.network(NetworkState::online());
    host.run(secs(3 * 86_400));
    assert_eq!(caps(&host), [(secs(180), false), (secs(60), true)]);
}

/// The starts there were.
fn starts(host: &Host) -> Vec<AttemptId> {
    let start = |output: &Output| if let Output::Start { attempt, .. } = output { Some(*attempt) } else { None };
    host.outputs.iter().filter_map(start).collect()
}

/// Waits until so many were started, whenever their minute of spread lets them.
fn run_until_started(host: &mut Host, many: usize) {
    for _ in 0..70 {
        if starts(host).len() < many {
            host.run(secs(1));
        }
    }
    assert_eq!(starts(host).len(), many);
}

#[test]
fn a_start_that_failed_gives_its_booking_back() {
    let mut host = in_background(with(|parameters| parameters.background_starts_per_day = 1));
    host.start = false;
    host.network(NetworkState::online());
    run_until_started(&mut host, 1);
    let attempt = last_start(&host);
    host.start = true;
    host.send(Input::NotStarted { attempt, reason: NotStarted::StartFailed });
    host.run(secs(120));
    assert_eq!(host.events.len(), 1);
}

#[test]
fn a_window_that_opens_during_the_start_gives_the_booking_back() {
    let mut host = in_background(SyncParameters::recommended());
    host.start = false;
    host.network(NetworkState::online());
    run_until_started(&mut host, 1);
    let attempt = last_start(&host);
    host.windows(1);
    worker_ready(&mut host, attempt);
    assert_eq!(host.events.len(), 1);
    host.run(secs(10));
    assert_eq!(last_budget(&host), Some(vec![]));
}

/// A last chance waits for its whole cap, and those behind it wait with it; when it is cancelled they need not.
#[test]
fn what_waited_behind_another_starts_when_that_one_goes() {
    let mut old = stored(1, "old");
    old.series = Series::charged(11);
    let parameters = with(|parameters| parameters.background_time_per_day = secs(200));
    let mut host = Host::with(parameters.clone());
    host.outcomes = std::iter::repeat_n(None, 10).collect();
    host.network(NetworkState::Offline);
    host.machine = background_sync::Machine::new(parameters, [1; 32]);
    host.send(Input::Loaded(loaded(&store_of([stored(0, "first"), old, stored(2, "behind")]), WorkerState::Active)));
    host.windows(0);
    host.run(secs(3));
    host.network(NetworkState::online());
    host.run(secs(70));
    assert_eq!(host.events.len(), 1, "180 s of 200 are booked, and the last chance wants 60");
    host.send(cancel("old"));
    assert_eq!(host.events.len(), 2, "{:?}", host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("behind")));
    assert_eq!(host.events[1].2.tag, Tag::from("behind"));
}

/// Two starts came to nothing and gave their bookings back: nobody has to wait until tomorrow.
#[test]
fn bookings_that_were_given_back_hold_nothing() {
    let mut host = Host::with(with(|parameters| parameters.background_starts_per_day = 2));
    host.network(NetworkState::Offline);
    for tag in ["a", "b", "c"] {
        host.register(tag);
    }
    host.windows(0);
    host.start = false;
    host.network(NetworkState::online());
    run_until_started(&mut host, 2);
    let why = |host: &Host| host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("c"));
    assert!(why(&host).iter().any(|reason| matches!(reason, WhyNot::Budget { .. })), "{:?}", why(&host));
    for attempt in starts(&host) {
        host.send(Input::NotStarted { attempt, reason: NotStarted::StartFailed });
    }
    assert_eq!(why(&host), [WhyNot::Starting]);
}

/// A day has one start. It went to `a`, and `b` waits.
fn after_the_one_start_of_the_day() -> Host {
    let mut host = Host::with(with(|parameters| parameters.background_starts_per_day = 1));
    host.network(NetworkState::Offline);
    host.register("a");
    host.register("b");
    host.windows(0);
    host.network(NetworkState::online());
    host.run(secs(120));
    assert_eq!(host.events.len(), 1);
    host
}

/// The day passed in a sleep, in which the clock that runs stands still.
#[test]
fn a_day_slept_through_is_a_day() {
    let mut host = after_the_one_start_of_the_day();
    host.network(NetworkState::Offline);
    host.send(Input::Slept);
    let slept = host.clock();
    let woken = background_sync::registration::Now { wall: slept.wall.after(secs(86_400)), ..slept };
    host.machine.handle(woken, Input::Woke);
    assert_eq!(host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("b")), [WhyNot::Offline]);
}

/// A clock that goes a day forward and back gives no second start.
#[test]
fn a_clock_set_forward_and_back_gives_one_start() {
    let mut host = after_the_one_start_of_the_day();
    let real = host.clock();
    let ahead = background_sync::registration::Now { wall: real.wall.after(secs(86_401)), ..real };
    host.machine.handle(ahead, Input::Tick);
    let outputs: Vec<_> = std::iter::from_fn(|| host.machine.poll_output()).collect();
    host.run(secs(120));
    assert_eq!(host.events.len(), 1, "{outputs:?}");
}

fn last_budget(host: &Host) -> Option<Vec<(background_sync::registration::WallTime, u32, Duration)>> {
    let mut budgets = host.commits.iter().flatten().filter_map(|op| match op {
        StoreOp::PutBudget(budget) => Some(budget.entries.clone()),
        StoreOp::RemoveBudget(..) => Some(vec![]),
        _ => None,
    });
    budgets.next_back()
}

#[test]
fn a_last_chance_that_runs_when_the_window_closes_keeps_its_cap() {
    let mut old = stored(1, "outbox");
    old.series = Series::charged(11);
    let mut store = store_of([old]);
    let entries = vec![(at(0).wall, 10, secs(1_800))];
    store.apply(StoreOp::PutBudget(StoredBudget::new(PROFILE, origin(), entries)));
    let mut host = host_reloaded(&store);
    host.outcomes = [None].into();
    host.network(NetworkState::online());
    host.run(secs(2));
    assert!(host.events[0].2.last_chance);
    host.windows(0);
    host.run(secs(10));
    let ended = host.outputs.iter().any(|o| matches!(o, Output::Terminate { .. }));
    assert!(
        !ended,
        "announced {:?}, ended seconds later, {} registrations left",
        caps(&host),
        host.machine.registration_count()
    );
}
