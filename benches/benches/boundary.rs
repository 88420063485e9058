//! What the boundary costs: from the start of a thread over a file of 1,000 registrations to its first event and to its last,
//! and 10,000 notices of each kind through a driver.
//!
//! `cargo bench -p background-sync-benches --bench boundary`; `TMPDIR` says on which disk the file is.

use std::error::Error;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use background_sync::policy::{Partition, PartitionId, RegistrationKey, SyncKind, UserSwitch};
use background_sync::registration::Sequence;
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, BackgroundSyncThread, ClearedScope, Driver, MemoryStore, NetworkSubject, Next, Notice, Poster, Removal,
    StoreOp, WakeToken,
};
use background_sync_benches::{
    Engine, LoadAverage, Others, Rows, Samples, key, measures, parameters, profile_record, registration, tag, time,
    write_store_of,
};
use background_sync_store::{RedbStore, StoreReport};

/// After this time something is wrong.
const TOO_LONG: Duration = Duration::from_secs(60);

fn main() -> Result<(), Box<dyn Error>> {
    println!("{} before", LoadAverage::now());
    restarts()?;
    notices();
    println!("{} after", LoadAverage::now());
    Ok(())
}

/// Of one origin and of many: an origin has three events at a time, all of them sixteen.
fn restarts() -> Result<(), Box<dyn Error>> {
    let (registrations, rounds) = if measures() { (1_000, 9) } else { (20, 1) };
    let directory = tempfile::tempdir()?;
    let put = one_put(&directory.path().join("bare.redb"), rounds)?;
    println!("\nmedians of {rounds}; {:<45} {put:>8.3} ms", "one bare redb put");
    for workers in [1, 50] {
        let written = directory.path().join(format!("{workers}.redb"));
        write_store_of(&written, registrations, registrations / workers.min(registrations))?;
        let (mut first, mut last, mut commits) = (Samples::new(), Samples::new(), Samples::new());
        for round in 0..rounds {
            let path = directory.path().join(format!("{workers}-{round}.redb"));
            std::fs::copy(&written, &path)?;
            let (to_first, to_last, took) = restart(&path, registrations)?;
            first.add_ms(to_first);
            last.add_ms(to_last);
            commits.add(took);
        }
        let (first, last, commits) = (first.median(), last.median(), commits.median());
        let puts = last / put;
        println!(
            "{registrations} stored, {workers:>2} origins: to the first {first:>8.2} ms, to the last {last:>8.1} ms, \
             as long as {puts:.0} puts; {commits:.0} commits"
        );
    }
    Ok(())
}

/// Durations to the first dispatch and to the last, and how many commits were made.
fn restart(path: &Path, registrations: u64) -> Result<(Duration, Duration, f64), Box<dyn Error>> {
    let (tell, dispatched) = channel();
    let fulfilled = move |_: &background_sync::SyncEventInit| {
        let _ = tell.send(());
    };
    let mut spawned = None;
    let mut of_store = None;
    let mut outcome = Ok(());
    let to_first = time(|| {
        let store = match RedbStore::open_without_thread(path, report) {
            Ok(store) => store,
            Err(error) => return outcome = Err(error.to_string()),
        };
        of_store = Some(store.stats_handle());
        let hosts = move |_: &Poster| Engine::hosts(NetworkState::online(), store, fulfilled);
        spawned = BackgroundSyncThread::new(parameters(), [7; 32]).spawn(hosts).ok();
        if dispatched.recv_timeout(TOO_LONG).is_err() {
            outcome = Err("nothing is dispatched".to_owned());
        }
    });
    outcome?;
    let mut all = 1;
    let rest = time(|| {
        while all < registrations && dispatched.recv_timeout(TOO_LONG).is_ok() {
            all += 1;
        }
    });
    if all < registrations {
        return Err(format!("{all} events of {registrations}").into());
    }
    if let Some(handle) = spawned {
        handle.shut_down(TOO_LONG)?;
    }
    let commits = of_store.map_or(0, |stats| stats.read().commits);
    Ok((to_first, to_first + rest, commits as f64))
}

/// Milliseconds of a transaction of one row.
fn one_put(path: &Path, rounds: u64) -> Result<f64, Box<dyn Error>> {
    let (rows, key, mut samples) = (Rows::open(path)?, key(0), Samples::new());
    for number in 0..rounds * 10 {
        let row = [registration(&key, Sequence(number + 1), tag(number), Others::Pending)];
        let mut outcome = Ok(());
        samples.add_ms(time(|| outcome = rows.put(&row)));
        outcome?;
    }
    Ok(samples.median())
}

fn report(report: StoreReport) {
    eprintln!("{report}");
}

/// A notice that changes nothing, of one kind, for a number.
type Kind = (&'static str, fn(u64) -> Notice);

/// Every kind there is but the end. What is taken away is of a worker that has nothing.
const KINDS: &[Kind] = &[
    ("an answer of the user", |number| Notice::Answered(AttemptId(number), true)),
    ("everybody's network", |_| Notice::Network(NetworkSubject::All)),
    ("an origin's network", |number| Notice::Network(NetworkSubject::Origin(some(number).origin().clone()))),
    ("an origin's windows", |number| Notice::Clients(some(number).partition(), some(number).origin().clone())),
    ("the system's restriction", |_| Notice::Restriction),
    ("a worker", |number| Notice::Worker(some(number))),
    ("all workers are known", |_| Notice::WorkersKnown),
    ("asleep and awake", |number| if number.is_multiple_of(2) { Notice::Slept } else { Notice::Woke }),
    ("frozen and thawed", |number| if number.is_multiple_of(2) { Notice::Frozen } else { Notice::Thawed }),
    ("woken by the system", |number| Notice::Woken(WakeToken(number), Duration::from_secs(30))),
    ("a permission", |number| {
        let key = some(number);
        Removal::Permission(key.partition(), key.origin().clone(), SyncKind::OneShot).into()
    }),
    ("a switch that is on", |number| {
        let key = some(number);
        Removal::UserSwitch(Some((key.partition(), key.origin().clone())), SyncKind::OneShot, UserSwitch::On).into()
    }),
    ("everybody's switch, on", |_| Removal::UserSwitch(None, SyncKind::OneShot, UserSwitch::On).into()),
    ("a worker is unregistered", |number| Removal::Unregistered(nobody(number)).into()),
    ("a worker's data is cleared", |number| Removal::DataCleared(ClearedScope::Key(nobody(number)), None).into()),
    ("an origin's data is cleared", |number| {
        let key = nobody(number);
        Removal::DataCleared(ClearedScope::Origin(key.partition(), key.origin().clone()), None).into()
    }),
    ("a private partition is closed", |number| {
        Removal::PartitionClosed(Partition::Private(PartitionId(number))).into()
    }),
];

/// Workers with registrations, and so many in all.
const WORKERS: u64 = 50;
const REGISTRATIONS: u64 = 1_000;

fn some(number: u64) -> RegistrationKey {
    key(number % WORKERS)
}

fn nobody(number: u64) -> RegistrationKey {
    key(WORKERS + number % WORKERS)
}

/// Posted all at once, where those that ask for the state that wait already count once; and each with a turn of its own.
fn notices() {
    let count = if measures() { 10_000 } else { 20 };
    println!("\n{count} notices, {REGISTRATIONS} registrations of {WORKERS} origins, offline");
    println!("{:<32} {:>14} {:>14} {:>8}", "", "all at once", "one a turn", "each");
    for (name, notice) in KINDS {
        let posted: Vec<Notice> = (0..count).map(notice).collect();
        let (mut driver, again) = (driver(), posted.clone());
        let at_once = time(|| {
            posted.into_iter().for_each(|notice| driver.poster().notify(notice));
            turns(&mut driver);
        });
        let mut driver = self::driver();
        let by_turns = time(|| {
            for notice in again {
                driver.poster().notify(notice);
                turns(&mut driver);
            }
        });
        let (at_once, by_turns) = (at_once.as_secs_f64() * 1e3, by_turns.as_secs_f64() * 1e3);
        let each = by_turns * 1e3 / count as f64;
        println!("{name:<32} {at_once:>11.2} ms {by_turns:>11.2} ms {each:>5.2} µs");
        assert_eq!(driver.machine().registration_count() as u64, REGISTRATIONS, "{name}: it was to change nothing");
    }
}

/// A driver that has read its store and waits for a network.
fn driver() -> Driver<Engine> {
    let mut store = MemoryStore::default();
    for number in 0..REGISTRATIONS {
        let row = registration(&some(number), Sequence(number + 1), tag(number), Others::Pending);
        store.apply(StoreOp::PutRegistration(row));
    }
    store.apply(StoreOp::PutProfile(profile_record(REGISTRATIONS)));
    let mut driver = Driver::new(parameters(), [7; 32], || {}, |_| Engine::hosts(NetworkState::Offline, store, |_| ()));
    driver.poster().notify(Notice::WorkersKnown);
    turns(&mut driver);
    driver
}

fn turns(driver: &mut Driver<Engine>) {
    while driver.turn() == Next::AtOnce {}
}
