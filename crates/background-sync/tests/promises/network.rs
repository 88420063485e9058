//! Links that flap, questions nobody answers, words that come late: I4 and I15.

use background_sync::policy::{Facts, SyncKind, SystemRestriction};
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkId, NetworkMode, NetworkState, SyncParameters};
use background_sync::{Input, Loaded, Machine, NetworkSubject, Output, WhyNot};

use crate::support::stories::{
    all_online, at, key_of, last_commit, last_question, last_start, offline_host, register, store_answers_last, with,
    worker_ready,
};
use crate::support::{Host, PROFILE, key, origin, secs};

#[test]
fn a_question_about_an_origin_is_asked_again_when_nobody_answers() {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    machine.handle(at(0), Input::Loaded(Loaded::default()));
    machine.handle(at(0), all_online());
    machine.handle(at(0), register(1, key(), "t"));
    let mut asked = 0;
    for second in 0..5_000 {
        while let Some(output) = machine.poll_output() {
            match output {
                Output::Commit { txn, .. } => machine.handle(at(second), Input::Committed { txn }),
                Output::AskNetwork { .. } => asked += 1,
                Output::Start { .. } => panic!("nobody said that there is a network"),
                _ => {}
            }
        }
        machine.handle(at(second), Input::Tick);
    }
    assert!((10..200).contains(&asked), "asked {asked} times in 5,000 s");
    assert_eq!(machine.why_not(&key(), SyncKind::OneShot, &Tag::from("t")), [WhyNot::OriginNetwork]);
}

#[test]
fn an_older_word_about_an_origin_than_the_last_general_one_says_nothing() {
    let mut host = Host::new();
    for state in [NetworkState::online(), NetworkState::Offline, NetworkState::online()] {
        host.network(state);
    }
    host.register("a");
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
    let subject = NetworkSubject::Origin(origin());
    host.send(Input::NetworkChanged { subject, state: NetworkState::Offline, epoch: 1 });
    host.register("b");
    host.run(secs(10));
    assert_eq!(host.events.len(), 2);
}

#[test]
fn a_restriction_holds_what_is_registered_and_removes_nothing() {
    let mut host = offline_host();
    host.register("outbox");
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::Restricted });
    host.facts.restriction = SystemRestriction::Restricted;
    host.network(NetworkState::online());
    host.run(secs(86_400));
    assert_eq!(host.events.len(), 0);
    assert_eq!(host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")), [WhyNot::SystemRestricted]);
    host.facts.restriction = SystemRestriction::None;
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::None });
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
}

/// The host's notice is late: the facts that came with the worker say it first.
#[test]
fn a_restriction_that_is_noticed_when_the_worker_is_ready_costs_nothing() {
    let mut host = Host::new();
    host.start = false;
    host.register("outbox");
    host.run(secs(2));
    let facts = Facts { restriction: SystemRestriction::Restricted, ..host.facts };
    host.send(Input::Ready { attempt: last_start(&host), facts, network: NetworkState::online() });
    assert_eq!(host.events.len(), 0);
    assert_eq!(host.machine.registration_count(), 1);
    assert_eq!(host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")), [WhyNot::SystemRestricted]);
    host.start = true;
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::None });
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
}

/// The worker is ready, its attempt is not durable yet, and in between the system has a word.
#[test]
fn a_restriction_that_begins_between_ready_and_dispatch_lets_nothing_fire() {
    let mut host = offline_host();
    host.start = false;
    host.register("outbox");
    host.commit = false;
    host.network(NetworkState::online());
    host.run(secs(3));
    let written = last_commit(&host);
    let attempt = last_start(&host);
    worker_ready(&mut host, attempt);
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::Restricted });
    host.commit = true;
    host.send(Input::Committed { txn: written });
    assert_eq!(host.events.len(), 0);
    assert_eq!(host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")), [WhyNot::SystemRestricted]);
    host.start = true;
    host.send(Input::RestrictionChanged { restriction: SystemRestriction::None });
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
}

/// Two words about one origin, of which the older one comes last.
#[test]
fn a_late_word_about_an_origin_says_nothing() {
    let mut host = Host::new();
    let own = |state, epoch| {
        let subject = NetworkSubject::Origin(origin());
        Input::NetworkChanged { subject, state, epoch }
    };
    host.register("a");
    host.run(secs(10));
    assert_eq!(host.events.len(), 1);
    host.send(own(NetworkState::online(), 20));
    host.send(own(NetworkState::Offline, 10));
    host.register("b");
    host.run(secs(10));
    assert_eq!(host.events.len(), 2);
    host.send(own(NetworkState::Offline, 30));
    host.register("c");
    host.run(secs(10));
    assert_eq!(host.events.len(), 2, "a newer one counts");
}

/// The same, where the newer word came when nothing of the origin was registered yet, and was not noted.
#[test]
fn a_word_from_before_an_origin_was_known_says_nothing() {
    let mut host = Host::new();
    let own = |state, epoch| {
        let subject = NetworkSubject::Origin(origin());
        Input::NetworkChanged { subject, state, epoch }
    };
    host.send(own(NetworkState::online(), 20));
    host.deliver = false;
    host.register("a");
    host.send(own(NetworkState::Captive, 10));
    host.run(secs(1));
    let question = host.outputs.iter().any(|output| matches!(output, Output::AskNetwork { .. }));
    assert!(question, "{:?}", host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("a")));
}

/// The oracle names a network before the store, and in it the secret that names are hashed with, was read.
#[test]
fn a_network_named_before_the_store_was_read_is_the_one_a_registration_was_made_on() {
    let parameters = with(|parameters| parameters.network_mode = NetworkMode::Same);
    let mut host = Host::with(parameters.clone());
    let home = NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new("home")) };
    host.machine = Machine::new(parameters, [1; 32]);
    host.network(home.clone());
    host.network(NetworkState::Unknown);
    host.send(Input::Loaded(Loaded::default()));
    host.register("outbox");
    host.network(home);
    host.run(secs(100));
    assert_eq!(host.events.len(), 1, "{:?}", host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")));
}

fn of_the_origin(state: NetworkState, epoch: u64) -> Input {
    Input::NetworkChanged { subject: NetworkSubject::Origin(origin()), state, epoch }
}

/// Something may have changed that only a question about the origin shows.
#[test]
fn the_same_general_word_again_has_a_parked_origin_asked_about_anew() {
    let mut host = Host::new();
    host.register("a");
    host.run(secs(10));
    host.send(of_the_origin(NetworkState::Offline, 1));
    host.register("b");
    host.run(secs(3_600));
    assert_eq!(host.events.len(), 1);
    host.network(NetworkState::online());
    host.run(secs(10));
    assert_eq!(host.events.len(), 2);
}

/// It is newer than what was heard about the origin before, and older than what was heard about all.
#[test]
fn a_word_about_an_origin_from_before_the_last_general_one_parks_nobody() {
    let mut host = Host::new();
    host.register("a");
    host.run(secs(10));
    host.network(NetworkState::online());
    host.network(NetworkState::online());
    host.send(of_the_origin(NetworkState::Offline, 2));
    host.register("b");
    host.run(secs(10));
    assert_eq!(host.events.len(), 2);
}

#[test]
fn a_call_has_the_user_asked_again_who_said_no() {
    let named = |name| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) };
    let mut host = Host::with(with(|parameters| parameters.network_mode = NetworkMode::AskOnChange));
    host.network(named("home"));
    host.network(NetworkState::Offline);
    host.register("outbox");
    host.network(named("cafe"));
    host.run(secs(10));
    let first = last_question(&host);
    host.send(Input::Answered { attempt: first, yes: false });
    host.run(secs(3_600));
    assert_eq!(last_question(&host), first, "nobody is asked twice about one network");
    host.register("outbox");
    host.run(secs(10));
    let second = last_question(&host);
    assert_ne!(second, first);
    host.send(Input::Answered { attempt: second, yes: true });
    assert_eq!(host.events.len(), 1);
}

/// The worker was ready while there was no network; by the time its attempt is durable there is one again. What was
/// said then is no word about now: the origin is not held until somebody speaks of it.
#[test]
fn what_was_said_of_the_network_at_the_start_says_nothing_of_the_one_that_came_after() {
    let mut host = offline_host();
    host.register("outbox");
    (host.start, host.commit) = (false, false);
    host.network(NetworkState::online());
    host.run(secs(5));
    let attempt = last_start(&host);
    host.network(NetworkState::Offline);
    worker_ready(&mut host, attempt);
    host.network(NetworkState::online());
    host.run(secs(10));
    host.start = true;
    store_answers_last(&mut host);
    host.run(secs(60));
    assert_eq!(host.events.len(), 1, "{:?}", host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox")));
}

/// A host may say the same of the network again and again, however many origins there are.
#[test]
fn a_word_about_everybody_that_changes_nothing_looks_at_nobody() {
    let mut host = Host::new();
    host.network(NetworkState::Offline);
    for number in 0..100 {
        host.send(register(1_000 + number, key_of(PROFILE, &format!("https://{number}.example")), "t"));
    }
    let before = host.machine.stats();
    for _ in 0..10 {
        host.network(NetworkState::Offline);
    }
    assert_eq!(host.machine.stats(), before);
    host.network(NetworkState::Captive);
    assert_eq!(host.machine.stats().origins_visited, before.origins_visited + 100, "this is another word");
}

/// An origin that was refused is asked about again, though the word is the same for everybody.
#[test]
fn the_same_word_again_lets_an_origin_that_was_refused_go_on() {
    let mut host = Host::new();
    // What it answers about single origins.
    host.network = NetworkState::Offline;
    host.register("outbox");
    host.run(secs(100));
    let why = host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("outbox"));
    assert!(why.contains(&WhyNot::OriginNetwork) && host.events.is_empty(), "{why:?}");
    let changes = host.machine.stats().network_changes;
    host.network(NetworkState::online());
    host.run(secs(10));
    assert_eq!((host.events.len(), host.machine.stats().network_changes), (1, changes));
}
