//! What a registration takes in memory.

use background_sync_benches::{Others, Profile, TAGS_PER_WORKER, sizes};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

fn main() {
    for registrations in sizes() {
        for others in [Others::Pending, Others::Waiting] {
            let before = ALLOCATED.current_usage();
            let profile = Profile::new(registrations, others);
            let taken = ALLOCATED.current_usage() - before;
            assert_eq!(profile.machine().registration_count() as u64, registrations);
            let each = taken as u64 / registrations;
            println!("{registrations:>9} registrations, {TAGS_PER_WORKER} a worker, {others:?}: {each} bytes each");
        }
    }
}
