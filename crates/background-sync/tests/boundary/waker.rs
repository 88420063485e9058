//! The waker: a loop that sleeps until it is woken, and has no other way to learn of anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use background_sync::scheduler::SyncParameters;
use background_sync::{Driver, HostCall, Next, Notice, Poster, Receipt};

use crate::run::{SEED, panics, register, turns};
use crate::store::{Disk, ToyStore};
use crate::toy::{PATIENCE, PROFILE, Stage, Toy, Workers, key, key_of, origin, page, parameters, stage};

/// A loop over a driver that looks at no clock.
struct Sleeper {
    driver: Driver<Toy>,
    woken: Receiver<()>,
}

impl Sleeper {
    fn new(stage: &Stage, store: ToyStore, params: SyncParameters) -> Self {
        let (wake, woken) = channel();
        let toy = stage.toy.clone();
        let wake = move || wake.send(()).unwrap();
        let driver = Driver::new(params.validated().unwrap(), SEED, wake, |_| toy.hosts(store));
        driver.poster().notify(Notice::WorkersKnown);
        Self { driver, woken }
    }

    /// Turns and sleeps until something is so. Nothing that is due by the clock ever is: the clock stands still.
    fn sleep_until(&mut self, done: impl Fn(&Driver<Toy>) -> bool) {
        loop {
            let next = self.driver.turn();
            if done(&self.driver) {
                return;
            }
            match next {
                Next::AtOnce => {}
                Next::Within(_) | Next::WhenWoken => self.woken.recv_timeout(PATIENCE).expect("a wake-up was lost"),
                Next::Stopped => panic!("stopped"),
            }
        }
    }
}

/// There is something to do from the first moment on: a loop that only sleeps would never read its store.
#[test]
fn a_new_driver_wakes_its_loop() {
    let stage = stage(Workers::OfTheTest);
    let (wake, woken) = channel();
    let toy = stage.toy.clone();
    let store = ToyStore::elsewhere(&stage.toy, &Disk::default(), Duration::ZERO);
    let wake = move || wake.send(()).unwrap();
    let _driver = Driver::new(parameters().validated().unwrap(), SEED, wake, |_| toy.hosts(store));
    assert_eq!(woken.try_iter().count(), 1);
}

/// The store, the workers and the pages are on threads of their own, and only what they use wakes the loop.
#[test]
fn whoever_answers_from_another_thread_wakes_the_loop() {
    let stage = stage(Workers::Elsewhere);
    let store = ToyStore::elsewhere(&stage.toy, &Disk::default(), Duration::ZERO);
    let mut sleeper = Sleeper::new(&stage, store, parameters());
    let (page_thread, receipts) = channel::<Receipt>();
    let page_thread_ends = thread::spawn(move || receipts.into_iter().for_each(Receipt::delivered));
    for round in 1..=30 {
        // The link makes the event possible once more, as the one before it was a moment ago by a clock that stands.
        let key = key_of(&format!("site{round}"));
        let to_page = page_thread.clone();
        let reply = move |result: Result<(), _>, receipt| {
            result.unwrap();
            to_page.send(receipt).unwrap();
        };
        let (posted, poster) = (channel(), sleeper.driver.poster().clone());
        thread::spawn(move || {
            poster.register(key, Tag::from("outbox"), page(), reply).unwrap();
            posted.0.send(()).unwrap();
        });
        let toy = stage.toy.clone();
        sleeper.sleep_until(|driver| toy.fired().len() == round && driver.machine().registration_count() == 0);
        posted.1.recv_timeout(PATIENCE).unwrap();
    }
    sleeper.driver.poster().notify(Notice::Shutdown);
    sleeper.sleep_until(Driver::is_stopped);
    drop((page_thread, sleeper));
    page_thread_ends.join().unwrap();
}

/// A page that dies with its thread lets go of its receipt, and a worker's process of its tokens.
#[test]
fn tokens_that_die_with_their_threads_wake_the_loop() {
    let stage = stage(Workers::OfTheTest);
    let mut sleeper = Sleeper::new(&stage, ToyStore::at_once(&stage.toy, &Disk::default()), parameters());
    register(sleeper.driver.poster(), key(), "outbox");
    let toy = stage.toy.clone();
    sleeper.sleep_until(|_| toy.calls(HostCall::Start) == 1);
    let start = stage.start();
    thread::spawn(move || {
        let _start = start;
        std::panic::resume_unwind(Box::new("the process of the worker died"));
    });
    let attempts = |driver: &Driver<Toy>| {
        let registration = driver.machine().registration(&key(), SyncKind::OneShot, &Tag::from("outbox"));
        registration.unwrap().series().free_in_a_row
    };
    sleeper.sleep_until(|driver| attempts(driver) == 1);
}

#[test]
fn many_posts_before_a_turn_are_one_wake() {
    let stage = stage(Workers::OfTheTest);
    let wakes = Arc::new(AtomicUsize::new(0));
    let (counted, toy) = (Arc::clone(&wakes), stage.toy.clone());
    let store = ToyStore::at_once(&stage.toy, &Disk::default());
    let wake = move || {
        counted.fetch_add(1, Ordering::Relaxed);
    };
    let mut driver = Driver::new(parameters().validated().unwrap(), SEED, wake, |_| toy.hosts(store));
    let _ = turns(&mut driver);
    let before = wakes.load(Ordering::Relaxed);
    for round in 1..=3 {
        let posters: Vec<Poster> = (0..4).map(|_| driver.poster().clone()).collect();
        thread::scope(|scope| {
            for poster in posters {
                scope.spawn(move || {
                    for number in 0..25 {
                        poster.notify(Notice::Clients(PROFILE, key_of(&format!("site{number}")).origin().clone()));
                        register(&poster, key(), "outbox");
                    }
                });
            }
        });
        assert_eq!(wakes.load(Ordering::Relaxed) - before, round);
        while driver.turn() == Next::AtOnce {}
        // Inside a turn the hosts may post, and wake: that is for the next one.
        wakes.store(before + round, Ordering::Relaxed);
    }
}

/// Many threads ask, each after the answer before; the loop has nothing but its waker.
#[test]
fn no_wake_is_lost_under_a_hammer() {
    const THREADS: usize = 8;
    const CALLS: usize = 500;
    let stage = stage(Workers::OfTheTest);
    let mut sleeper = Sleeper::new(&stage, ToyStore::at_once(&stage.toy, &Disk::default()), parameters());
    let done = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (poster, done) = (sleeper.driver.poster().clone(), Arc::clone(&done));
            thread::spawn(move || {
                let key = key_of(&format!("site{thread}"));
                for _ in 0..CALLS {
                    let (answer, answered) = channel();
                    let reply = move |result: Result<Vec<Tag>, _>, _: Receipt| answer.send(result).unwrap();
                    poster.get_tags(key.clone(), SyncKind::OneShot, reply).unwrap();
                    assert_eq!(answered.recv_timeout(PATIENCE).unwrap(), Ok(vec![]));
                }
                done.fetch_add(1, Ordering::Release);
                poster.notify(Notice::Network(background_sync::NetworkSubject::All));
            })
        })
        .collect();
    sleeper.sleep_until(|_| done.load(Ordering::Acquire) == THREADS);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// The waker is the engine's code too, and may be called by a thread that is unwinding already.
#[test]
fn a_waker_that_panics_harms_nobody_who_posts() {
    let stage = stage(Workers::OfTheTest);
    let (broken, toy) = (Arc::new(AtomicBool::new(false)), stage.toy.clone());
    let (wakes, is_broken) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&broken));
    let (counted, store) = (Arc::clone(&wakes), ToyStore::at_once(&stage.toy, &Disk::default()));
    let wake = move || {
        assert!(!is_broken.load(Ordering::Relaxed), "the loop is gone");
        counted.fetch_add(1, Ordering::Relaxed);
    };
    let mut driver = Driver::new(parameters().validated().unwrap(), SEED, wake, |_| toy.hosts(store));
    let _ = turns(&mut driver);
    broken.store(true, Ordering::Relaxed);
    driver.poster().notify(Notice::Clients(PROFILE, origin()));
    broken.store(false, Ordering::Relaxed);
    let before = wakes.load(Ordering::Relaxed);
    driver.poster().notify(Notice::Worker(key()));
    assert_eq!(wakes.load(Ordering::Relaxed), before + 1, "the next one wakes it");
    let _ = turns(&mut driver);
    assert_eq!(panics(&mut driver), [HostCall::Wake]);
    assert_eq!((stage.toy.calls(HostCall::Windows), stage.toy.calls(HostCall::WorkerState)), (1, 1), "nothing is lost");
}
