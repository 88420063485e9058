//! What a session makes of the store it finds, the network being there already.

use std::collections::BTreeSet;

use background_sync::policy::{Partition, PartitionId, WindowClients};
use background_sync::registration::StoredRegistration;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Loaded, Machine, Output, StoreOp, WorkerState};

use crate::support::stories::{host_reloaded, key_of, loaded, offline_host, store_of, stored, write};
use crate::support::{Host, PROFILE, secs};

/// A session that has read nothing yet, in which the network is up.
fn before_loading() -> Host {
    let mut host = offline_host();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host.network(NetworkState::online());
    host
}

fn loaded_without_windows(records: impl IntoIterator<Item = StoredRegistration>) -> Input {
    Input::Loaded(Loaded { origins: vec![], ..loaded(&store_of(records), WorkerState::Active) })
}

#[test]
fn what_the_last_session_left_does_not_start_in_one_moment() {
    let mut host = before_loading();
    host.facts.windows = WindowClients::none();
    let left = (1..=8).map(|n| StoredRegistration {
        key: key_of(PROFILE, &format!("https://site{n}.example")),
        ..stored(n, "outbox")
    });
    host.send(loaded_without_windows(left));
    host.run(secs(61));
    let moments: BTreeSet<_> = host.event_times().into_iter().collect();
    assert_eq!(host.events.len(), 8, "within a minute");
    assert!(moments.len() > 3, "at {moments:?} s");
}

/// What is booked shows which of the two words the machine went by.
#[test]
fn the_last_word_on_windows_counts_while_the_store_is_read() {
    let mut host = before_loading();
    host.start = false;
    host.windows(0);
    host.windows(1);
    host.send(loaded_without_windows([stored(1, "outbox")]));
    host.run(secs(2));
    let started = host.outputs.iter().any(|output| matches!(output, Output::Start { .. }));
    let booked = host.commits.iter().flatten().any(|op| matches!(op, StoreOp::PutBudget(_)));
    assert_eq!((started, booked), (true, false), "a window is open");
}

/// Nothing of a private partition is ever written; what is found all the same is not taken up, and taken out.
#[test]
fn a_private_record_in_the_store_is_taken_out() {
    let key = key_of(Partition::Private(PartitionId(7)), "https://secret.example");
    let mut store = store_of([StoredRegistration { key, ..stored(1, "diary") }, stored(2, "outbox")]);
    let mut host = host_reloaded(&store);
    assert_eq!(host.machine.registration_count(), 1);
    host.run(secs(10));
    write(&mut store, host.commits.concat());
    assert!(!store.contents().registrations.iter().any(|record| record.key.partition().is_private()));
}

/// I12: its partition was closed with the session before, and nobody is told what was in it.
#[test]
fn a_private_record_in_the_store_is_not_spoken_of() {
    let key = key_of(Partition::Private(PartitionId(7)), "https://secret.example");
    let store = store_of([StoredRegistration { key, ..stored(1, "diary") }]);
    let mut host = before_loading();
    host.send(Input::Loaded(loaded(&store, WorkerState::NoSuchRegistration)));
    let spoken_of = host.machine.log().filter(|entry| entry.key.is_some()).count();
    assert_eq!(spoken_of, 0, "{:?}", host.machine.log().collect::<Vec<_>>());
}
