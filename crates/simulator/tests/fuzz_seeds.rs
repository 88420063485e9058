//! What the fuzzer runs, without a fuzzer: the seeds, and as many strings of bytes drawn from a fixed seed.

#[path = "../../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "it is a library of its own for the fuzzer")]
mod fuzz;

use std::fs;
use std::path::Path;

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Strings drawn for each target.
const DRAWN: usize = 300;

fn run_all(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds = 0;
    for file in files {
        let path = file.expect("a folder that can be listed").path();
        println!("{}", path.display());
        run(&fs::read(&path).expect("a seed that can be read"));
        seeds += 1;
    }
    assert!(seeds > 0, "no seeds in {}", folder.display());
    let mut dice = Pcg64Mcg::seed_from_u64(1);
    for number in 0..DRAWN {
        let mut bytes = vec![0; (dice.next_u32() % 400) as usize];
        dice.fill_bytes(&mut bytes);
        println!("drawn string {number}");
        run(&bytes);
    }
}

#[test]
fn policy() {
    run_all("policy", fuzz::policy::run);
}

#[test]
fn machine() {
    run_all("machine", fuzz::machine::run);
}

#[test]
fn inputs() {
    run_all("inputs", fuzz::inputs::run);
}

#[test]
fn stored() {
    run_all("stored", fuzz::stored::run);
}

#[test]
fn naive() {
    run_all("naive", fuzz::naive::run);
}

#[test]
fn messages() {
    run_all("messages", fuzz::messages::run);
}

#[test]
fn names() {
    run_all("names", fuzz::names::run);
}

#[test]
fn timeline() {
    run_all("timeline", fuzz::timeline::run);
}
