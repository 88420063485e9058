//! What operations in memory cost with few and with many registrations, beside a hash table and a model of
//! Chromium's way.

#![allow(missing_docs, reason = "criterion's macros")]

use std::cell::RefCell;
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use background_sync_benches::{
    Background, Known, Ledger, LoadAverage, Others, Profile, Scanning, Unit, clock_cost, measures, sizes, tag, time,
};
use criterion::{Criterion, criterion_group};

/// Between two operations.
const A_MOMENT: Duration = Duration::from_millis(1);

/// Where figures go, and what the clock itself takes of each.
struct Book {
    ledger: RefCell<Ledger>,
    clock: f64,
}

impl Book {
    /// Measures an operation that times itself, one by one. Every single one is booked, less the clock's cost.
    fn each(
        &self,
        criterion: &mut Criterion,
        what: &'static str,
        registrations: u64,
        mut operation: impl FnMut() -> Duration,
    ) {
        let mut one = || {
            let took = operation();
            let figure = (took.as_secs_f64() * 1e9 - self.clock).max(0.0);
            self.ledger.borrow_mut().book(what, Unit::Nanoseconds, registrations, figure);
            took
        };
        criterion.bench_function(&format!("{what}/{registrations}"), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| one()).sum());
        });
    }

    /// Measures an operation that is too short to be timed alone, many in a row.
    fn together(&self, criterion: &mut Criterion, what: &'static str, registrations: u64, mut operation: impl FnMut()) {
        criterion.bench_function(&format!("{what}/{registrations}"), |bencher| {
            bencher.iter_custom(|times| {
                let took = time(|| (0..times).for_each(|_| operation()));
                let figure = took.as_secs_f64() * 1e9 / times as f64;
                self.ledger.borrow_mut().book(what, Unit::Nanoseconds, registrations, figure);
                took
            });
        });
    }
}

/// Calls, while everything else is pending and there is no network.
fn calls(criterion: &mut Criterion, book: &Book, registrations: u64) {
    let mut profile = Profile::new(registrations, Others::Pending);
    book.each(criterion, "register", registrations, || {
        let (worker, tag) = (profile.some_worker(), profile.new_tag());
        let key = profile.worker(worker);
        let (asked_for, asked) = (key.clone(), tag.clone());
        let took = time(|| {
            let delivered = profile.register(asked_for, asked);
            profile.deliver(delivered);
        });
        profile.cancel(key, tag);
        profile.pass(A_MOMENT);
        took
    });
    book.each(criterion, "reregister", registrations, || {
        let worker = profile.some_worker();
        let (key, tag) = (profile.worker(worker), tag(profile.old_tag()));
        let took = time(|| {
            let delivered = profile.register(key, tag);
            profile.deliver(delivered);
        });
        profile.pass(A_MOMENT);
        took
    });
    let known = Known::new(registrations);
    book.each(criterion, "hashbrown hit", registrations, || {
        let worker = profile.some_worker();
        let tag = tag(profile.old_tag());
        let text = tag.as_str().unwrap_or_default();
        time(|| black_box(known.get(worker, text)))
    });
}

/// Events, while everything else waits for a retry.
fn events(criterion: &mut Criterion, book: &Book, registrations: u64) {
    let mut profile = Profile::new(registrations, Others::Waiting);
    book.each(criterion, "fire and complete", registrations, || {
        profile.pass(A_MOMENT);
        let (worker, tag) = (profile.some_worker(), profile.new_tag());
        let delivered = profile.register(profile.worker(worker), tag);
        time(|| {
            profile.deliver(delivered);
            profile.complete();
        })
    });
    profile.pass(Duration::from_secs(10));
    book.together(criterion, "empty due scan", registrations, || profile.tick());
    book.together(criterion, "next deadline", registrations, || {
        black_box(profile.machine().next_deadline());
    });
}

/// A pass over periodic registrations of which nothing is due.
fn periodic(criterion: &mut Criterion, book: &Book, registrations: u64) {
    let mut profile = Profile::new(registrations, Others::Periodic);
    book.together(criterion, "pass over periodic ones", registrations, || profile.pass(A_MOMENT));
    assert_eq!(profile.running(), 0, "nothing was due");
}

/// The same steps, Chromium's way.
fn scanning(criterion: &mut Criterion, book: &Book, registrations: u64) {
    let mut model = Scanning::new(registrations);
    book.each(criterion, "register, scanning", registrations, || {
        let worker = model.some_worker();
        let took = time(|| model.register(worker));
        drop(model.complete(worker));
        took
    });
    book.each(criterion, "fire and complete, scanning", registrations, || {
        let worker = model.some_worker();
        drop(model.register(worker));
        time(|| (model.fire(worker), model.complete(worker)))
    });
    book.each(criterion, "empty due scan, scanning", registrations, || time(|| model.due(0)));
    book.each(criterion, "next deadline, scanning", registrations, || time(|| model.soonest()));
}

/// All tags of one origin without a window, few and many, taking turns. As often as it takes to fire as many: what
/// else the machine does meets both.
fn background(ledger: &mut Ledger) {
    let (few, many, rounds) = if measures() { (1_000, 20_000, 9) } else { (10, 200, 1) };
    for _ in 0..rounds {
        for tags in [few, many] {
            let mut origins: Vec<_> = (0..many / tags).map(|_| Background::new(tags)).collect();
            let took = time(|| origins.iter_mut().for_each(Background::fire_all));
            let each = took.as_secs_f64() * 1e9 / many as f64;
            ledger.book("a tag of an origin without a window", Unit::Nanoseconds, tags, each);
        }
    }
}

/// Bytes that a registration takes, from a process of its own.
fn memory(ledger: &mut Ledger) {
    let sizes = sizes().map(|size| size.to_string());
    let output = Command::new(env!("CARGO_BIN_EXE_memory")).args(sizes).output().expect("it was built with this");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [state, size, bytes] = words.as_slice() else { panic!("no such line: {line}") };
        let what = if *state == "Pending" { "pending" } else { "waiting" };
        let (size, bytes) = (size.parse().expect("a number"), bytes.parse().expect("a number"));
        ledger.book(what, Unit::Bytes, size, bytes);
    }
}

fn operations(criterion: &mut Criterion) {
    let before = LoadAverage::now();
    let book = Book { ledger: RefCell::default(), clock: clock_cost() };
    for registrations in sizes() {
        calls(criterion, &book, registrations);
        events(criterion, &book, registrations);
        periodic(criterion, &book, registrations);
        scanning(criterion, &book, registrations);
    }
    let mut ledger = book.ledger.into_inner();
    background(&mut ledger);
    memory(&mut ledger);
    for (name, what) in [
        ("register / hashbrown hit", "register"),
        ("reregister / hashbrown hit", "reregister"),
        ("fire and complete / hashbrown hit", "fire and complete"),
    ] {
        ledger.compare(name, what, "hashbrown hit");
    }
    println!("\nmedians; the clock's own {:.0} ns are subtracted where operations are timed one by one", book.clock);
    println!("{before} before, {} after\n", LoadAverage::now());
    println!("{ledger}");
}

criterion_group! {
    name = all;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(20);
    targets = operations
}

fn main() {
    all();
    Criterion::default().configure_from_args().final_summary();
}
