//! The machine's basics, one story each. The fixtures of `spec-tests` go through the rest.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use background_sync::policy::SyncKind;
use background_sync::registration::{RegistrationState, Tag};
use background_sync::scheduler::NetworkState;
use background_sync::{AskedBy, Outcome, Output, Reply, StoreOp};
use support::{Host, key, secs};

#[test]
fn a_promise_is_kept() {
    let mut host = Host::new();
    host.network(NetworkState::Offline);
    let request = host.register("outbox");
    assert_eq!(host.reply(request), Some(&Reply::Registered(Ok(()))));
    host.run(secs(3_600));
    assert!(host.events.is_empty());
    host.network(NetworkState::online());
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
    assert!(!host.events[0].2.last_chance);
    assert_eq!(host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")), None);
    host.run(secs(10));
    let removed = host.commits.iter().flatten().filter(|op| matches!(op, StoreOp::RemoveRegistration(_))).count();
    assert_eq!(removed, 1);
}

#[test]
fn online_it_fires_at_once_after_the_reply_and_the_commit() {
    let mut host = Host::new();
    host.register("outbox");
    let order: Vec<_> = host
        .outputs
        .iter()
        .filter_map(|output| match output {
            Output::Commit { .. } => Some("commit"),
            Output::Reply { .. } => Some("reply"),
            Output::Start { .. } => Some("start"),
            Output::Dispatch { .. } => Some("dispatch"),
            _ => None,
        })
        .collect();
    assert_eq!(order, ["commit", "reply", "start", "commit", "dispatch"]);
}

#[test]
fn failures_wait_longer_and_longer_until_the_last_chance() {
    let mut host = Host::new();
    host.outcomes = std::iter::repeat_n(Some(Outcome::Rejected), 20).collect();
    host.register("outbox");
    host.run(secs(7 * 86_400));
    assert_eq!(host.events.len(), 12);
    let last: Vec<_> = host.events.iter().map(|(_, _, event)| event.last_chance).collect();
    assert_eq!(last.iter().position(|last| *last), Some(11));
    assert_eq!(host.machine.registration_count(), 0);
}

#[test]
fn a_handler_that_registers_itself_again_gets_13_events_in_an_hour() {
    let mut host = Host::new();
    host.outcomes = std::iter::repeat_n(None, 50).collect();
    host.register("loop");
    for _ in 0..20 {
        let Some((_, attempt, _)) = host.events.last().cloned() else { break };
        host.register_as("loop", AskedBy::Worker);
        let before = host.events.len();
        host.send(background_sync::Input::Finished { attempt, outcome: Outcome::Rejected });
        while host.events.len() == before && host.now < secs(3_600) {
            host.run(secs(1));
        }
        if host.now >= secs(3_600) {
            break;
        }
    }
    assert_eq!(host.event_times()[..5], [0, 0, 1, 3, 7]);
    assert_eq!(host.events.len(), 13);
}

#[test]
fn a_link_that_comes_back_ends_a_back_off_early() {
    let mut host = Host::new();
    host.outcomes = [Some(Outcome::Rejected)].into();
    host.register("outbox");
    host.network(NetworkState::Offline);
    host.run(secs(3));
    assert!(matches!(
        host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).unwrap().state(),
        RegistrationState::Waiting { .. }
    ));
    host.network(NetworkState::online());
    host.run(secs(4));
    assert_eq!(host.events.len(), 2);
}

#[test]
fn an_event_that_never_ends_is_ended_at_its_cap() {
    let mut host = Host::new();
    host.outcomes = [None].into();
    host.register("outbox");
    host.run(secs(179));
    assert!(!host.outputs.iter().any(|output| matches!(output, Output::Terminate { .. })));
    host.run(secs(1));
    assert!(host.outputs.iter().any(|output| matches!(output, Output::Terminate { .. })));
}

#[test]
fn shutdown_answers_everybody() {
    let mut host = Host::new();
    host.outcomes = [None].into();
    host.register("running");
    host.commit = false;
    let request = host.register("on its way");
    host.send(background_sync::Input::Shutdown);
    assert!(matches!(host.reply(request), Some(Reply::Registered(Err(_)))));
    assert!(host.outputs.iter().any(|output| matches!(output, Output::Terminate { .. })));
}
