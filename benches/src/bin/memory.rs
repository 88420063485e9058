//! `memory SIZE...`: bytes that a registration takes in memory, counted by the allocator.
//!
//! A program of its own, because counting costs time. One line for each state and size: state, size, bytes.

use background_sync_benches::{Others, Profile};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

fn main() {
    for size in std::env::args().skip(1) {
        let Ok(registrations) = size.parse::<u64>() else {
            eprintln!("usage: memory SIZE...");
            std::process::exit(2);
        };
        for others in [Others::Pending, Others::Waiting] {
            let before = ALLOCATED.current_usage();
            let profile = Profile::new(registrations, others);
            let taken = ALLOCATED.current_usage() - before;
            assert_eq!(profile.machine().registration_count() as u64, registrations);
            println!("{others:?} {registrations} {:.1}", taken as f64 / registrations as f64);
        }
    }
}
