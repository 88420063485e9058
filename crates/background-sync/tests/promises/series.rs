//! How many events one promise gets, and what they are charged with: I5 and I6.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::{Series, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Machine, MetadataName, NetworkSubject, Outcome, Output, WorkerState};

use crate::support::stories::{loaded, offline_host, store_of, stored, terminated, with, write};
use crate::support::{Host, key, origin, secs};

/// Cap 12: at most 12 charged and 12 free.
const MOST: usize = 24;

#[test]
fn a_crash_in_every_event_gives_one_promise_twice_the_cap_of_events() {
    let mut store = store_of([stored(1, "outbox")]);
    let (mut events, mut begins) = (0, secs(100));
    for session in 0..200 {
        let mut host = Host::new();
        host.machine = Machine::new(SyncParameters::recommended(), [session; 32]);
        host.now = begins;
        host.outcomes = std::iter::repeat_n(None, 50).collect();
        host.send(Input::Loaded(loaded(&store, WorkerState::Active)));
        host.network(NetworkState::Offline);
        host.network(NetworkState::online());
        let end = host.now + secs(6 * 3_600);
        while host.events.is_empty() && host.now < end && host.machine.registration_count() > 0 {
            host.run(secs(60));
        }
        events += host.events.len();
        host.run(secs(10));
        write(&mut store, host.commits.concat());
        begins = host.now + secs(1);
    }
    assert_eq!(store.contents().registrations, [], "the series ends");
    assert!((12..=MOST).contains(&events), "{events} events of one promise");
}

#[test]
fn a_link_lost_in_every_event_gives_one_promise_twice_the_cap_of_events() {
    let mut host = Host::new();
    host.outcomes = std::iter::repeat_n(None, 500).collect();
    host.register("outbox");
    let mut seen = 0;
    while host.now < secs(29 * 86_400) && host.machine.registration_count() > 0 {
        if host.events.len() > seen {
            seen = host.events.len();
            let attempt = host.events[seen - 1].1;
            host.network(NetworkState::Offline);
            host.send(Input::Finished { attempt, outcome: Outcome::Rejected });
            host.network(NetworkState::online());
        }
        host.run(secs(60));
    }
    assert_eq!(host.machine.registration_count(), 0, "the series ends");
    assert!((12..=MOST).contains(&seen), "{seen} events of one promise");
}

/// Two hanging events of one worker, dispatched at one moment: the cap of the first ends the other, which has used
/// up its own cap all the same.
#[test]
fn an_event_that_used_up_its_cap_is_charged_whatever_else_ended_with_it() {
    let mut host = Host::new();
    host.outcomes = std::iter::repeat_n(None, 10).collect();
    host.register("a");
    host.register("b");
    host.run(secs(1));
    assert_eq!(host.events.len(), 2);
    host.run(secs(181));
    for tag in ["a", "b"] {
        let series = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from(tag)).unwrap().series();
        assert_eq!((series.attempts, series.free_in_all), (1, 0), "{tag}");
    }
}

#[test]
fn a_link_lost_long_before_does_not_excuse_an_event_that_used_up_its_cap() {
    let mut host = Host::new();
    host.outcomes = std::iter::repeat_n(None, 10).collect();
    host.register("a");
    host.run(secs(1));
    host.network(NetworkState::Offline);
    host.network(NetworkState::online());
    host.run(secs(181));
    assert!(terminated(&host));
    let series = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("a")).unwrap().series();
    assert_eq!((series.attempts, series.free_in_all), (1, 0));
}

/// Another event's cap ends the worker in the middle of this one, which could not help it.
#[test]
fn an_event_that_another_ones_cap_ended_is_free() {
    let mut host = Host::new();
    host.outcomes = std::iter::repeat_n(None, 10).collect();
    host.register("a");
    host.run(secs(100));
    host.register("b");
    host.run(secs(81));
    assert!(terminated(&host), "a is over");
    let b = host.events[1].1;
    host.send(Input::Finished { attempt: b, outcome: Outcome::Terminated });
    let series = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("b")).unwrap().series();
    assert_eq!(series, Series::new(0, 1, 1));
}

/// The network of all is there all the time.
#[test]
fn an_event_whose_origin_lost_its_network_is_free() {
    let mut host = Host::new();
    host.outcomes = [None].into();
    host.register("a");
    host.run(secs(10));
    let subject = NetworkSubject::Origin(origin());
    host.send(Input::NetworkChanged { subject, state: NetworkState::Offline, epoch: 1 });
    host.send(Input::Finished { attempt: host.events[0].1, outcome: Outcome::Rejected });
    let series = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("a")).unwrap().series();
    assert_eq!(series, Series::new(0, 1, 1));
}

/// A phone that lay in a drawer for eight days: age alone gives no promise up that was hardly tried.
#[test]
fn three_attempts_are_given_however_old_a_promise_is_and_the_log_says_why_the_last_is_the_last() {
    let mut host = offline_host();
    host.outcomes = std::iter::repeat_n(Some(Outcome::Rejected), 10).collect();
    host.register("outbox");
    host.run(secs(8 * 86_400));
    host.network(NetworkState::online());
    host.run(secs(86_400));
    let last: Vec<_> = host.events.iter().map(|(.., event)| event.last_chance).collect();
    assert_eq!(last, [false, false, true]);
    assert_eq!(why_last(&host), ["age"]);
}

#[test]
fn the_log_says_when_the_attempts_are_used_up() {
    let mut host = Host::with(with(|parameters| parameters.max_sync_attempts = 2));
    host.outcomes = std::iter::repeat_n(Some(Outcome::Rejected), 10).collect();
    host.register("outbox");
    host.run(secs(86_400));
    assert_eq!(host.events.len(), 2);
    assert_eq!(why_last(&host), ["attempts"]);
}

/// Why each last chance in the log was one.
fn why_last(host: &Host) -> Vec<String> {
    let entries = host.outputs.iter().filter_map(|output| match output {
        Output::Event(entry) => Some(entry.metadata.clone()),
        _ => None,
    });
    let reasons = entries.flatten().filter(|detail| detail.name() == MetadataName::LastChanceReason);
    reasons.map(|detail| detail.to_string()).collect()
}

#[test]
fn no_back_off_is_shorter_than_the_spacing() {
    let mut host = Host::with(with(|parameters| parameters.initial_retry_delay = Duration::from_millis(300)));
    host.outcomes = [Some(Outcome::Rejected)].into();
    host.register("outbox");
    host.run(secs(60));
    let [first, second] = [0, 1].map(|n| host.events[n].0);
    assert!(second - first >= secs(1), "fires again after {:?}", second - first);
}
