//! What one caller waits for a durable `register`, beside a bare redb transaction of one row.
//!
//! `cargo bench -p background-sync-benches --bench durable`; `TMPDIR` says on which disk. Call by call they
//! take turns, so that they meet the same disk. A caller, the machine's thread and the store's thread hand over four times; where the
//! store commits on the machine's thread it is two times, and with a driver on the caller's thread none.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use background_sync::policy::Facts;
use background_sync::policy::RegistrationKey;
use background_sync::registration::Sequence;
use background_sync::scheduler::NetworkState;
use background_sync::{BackgroundSyncThread, Call, Driver, Handle, Poster, Receipt, RegisterError};
use background_sync_benches::{
    Engine, LoadAverage, Others, Rows, Samples, key, measures, parameters, registration, tag, time,
};
use background_sync_store::{RedbStore, StoreReport};

/// More than any disk needs for its last commit.
const PATIENCE: Duration = Duration::from_secs(60);

/// One durable write, the one with this number.
type Way<'a> = &'a mut dyn FnMut(u64) -> Result<(), Box<dyn Error>>;

/// What came back of a call.
type Answer = Result<(), RegisterError>;

fn main() -> Result<(), Box<dyn Error>> {
    let calls = if measures() { 2_000 } else { 5 };
    println!("{calls} calls each; {} before", LoadAverage::now());
    let directory = tempfile::tempdir()?;
    let mut redb = Redb::open(&directory.path().join("bare.redb"))?;
    let mut threads = Threaded::open(RedbStore::open(directory.path().join("two.redb"), report)?)?;
    let mut thread = Threaded::open(RedbStore::open_without_thread(directory.path().join("one.redb"), report)?)?;
    let mut inline = Inline::open(RedbStore::open_without_thread(directory.path().join("inline.redb"), report)?);
    let mut ways: [(&str, Way<'_>, Samples); 4] = [
        ("bare redb put", &mut |number| redb.put(number), Samples::new()),
        ("thread, and a thread of the store's", &mut |number| threads.register(number), Samples::new()),
        ("thread, on which the store commits", &mut |number| thread.register(number), Samples::new()),
        ("driver, in which the store commits", &mut |number| inline.register(number), Samples::new()),
    ];
    for number in 0..calls {
        // nobody is always the first one
        ways.rotate_left(1);
        for (_, way, samples) in &mut ways {
            let mut result = Ok(());
            samples.add_ms(time(|| result = way(number)));
            result?;
        }
    }
    ways.sort_by_key(|(name, ..)| *name != "bare redb put");
    let least = ways[0].2.median();
    for (name, _, samples) in &ways {
        let (p50, p95) = (samples.median(), samples.percentile(95));
        println!("{name:<40} p50 {p50:>8.3} ms, p95 {p95:>8.3} ms, p50 / redb's x {:.2}", p50 / least);
    }
    println!("{} after", LoadAverage::now());
    drop(ways);
    threads.handle.shut_down(PATIENCE)?;
    thread.handle.shut_down(PATIENCE)?;
    Ok(())
}

fn report(report: StoreReport) {
    eprintln!("{report}");
}

/// A row of the same size, in a transaction of its own.
struct Redb {
    rows: Rows,
    key: RegistrationKey,
}

impl Redb {
    fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        Ok(Self { rows: Rows::open(path)?, key: key(0) })
    }

    fn put(&mut self, number: u64) -> Result<(), Box<dyn Error>> {
        Ok(self.rows.put(&[registration(&self.key, Sequence(number + 1), tag(number), Others::Pending)])?)
    }
}

/// The way of an engine that has no loop to spare.
struct Threaded {
    handle: Handle,
    key: RegistrationKey,
    way_back: (Sender<Answer>, Receiver<Answer>),
}

impl Threaded {
    fn open(store: RedbStore) -> Result<Self, Box<dyn Error>> {
        let hosts = move |_: &Poster| Engine::hosts(NetworkState::Offline, store, |_| ());
        let handle = BackgroundSyncThread::new(parameters(), [7; 32]).spawn(hosts)?;
        Ok(Self { handle, key: key(0), way_back: channel() })
    }

    fn register(&mut self, number: u64) -> Result<(), Box<dyn Error>> {
        call(self.handle.poster(), &self.key, number, &self.way_back.0)?;
        Ok(self.way_back.1.recv()??)
    }
}

/// The way of an engine that lets its own loop wait for the disk.
struct Inline {
    driver: Driver<Engine>,
    key: RegistrationKey,
    way_back: (Sender<Answer>, Receiver<Answer>),
}

impl Inline {
    fn open(store: RedbStore) -> Self {
        let driver = Driver::new(parameters(), [7; 32], || {}, |_| Engine::hosts(NetworkState::Offline, store, |_| ()));
        Self { driver, key: key(0), way_back: channel() }
    }

    fn register(&mut self, number: u64) -> Result<(), Box<dyn Error>> {
        call(self.driver.poster(), &self.key, number, &self.way_back.0)?;
        // The first call waits for the store to be read; every other has its answer after one turn.
        loop {
            let _ = self.driver.turn();
            if let Ok(answer) = self.way_back.1.try_recv() {
                return Ok(answer?);
            }
        }
    }
}

fn call(poster: &Poster, key: &RegistrationKey, number: u64, way_back: &Sender<Answer>) -> Result<(), Box<dyn Error>> {
    let (way_back, call) = (way_back.clone(), Call::by_page(Facts::of_an_open_window()));
    let reply = move |result, receipt: Receipt| {
        way_back.send(result).ok();
        receipt.delivered();
    };
    Ok(poster.register(key.clone(), tag(number), call, reply)?)
}
