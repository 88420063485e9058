//! What a durable `register` costs through a `BackgroundSyncThread`, with either kind of store, beside a bare append and
//! sync: one call after the other, and 64 at once.
//!
//! `cargo run --release -p background-sync-store --example register -- [directory]`; the directory should be on the disk
//! in question. All take turns, so that they meet the same disk.
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::{
    env,
    error::Error,
    fs::File,
    io::Write,
    path::Path,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use background_sync::policy::SyncKind;
use background_sync::{
    AttemptId, BackgroundSyncThread, Call, EventCompletion, Handle, Hosts, NetworkOracle, OriginHost,
    ServiceWorkerHost, StartCompletion, SyncEventInit, SystemClock, TerminateReason, WorkerState,
    policy::{
        Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, WindowClients,
    },
    registration::Tag,
    scheduler::{NetworkState, SyncParameters},
};
use background_sync_store::{OpenError, RedbStore};

const ROUNDS: usize = 400;
const AT_ONCE: usize = 64;
/// Tags that are registered again and again.
const TAGS: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = match env::args_os().nth(1) {
        Some(at) => tempfile::tempdir_in(at)?,
        None => tempfile::tempdir()?,
    };
    let mut raw = File::create(directory.path().join("raw"))?;
    let with =
        spawn(&directory.path().join("with.redb"), |path| RedbStore::open(path, |report| eprintln!("{report}")))?;
    let without = spawn(&directory.path().join("without.redb"), |path| {
        RedbStore::open_without_thread(path, |report| eprintln!("{report}"))
    })?;
    let mut times: [Vec<Duration>; 5] = Default::default();
    for round in 0..ROUNDS {
        let start = Instant::now();
        raw.write_all(&[7; 100])?;
        raw.sync_data()?;
        times[0].push(start.elapsed());
        for (at, (handle, calls)) in
            [(&with, 1), (&without, 1), (&with, AT_ONCE), (&without, AT_ONCE)].into_iter().enumerate()
        {
            times[at + 1].push(register(handle, round, calls)?);
        }
    }
    let names =
        ["append + fdatasync", "1, store with a thread", "1, without", "64, store with a thread", "64, without"];
    for (name, times) in names.iter().zip(&mut times) {
        times.sort();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        println!("{name:<24} p50 {:>9.1?}, p95 {:>9.1?}", at(50), at(95));
    }
    for (name, handle) in [("with a thread", with), ("without", without)] {
        let commits = handle.inspect(|machine| machine.stats().commits).unwrap_or_default();
        println!("{name}: {commits} commits of {} calls", ROUNDS * (1 + AT_ONCE));
        handle.shut_down(Duration::from_secs(60))?;
    }
    Ok(())
}

type Open = fn(&Path) -> Result<RedbStore, OpenError>;

fn spawn(path: &Path, open: Open) -> Result<Handle, Box<dyn Error>> {
    let store = open(path)?;
    let hosts = |_: &_| Hosts::new(Engine, store, SystemClock::starting_now());
    let handle = BackgroundSyncThread::new(SyncParameters::recommended(), [7; 32]).spawn(hosts)?;
    register(&handle, 0, 1)?;
    Ok(handle)
}

/// Registers so many tags at once, and waits until all are durable.
fn register(handle: &Handle, round: usize, calls: usize) -> Result<Duration, Box<dyn Error>> {
    let origin = Origin::parse("https://chat.example")?;
    let partition = Partition::Profile(PartitionId(0));
    let key =
        RegistrationKey::new(partition, StorageKey::first_party(origin), "https://chat.example/", Incarnation(1))?;
    let (answer, answers) = channel();
    let start = Instant::now();
    for call in 0..calls {
        let tag = Tag::from(format!("tag {}", (round + call) % TAGS).as_str());
        let answer = answer.clone();
        let call = Call::by_page(Facts::of_an_open_window());
        handle.poster().register(key.clone(), tag, call, move |result, receipt| {
            receipt.delivered();
            answer.send(result).ok();
        })?;
    }
    drop(answer);
    answers.iter().collect::<Result<Vec<_>, _>>().map_err(|error| format!("{error:?}"))?;
    Ok(start.elapsed())
}

/// There is no network, so that nothing fires.
struct Engine;

impl ServiceWorkerHost for Engine {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, _: &RegistrationKey, _: StartCompletion) {}
    fn dispatch(&mut self, _: &RegistrationKey, _: &SyncEventInit, _: Duration, _: EventCompletion) {}
    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

impl OriginHost for Engine {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::new(1, 0)
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Granted
    }
}

impl NetworkOracle for Engine {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        NetworkState::Offline
    }
}
