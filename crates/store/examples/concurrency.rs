//! How many events at once are worth it: 64 callers of ten origins register, wait until that is durable and until their
//! event has ended, and register again; the handlers take 0, 50 or 500 ms.
//!
//! `cargo run --release -p background-sync-store --example concurrency -- [rounds] [directory]`; the directory should be
//! on the disk in question. The limits take turns, so that they meet the same machine: only the ratios within a
//! line of handlers mean something.
#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use std::{
    collections::{BTreeMap, HashMap},
    env,
    error::Error,
    fs,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use background_sync::policy::SyncKind;
use background_sync::{
    AttemptId, BackgroundSyncThread, Call, EventCompletion, Hosts, NetworkOracle, OriginHost, Outcome, Poster,
    ServiceWorkerHost, StartCompletion, SyncEventInit, SystemClock, TerminateReason, WorkerState,
    policy::{
        Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, WindowClients,
    },
    registration::Tag,
    scheduler::{NetworkState, SyncParameters, ValidParameters},
};
use background_sync_store::RedbStore;

/// Events at once: in all, and of one origin.
const LIMITS: [(usize, usize); 6] = [(4, 2), (8, 3), (16, 3), (16, 6), (32, 6), (64, 64)];
const HANDLERS: [Duration; 3] = [Duration::ZERO, Duration::from_millis(50), Duration::from_millis(500)];
const CALLERS: usize = 64;
const ORIGINS: usize = 10;
/// How long a run comes into its stride, and how long it is measured then.
const WARM_UP: Duration = Duration::from_millis(700);
const MEASURED: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: usize = env::args().nth(1).map_or(Ok(3), |rounds| rounds.parse())?;
    let directory = match env::args_os().nth(2) {
        Some(at) => tempfile::tempdir_in(at)?,
        None => tempfile::tempdir()?,
    };
    println!("load average {}", load_average());
    for handler in HANDLERS {
        let mut rates: [Vec<f64>; LIMITS.len()] = Default::default();
        for round in 0..rounds {
            for (at, (all, of_origin)) in LIMITS.iter().enumerate() {
                let path = directory.path().join(format!("{}-{round}-{at}.redb", handler.as_millis()));
                rates[at].push(jobs_per_second(&path, handler, *all, *of_origin)?);
            }
        }
        let middle = rates.map(|mut rates| {
            rates.sort_by(f64::total_cmp);
            rates[rates.len() / 2]
        });
        let all_at_once = middle[LIMITS.len() - 1];
        for ((all, of_origin), rate) in LIMITS.iter().zip(middle) {
            let share = 100.0 * rate / all_at_once;
            println!("{handler:>6?} {all:>2}/{of_origin:<2} {rate:>8.0} jobs/s {share:>5.0} %");
        }
        println!("load average {}", load_average());
    }
    Ok(())
}

fn load_average() -> String {
    fs::read_to_string("/proc/loadavg").map_or("unknown".into(), |text| text.trim().to_owned())
}

fn parameters(all: usize, of_origin: usize) -> Result<ValidParameters, Box<dyn Error>> {
    let parameters = SyncParameters::recommended().into_parameters().with(|it| {
        it.max_concurrent_events = all;
        it.max_concurrent_events_per_origin = of_origin;
        it.first_fire_spread = Duration::ZERO;
    });
    Ok(parameters.validated().map_err(|error| format!("{error:?}"))?)
}

fn jobs_per_second(path: &Path, handler: Duration, all: usize, of_origin: usize) -> Result<f64, Box<dyn Error>> {
    let store = RedbStore::open_without_thread(path, |report| eprintln!("{report}"))?;
    let callers = Arc::new(Callers::new()?);
    let (timer, due) = channel();
    let engine = (Host { timer, handler }, Page, Page);
    let handle = BackgroundSyncThread::new(parameters(all, of_origin)?, [7; 32])
        .spawn(|_| Hosts::new(engine, store, SystemClock::starting_now()))?;
    let (theirs, poster) = (callers.clone(), handle.poster().clone());
    let events = thread::spawn(move || end_events(&due, &theirs, &poster));
    (0..CALLERS).for_each(|caller| callers.register(caller, handle.poster()));
    thread::sleep(WARM_UP);
    let (start, before) = (Instant::now(), callers.done.load(Ordering::Relaxed));
    thread::sleep(MEASURED);
    let done = callers.done.load(Ordering::Relaxed) - before;
    let rate = done as f64 / start.elapsed().as_secs_f64();
    handle.shut_down(Duration::from_secs(60))?;
    events.join().map_err(|_| "the timer panicked")?;
    Ok(rate)
}

/// Each has one job at a time.
struct Callers {
    workers: Vec<RegistrationKey>,
    /// Which caller a tag is of.
    tags: Mutex<HashMap<Tag, usize>>,
    next: AtomicU64,
    done: AtomicU64,
}

impl Callers {
    fn new() -> Result<Self, Box<dyn Error>> {
        let worker = |number| {
            let origin = Origin::parse(&format!("https://site-{number}.example"))?;
            let scope = format!("{}/", origin.as_str());
            let partition = Partition::Profile(PartitionId(0));
            Ok(RegistrationKey::new(partition, StorageKey::first_party(origin), &scope, Incarnation(1))?)
        };
        let workers = (0..ORIGINS).map(worker).collect::<Result<_, Box<dyn Error>>>()?;
        Ok(Self { workers, tags: Mutex::default(), next: AtomicU64::new(0), done: AtomicU64::new(0) })
    }

    fn register(&self, caller: usize, poster: &Poster) {
        let tag = Tag::from(format!("job {}", self.next.fetch_add(1, Ordering::Relaxed)).as_str());
        self.tags.lock().unwrap_or_else(PoisonError::into_inner).insert(tag.clone(), caller);
        let key = self.workers[caller % ORIGINS].clone();
        let call = Call::by_page(Facts::of_an_open_window());
        poster.register(key, tag, call, |_, receipt| receipt.delivered()).unwrap_or_else(|refused| refused.answer());
    }

    /// Its event has ended; the commit of the caller's next job makes that durable.
    fn ended(&self, tag: &Tag, poster: &Poster) {
        let caller = self.tags.lock().unwrap_or_else(PoisonError::into_inner).remove(tag);
        self.done.fetch_add(1, Ordering::Relaxed);
        if let Some(caller) = caller {
            self.register(caller, poster);
        }
    }
}

/// An event that ends at some time.
type Running = (Instant, EventCompletion, Tag);

/// Ends events when they are due, until the host is gone.
fn end_events(started: &Receiver<Running>, callers: &Callers, poster: &Poster) {
    let mut waiting: BTreeMap<(Instant, AttemptId), Running> = BTreeMap::new();
    loop {
        let next = match waiting.first_key_value() {
            Some(((at, _), _)) => started.recv_timeout(at.saturating_duration_since(Instant::now())),
            None => started.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(event) => drop(waiting.insert((event.0, event.1.attempt()), event)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while let Some(due) = waiting.first_entry().filter(|due| due.key().0 <= Instant::now()) {
            let (_, completion, tag) = due.remove();
            completion.finish(Outcome::Fulfilled);
            callers.ended(&tag, poster);
        }
    }
}

/// Workers that start at once and whose handlers only wait.
struct Host {
    timer: Sender<Running>,
    handler: Duration,
}

impl ServiceWorkerHost for Host {
    fn state(&mut self, _: &RegistrationKey) -> WorkerState {
        WorkerState::Active
    }

    fn start(&mut self, _: &RegistrationKey, completion: StartCompletion) {
        completion.ready();
    }

    fn dispatch(&mut self, _: &RegistrationKey, event: &SyncEventInit, _: Duration, completion: EventCompletion) {
        drop(self.timer.send((Instant::now() + self.handler, completion, event.tag.clone())));
    }

    fn terminate(&mut self, _: &RegistrationKey, _: AttemptId, _: TerminateReason) {}
}

struct Page;

impl OriginHost for Page {
    fn windows(&mut self, _: Partition, _: &Origin) -> WindowClients {
        WindowClients::new(1, 0)
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        PermissionState::Granted
    }
}

impl NetworkOracle for Page {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        NetworkState::online()
    }
}
