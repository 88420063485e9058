//! What an operation costs with few and with many registrations, beside a model of Chromium's way.

#![allow(missing_docs, reason = "criterion's macros")]

use std::cell::RefCell;
use std::time::Duration;

use background_sync_benches::{Ledger, Others, Profile, Scanning, sizes, time};
use criterion::{Criterion, criterion_group};

/// Between two operations.
const A_MOMENT: Duration = Duration::from_millis(1);

/// Measures `run`, which does something so many times and says how long the part that counts took.
fn measure(
    criterion: &mut Criterion,
    ledger: &RefCell<Ledger>,
    what: &'static str,
    registrations: u64,
    mut run: impl FnMut(u64) -> Duration,
) {
    criterion.bench_function(&format!("{what}/{registrations}"), |bencher| {
        bencher.iter_custom(|times| {
            let took = run(times);
            ledger.borrow_mut().book(what, registrations, times, took);
            took
        });
    });
}

/// Something that times itself.
fn each(mut operation: impl FnMut() -> Duration) -> impl FnMut(u64) -> Duration {
    move |times| (0..times).map(|_| operation()).sum()
}

/// Something too short to be timed alone.
fn together(mut operation: impl FnMut()) -> impl FnMut(u64) -> Duration {
    move |times| time(|| (0..times).for_each(|_| operation()))
}

/// Calls, while everything else is pending and there is no network.
fn calls(criterion: &mut Criterion, ledger: &RefCell<Ledger>, registrations: u64) {
    let mut profile = Profile::new(registrations, Others::Pending);
    measure(
        criterion,
        ledger,
        "register",
        registrations,
        each(|| {
            let (key, tag) = (profile.some_worker(), profile.new_tag());
            let (asked_for, asked) = (key.clone(), tag.clone());
            let took = time(|| {
                let delivered = profile.register(asked_for, asked);
                profile.fire(delivered);
            });
            profile.cancel(key, tag);
            profile.pass(A_MOMENT);
            took
        }),
    );
    measure(
        criterion,
        ledger,
        "reregister",
        registrations,
        each(|| {
            let (key, tag) = (profile.some_worker(), profile.old_tag());
            let took = time(|| {
                let delivered = profile.register(key, tag);
                profile.fire(delivered);
            });
            profile.pass(A_MOMENT);
            took
        }),
    );
}

/// Events, while everything else waits for a retry.
fn events(criterion: &mut Criterion, ledger: &RefCell<Ledger>, registrations: u64) {
    let mut profile = Profile::new(registrations, Others::Waiting);
    let ready = |profile: &mut Profile| {
        profile.pass(A_MOMENT);
        let (key, tag) = (profile.some_worker(), profile.new_tag());
        profile.register(key, tag)
    };
    measure(
        criterion,
        ledger,
        "fire",
        registrations,
        each(|| {
            let delivered = ready(&mut profile);
            let took = time(|| profile.fire(delivered));
            profile.complete();
            took
        }),
    );
    measure(
        criterion,
        ledger,
        "complete",
        registrations,
        each(|| {
            let delivered = ready(&mut profile);
            profile.fire(delivered);
            time(|| profile.complete())
        }),
    );
    profile.pass(Duration::from_secs(10));
    measure(criterion, ledger, "empty due scan", registrations, together(|| profile.tick()));
    measure(
        criterion,
        ledger,
        "next deadline",
        registrations,
        together(|| {
            std::hint::black_box(profile.machine().next_deadline());
        }),
    );
}

/// The same steps, Chromium's way.
fn scanning(criterion: &mut Criterion, ledger: &RefCell<Ledger>, registrations: u64) {
    let mut model = Scanning::new(registrations);
    measure(
        criterion,
        ledger,
        "register, scanning",
        registrations,
        each(|| {
            let worker = model.some_worker();
            let took = time(|| model.register(worker));
            drop(model.complete(worker));
            took
        }),
    );
    measure(
        criterion,
        ledger,
        "fire, scanning",
        registrations,
        each(|| {
            let worker = model.some_worker();
            drop(model.register(worker));
            let took = time(|| model.fire(worker));
            drop(model.complete(worker));
            took
        }),
    );
    measure(
        criterion,
        ledger,
        "complete, scanning",
        registrations,
        each(|| {
            let worker = model.some_worker();
            drop(model.register(worker));
            time(|| model.complete(worker))
        }),
    );
    measure(criterion, ledger, "empty due scan, scanning", registrations, each(|| time(|| model.due(0))));
    measure(criterion, ledger, "next deadline, scanning", registrations, each(|| time(|| model.soonest())));
}

fn operations(criterion: &mut Criterion) {
    let ledger = RefCell::default();
    for registrations in sizes() {
        calls(criterion, &ledger, registrations);
        events(criterion, &ledger, registrations);
        scanning(criterion, &ledger, registrations);
    }
    println!("\n{}", ledger.borrow());
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
