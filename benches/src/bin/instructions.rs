//! `instructions [REGISTRATIONS [OPERATIONS]]`: every operation in memory, so many times, each in a function of its
//! own that callgrind can count. `benches/instructions.sh` runs it. One line for each: function, how many times.

use std::hint::black_box;
use std::time::Duration;

use background_sync::policy::RegistrationKey;
use background_sync::registration::Tag;
use background_sync::{Input, Loaded};
use background_sync_benches::{Others, Profile, tag};

/// Between two operations.
const A_MOMENT: Duration = Duration::from_millis(1);

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().ok());
    let (registrations, times) =
        (arguments.next().flatten().unwrap_or(100_000), arguments.next().flatten().unwrap_or(2_000));
    calls(registrations, times);
    events(registrations, times);
    periodic(registrations, times);
    println!("counted_load {}", 2 * registrations);
    println!("counted_periodic_load {registrations}");
    for function in ["register", "reregister", "fire_and_complete", "empty_tick", "next_deadline", "periodic_pass"] {
        println!("counted_{function} {times}");
    }
}

/// While everything else is pending and there is no network.
fn calls(registrations: u64, times: u64) {
    let mut profile = loaded(registrations, Others::Pending);
    for _ in 0..times {
        let (worker, tag) = (profile.some_worker(), profile.new_tag());
        let key = profile.worker(worker);
        counted_register(&mut profile, key.clone(), tag.clone());
        profile.cancel(key, tag);
        profile.pass(A_MOMENT);
    }
    for _ in 0..times {
        let worker = profile.some_worker();
        let (key, tag) = (profile.worker(worker), tag(profile.old_tag()));
        counted_reregister(&mut profile, key, tag);
        profile.pass(A_MOMENT);
    }
}

/// While everything else waits for a retry.
fn events(registrations: u64, times: u64) {
    let mut profile = loaded(registrations, Others::Waiting);
    for _ in 0..times {
        profile.pass(A_MOMENT);
        let (worker, tag) = (profile.some_worker(), profile.new_tag());
        let delivered = profile.register(profile.worker(worker), tag);
        counted_fire_and_complete(&mut profile, delivered);
    }
    profile.pass(Duration::from_secs(10));
    for _ in 0..times {
        counted_empty_tick(&mut profile);
        counted_next_deadline(&profile);
    }
}

/// While everything is periodic, and nothing of it is due.
fn periodic(registrations: u64, times: u64) {
    let mut profile = Profile::empty(registrations, Others::Periodic);
    let stored = profile.stored(registrations, Others::Periodic);
    counted_periodic_load(&mut profile, stored);
    assert_eq!(profile.machine().registration_count() as u64, registrations);
    for _ in 0..times {
        counted_periodic_pass(&mut profile);
    }
}

fn loaded(registrations: u64, others: Others) -> Profile {
    let mut profile = Profile::empty(registrations, others);
    let stored = profile.stored(registrations, others);
    counted_load(&mut profile, stored);
    assert_eq!(profile.machine().registration_count() as u64, registrations);
    profile
}

#[inline(never)]
fn counted_load(profile: &mut Profile, stored: Loaded) {
    profile.load(stored);
}

#[inline(never)]
fn counted_register(profile: &mut Profile, key: RegistrationKey, tag: Tag) {
    let delivered = profile.register(key, tag);
    profile.deliver(delivered);
}

#[inline(never)]
fn counted_reregister(profile: &mut Profile, key: RegistrationKey, tag: Tag) {
    // a body of its own, or the linker may put the two together
    let delivered = profile.register(key, black_box(tag));
    profile.deliver(delivered);
}

#[inline(never)]
fn counted_fire_and_complete(profile: &mut Profile, delivered: Input) {
    profile.deliver(delivered);
    profile.complete();
}

#[inline(never)]
fn counted_empty_tick(profile: &mut Profile) {
    profile.tick();
}

#[inline(never)]
fn counted_periodic_load(profile: &mut Profile, stored: Loaded) {
    profile.load(black_box(stored));
}

#[inline(never)]
fn counted_periodic_pass(profile: &mut Profile) {
    profile.pass(A_MOMENT);
}

#[inline(never)]
fn counted_next_deadline(profile: &Profile) {
    black_box(profile.machine().next_deadline());
}
