//! What a durable commit costs beside a bare append and sync, alone and among 100,000 rows. What a load costs is
//! measured by `load.rs`.
//!
//! `cargo run --release -p background-sync-store --example measure -- [directory]`; the directory should
//! be on the disk in question. Both kinds of writes take turns, so that they meet the same disk.
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::{
    env,
    error::Error,
    fs::File,
    io::Write,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use background_sync::{
    CommitCompletion, StoreFailure, StoreOp, SyncStore,
    policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind},
    registration::{Observed, Sequence, Series, StoredRegistration, StoredState, Tag},
};
use background_sync_store::RedbStore;

/// Pairs of a commit and an append.
const PAIRS: u64 = 500;
/// Rows in the end.
const ROWS: u64 = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = match env::args_os().nth(1) {
        Some(at) => tempfile::tempdir_in(at)?,
        None => tempfile::tempdir()?,
    };
    let path = directory.path().join("sync.redb");
    let mut store = RedbStore::open(&path, |report| eprintln!("{report}"))?;
    let mut raw = File::create(directory.path().join("raw"))?;
    let (mut commits, mut appends) = (Vec::new(), Vec::new());
    for number in 0..PAIRS {
        let record = registration(number)?;
        let row = record.encode();
        let start = Instant::now();
        raw.write_all(&row)?;
        raw.sync_data()?;
        appends.push(start.elapsed());
        let start = Instant::now();
        commit(&mut store, vec![StoreOp::PutRegistration(record)])?;
        commits.push(start.elapsed());
    }
    tell("commit of 1", &mut commits);
    tell("append + fdatasync", &mut appends);

    let all: Vec<StoreOp> = (PAIRS..ROWS)
        .map(|number| Ok(StoreOp::PutRegistration(registration(number)?)))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let start = Instant::now();
    commit(&mut store, all)?;
    println!("commit of {}: {:?}", ROWS - PAIRS, start.elapsed());
    drop(store);
    println!("file: {} KiB", path.metadata()?.len() / 1024);
    let start = Instant::now();
    let mut store = RedbStore::open(&path, |report| eprintln!("{report}"))?;
    println!("open with {ROWS} rows, every page checked: {:?}", start.elapsed());
    let mut late = Vec::new();
    for number in 0..PAIRS {
        let op = StoreOp::PutRegistration(registration(number * 199 % ROWS)?);
        let start = Instant::now();
        commit(&mut store, vec![op])?;
        late.push(start.elapsed());
    }
    tell("commit of 1 among them", &mut late);
    Ok(())
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{what}: p50 {:?}, p95 {:?}", at(50), at(95));
}

fn registration(number: u64) -> Result<StoredRegistration, Box<dyn Error>> {
    let origin = Origin::parse(&format!("https://site-{}.example", number % 1_000))?;
    let scope = format!("{}/app/", origin.as_str());
    let partition = Partition::Profile(PartitionId(0));
    Ok(StoredRegistration {
        sequence: Sequence(number),
        key: RegistrationKey::new(partition, StorageKey::first_party(origin), &scope, Incarnation(1))?,
        kind: SyncKind::OneShot,
        tag: Tag::from(format!("outbox-{number}").as_str()),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed::default(),
        network: None,
        schedule: None,
    })
}

fn commit(store: &mut RedbStore, ops: Vec<StoreOp>) -> Result<(), Box<dyn Error>> {
    let (send, answer) = channel::<Result<(), StoreFailure>>();
    store.commit(ops, CommitCompletion::new(move |result| drop(send.send(result))));
    Ok(answer.recv()??)
}
