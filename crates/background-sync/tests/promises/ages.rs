//! What has to be known of ages after a crash, and what is too old to be kept.

use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{Input, Machine, StoreOp, StoredProfile, WorkerState};

use crate::support::stories::{loaded, offline_host, store_of, write};
use crate::support::{key, secs};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

#[test]
fn the_running_time_is_written_every_hour_while_something_is_registered() {
    let mut host = offline_host();
    host.register("outbox");
    let registered = host.commits.len();
    host.run(secs(5 * HOUR + 60));
    let later = host.commits[registered..].iter().flatten();
    assert_eq!(later.filter(|op| matches!(op, StoreOp::PutProfile(_))).count(), 5);
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
