//! What has to be known of ages after a crash, and what is too old to be kept.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Machine, NetworkSubject, StoreOp, StoredProfile, WorkerState};

use crate::support::stories::{at, in_background, loaded, offline_host, store_of, stored, write};
use crate::support::{Host, key, secs};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// The running times written from the commit of this number on.
fn running_times(host: &Host, from: usize) -> Vec<u64> {
    let ops = host.commits[from..].iter().flatten();
    let profiles = ops.filter_map(|op| match op {
        StoreOp::PutProfile(profile) => Some(profile.running.as_secs()),
        _ => None,
    });
    profiles.collect()
}

#[test]
fn days_in_which_nothing_happens_cost_nothing() {
    let mut host = offline_host();
    host.register("outbox");
    host.run(secs(60));
    let (commits, outputs) = (host.commits.len(), host.outputs.len());
    assert_eq!(host.machine.next_deadline(), Some(at(30 * DAY).monotonic), "it is too old then");
    host.run(secs(29 * DAY));
    assert_eq!((host.commits.len(), host.outputs.len()), (commits, outputs));
}

#[test]
fn the_running_time_is_written_with_a_commit_when_it_is_an_hour_behind() {
    let mut host = offline_host();
    host.register("outbox");
    assert_eq!(running_times(&host, 0), [0]);
    host.run(secs(HOUR - 1));
    host.register("draft");
    assert_eq!(running_times(&host, 0), [0]);
    host.run(secs(1));
    host.register("photo");
    host.register("song");
    assert_eq!(running_times(&host, 0), [0, HOUR]);
}

#[test]
fn the_running_time_is_written_before_the_process_may_be_gone() {
    for word in [Input::Slept, Input::Frozen] {
        let mut host = offline_host();
        host.register("outbox");
        let registered = host.commits.len();
        host.run(secs(HOUR - 1));
        host.send(word.clone());
        assert_eq!(running_times(&host, registered), [], "{word:?}");
        host.run(secs(1));
        host.send(word.clone());
        host.send(word.clone());
        assert_eq!(running_times(&host, registered), [HOUR], "{word:?}");
    }
}

/// A lid that is closed every hour, or a system that freezes what is not looked at.
#[test]
fn eight_offline_days_of_sleep_cost_a_commit_a_day() {
    for (goes, comes) in [(Input::Slept, Input::Woke), (Input::Frozen, Input::Thawed)] {
        let mut host = offline_host();
        host.register("outbox");
        let registered = host.commits.len();
        for _ in 0..8 * 24 {
            host.run(secs(HOUR));
            host.send(goes.clone());
            host.send(comes.clone());
        }
        let a_day_apart: Vec<_> = (0..8).map(|day| HOUR + day * DAY).collect();
        assert_eq!(running_times(&host, registered), a_day_apart, "{goes:?}");
        assert_eq!(host.commits.len() - registered, 8, "{goes:?}");
    }
}

/// What is written anyway takes it along, and costs no day of waiting.
#[test]
fn a_commit_that_is_made_anyway_carries_the_running_time_however_often() {
    let mut host = offline_host();
    host.register("outbox");
    host.run(secs(HOUR));
    host.send(Input::Slept);
    host.send(Input::Woke);
    host.run(secs(HOUR));
    host.register("draft");
    assert_eq!(running_times(&host, 0), [0, HOUR, 2 * HOUR]);
}

#[test]
fn nobody_writes_the_running_time_where_nothing_is_registered() {
    // What its event used of a day's budget is kept.
    let mut host = in_background(SyncParameters::recommended());
    host.network(NetworkState::online());
    host.run(secs(5 * HOUR));
    assert_eq!((host.events.len(), host.machine.registration_count()), (1, 0));
    let commits = host.commits.len();
    host.send(Input::Slept);
    assert_eq!(host.commits.len(), commits);
}

/// What was registered at `running`, and is seen by a session that starts from such a profile.
fn starts_with(running: Duration, profile: Option<StoredProfile>) -> Host {
    let mut row = stored(1, "outbox");
    row.registered.running = running;
    let mut store = store_of([row]);
    write(&mut store, profile.map(StoreOp::PutProfile));
    let mut host = offline_host();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host.send(Input::NetworkChanged { subject: NetworkSubject::All, state: NetworkState::Offline, epoch: 99 });
    host.send(Input::Loaded(loaded(&store, WorkerState::Active)));
    host
}

/// After a crash the profile's record may be older than a row, and it may be lost. The row would seem to be from the
/// future, and grow no older until then.
#[test]
fn no_row_is_younger_than_the_running_time_of_its_profile() {
    let mut behind = StoredProfile::default();
    behind.running = secs(1_000);
    for profile in [Some(behind), None] {
        let mut host = starts_with(secs(5 * DAY), profile.clone());
        host.register("draft");
        let draft = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("draft")).unwrap().registered();
        assert_eq!(draft.running, secs(5 * DAY), "{profile:?}");
        assert_eq!(running_times(&host, 0).last(), Some(&(5 * DAY)), "the store knows it from now on");
        host.run(secs(30 * DAY - 1));
        assert_eq!(host.machine.registration_count(), 2);
        host.run(secs(1));
        assert_eq!(host.machine.registration_count(), 0, "{profile:?}");
    }
}

#[test]
fn a_row_that_says_the_profile_ran_for_ages_makes_nothing_old() {
    let mut host = starts_with(Duration::MAX, None);
    host.register("draft");
    assert_eq!(host.machine.registration_count(), 2);
    host.run(secs(29 * DAY));
    assert_eq!(host.machine.registration_count(), 2);
}

#[test]
fn the_time_in_which_the_store_could_not_be_read_is_running_time() {
    let mut store = store_of([]);
    write(&mut store, [StoreOp::PutProfile(StoredProfile::default().with(|it| it.running = secs(1_000)))]);
    let mut host = offline_host();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host.send(Input::Tick);
    host.run(secs(100));
    host.send(Input::Loaded(loaded(&store, WorkerState::Active)));
    host.run(secs(100));
    host.register("outbox");
    let registered = host.machine.registration(&key(), SyncKind::OneShot, &Tag::from("outbox")).unwrap().registered();
    assert_eq!(registered.running, secs(1_200));
}

#[test]
fn the_log_keeps_nothing_for_longer_than_two_weeks() {
    let mut host = offline_host();
    host.register("old");
    host.run(secs(15 * DAY));
    host.register("new");
    let told: Vec<_> = host.machine.log().filter_map(|entry| entry.tag.clone()).collect();
    assert_eq!(told, [Tag::from("new")]);
    let now = host.clock().wall;
    assert!(host.machine.log().all(|entry| now.since(entry.at) <= secs(14 * DAY)));
}
