//! Records to store, and a store that waits for its answers.

use std::{sync::mpsc::channel, time::Duration};

use background_sync::{
    CommitCompletion, LoadCompletion, StoreContents, StoreFailure, StoreOp, SyncStore,
    policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind},
    registration::{Observed, Sequence, Series, StoredRegistration, StoredState, Tag},
};

pub(crate) fn load(store: &mut impl SyncStore) -> Result<StoreContents, StoreFailure> {
    let (send, answer) = channel();
    store.load(LoadCompletion::new(move |result| send.send(result).expect("somebody waits")));
    let mut contents = answer.recv_timeout(Duration::from_secs(60)).expect("a load ends")?;
    contents.registrations.sort_by_key(|registration| registration.sequence);
    Ok(contents)
}

pub(crate) fn commit(store: &mut impl SyncStore, ops: Vec<StoreOp>) -> Result<(), StoreFailure> {
    let (send, answer) = channel();
    store.commit(ops, CommitCompletion::new(move |result| send.send(result).expect("somebody waits")));
    answer.recv_timeout(Duration::from_secs(60)).expect("a commit ends")
}

pub(crate) const PARTITION: Partition = Partition::Profile(PartitionId(3));

pub(crate) fn origin(number: u64) -> Origin {
    Origin::parse(&format!("https://site-{number}.example")).expect("an origin")
}

pub(crate) fn registration(number: u64) -> StoredRegistration {
    registration_in(PARTITION, number)
}

pub(crate) fn registration_in(partition: Partition, number: u64) -> StoredRegistration {
    let origin = origin(number % 50);
    let scope = format!("{}/app/", origin.as_str());
    StoredRegistration {
        sequence: Sequence(number),
        key: RegistrationKey::new(partition, StorageKey::first_party(origin), &scope, Incarnation(1)).expect("a scope"),
        kind: SyncKind::OneShot,
        tag: Tag::from(format!("outbox-{number}").as_str()),
        state: StoredState::Firing(number.is_multiple_of(2)),
        series: Series::new(2, 1, 5),
        registered: Observed::default(),
        network: None,
        schedule: None,
    }
}

pub(crate) fn put(number: u64) -> StoreOp {
    StoreOp::PutRegistration(registration(number))
}
