//! What it costs to open a store and load it in batches, beside redb that opens the file and reads the same rows.
//!
//! `cargo run --release -p background-sync-store --example load -- [rows] [directory]`. All take turns, so that they
//! meet the same machine; of their times only the ratios mean something.
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::{
    env,
    error::Error,
    fs,
    hint::black_box,
    path::Path,
    sync::mpsc::channel,
    time::{Duration, Instant},
};

use background_sync::{
    CommitCompletion, LoadCompletion, StoreContents, StoreFailure, StoreOp, SyncStore,
    policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind},
    registration::{Observed, Sequence, Series, StoredDecoder, StoredRegistration, StoredState, Tag},
};
use background_sync_store::RedbStore;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

const REGISTRATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("registrations");
const ROUNDS: usize = 5;
/// Rows of one commit while the file is made.
const AT_ONCE: u64 = 50_000;
/// Service worker registrations, each of its own origin.
const WORKERS: u64 = 1_000;

type Work = fn(&Path) -> Result<u64, Box<dyn Error>>;

const CASES: [(&str, Work); 6] = [
    ("redb: open, scan", |path| scan(&Database::builder().set_cache_size(8 << 20).create(path)?, |_| {})),
    ("redb: open checked, scan", |path| scan(&checked(path)?, |_| {})),
    ("the same, decoding each by itself", |path| {
        scan(&checked(path)?, |row| drop(black_box(StoredRegistration::decode(row))))
    }),
    ("the same, with a decoder", |path| {
        let mut decoder = StoredDecoder::default();
        scan(&checked(path)?, |row| drop(black_box(decoder.decode(row))))
    }),
    ("store with a thread: open, load", |path| load(RedbStore::open(path, |report| eprintln!("{report}"))?)),
    ("store without: open, load", |path| load(RedbStore::open_without_thread(path, |report| eprintln!("{report}"))?)),
];

fn main() -> Result<(), Box<dyn Error>> {
    let rows: u64 = env::args().nth(1).map_or(Ok(1_000_000), |rows| rows.parse())?;
    let directory = match env::args_os().nth(2) {
        Some(at) => tempfile::tempdir_in(at)?,
        None => tempfile::tempdir()?,
    };
    let path = directory.path().join("sync.redb");
    fill(&path, rows)?;
    println!("{rows} rows of {WORKERS} workers, {} MiB; load average {}", path.metadata()?.len() >> 20, load_average());
    let mut times: [Vec<Duration>; CASES.len()] = Default::default();
    let mut peaks = [0; CASES.len()];
    for _ in 0..ROUNDS {
        for (at, (name, work)) in CASES.iter().enumerate() {
            forget_peak();
            let start = Instant::now();
            let read = work(&path)?;
            times[at].push(start.elapsed());
            peaks[at] = peaks[at].max(peak());
            assert_eq!(read, rows, "{name}");
        }
    }
    let best = times.map(|times| times.into_iter().min().unwrap_or_default());
    for ((name, _), (time, peak)) in CASES.iter().zip(best.iter().zip(peaks)) {
        let ratios = [0, 1].map(|bare| time.as_secs_f64() / best[bare].as_secs_f64());
        println!("{name:<36} {time:>10.1?}  x{:.2} and x{:.2}  peak {peak} MiB", ratios[0], ratios[1]);
    }
    println!("best of {ROUNDS} rounds; load average {}", load_average());
    Ok(())
}

/// Begins to look for the most memory of this process anew, where the system can tell it.
fn forget_peak() {
    drop(fs::write("/proc/self/clear_refs", "5"));
}

/// The most memory that was resident since then, in MiB; 0 where nobody knows.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kib| kib >> 10)
}

fn load_average() -> String {
    fs::read_to_string("/proc/loadavg").map_or("unknown".into(), |text| text.trim().to_owned())
}

/// As a store opens a file: every page in use is checked.
fn checked(path: &Path) -> Result<Database, Box<dyn Error>> {
    Ok(Database::builder().set_cache_size(8 << 20).set_check_integrity_on_open(true).create(path)?)
}

fn scan(database: &Database, mut take: impl FnMut(&[u8])) -> Result<u64, Box<dyn Error>> {
    let table = database.begin_read()?.open_table(REGISTRATIONS)?;
    let mut rows = 0;
    for row in table.iter()? {
        take(black_box(row?.1.value()));
        rows += 1;
    }
    Ok(rows)
}

/// Loads into batches that are dropped.
fn load(mut store: RedbStore) -> Result<u64, Box<dyn Error>> {
    let ((send, batches), (end, ended)) = (channel(), channel::<Result<StoreContents, StoreFailure>>());
    store.load(LoadCompletion::in_batches(move |batch| drop(send.send(batch)), move |result| drop(end.send(result))));
    let rows: usize = batches.iter().map(|batch| batch.into_registrations().len()).sum();
    Ok((rows + ended.recv()??.registrations.len()) as u64)
}

fn fill(path: &Path, rows: u64) -> Result<(), Box<dyn Error>> {
    let mut store = RedbStore::open_without_thread(path, |report| eprintln!("{report}"))?;
    for first in (0..rows).step_by(AT_ONCE as usize) {
        let ops: Vec<_> = (first..rows.min(first + AT_ONCE)).map(put).collect::<Result<_, _>>()?;
        let (send, answer) = channel::<Result<(), StoreFailure>>();
        store.commit(ops, CommitCompletion::new(move |result| drop(send.send(result))));
        answer.recv()??;
    }
    Ok(())
}

fn put(number: u64) -> Result<StoreOp, Box<dyn Error>> {
    let origin = Origin::parse(&format!("https://site-{}.example", number % WORKERS))?;
    let scope = format!("{}/app/", origin.as_str());
    let partition = Partition::Profile(PartitionId(0));
    Ok(StoreOp::PutRegistration(StoredRegistration {
        sequence: Sequence(number),
        key: RegistrationKey::new(partition, StorageKey::first_party(origin), &scope, Incarnation(1))?,
        kind: SyncKind::OneShot,
        tag: Tag::from(format!("outbox-{number}").as_str()),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed::default(),
        network: None,
        schedule: None,
    }))
}
