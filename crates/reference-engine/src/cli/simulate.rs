//! Random worlds.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use background_sync_simulator::random;

use super::Exit;

/// Seeds tried between two words on how far it is.
const PORTION: u64 = 20;

/// Runs `runs` seeds from `seed` on and stops at the first counterexample.
pub(crate) fn runs(seed: u64, runs: u64, steps: usize, save: Option<&Path>) -> Exit {
    let end = seed.saturating_add(runs);
    let mut from = seed;
    while from < end {
        let to = from.saturating_add(PORTION).min(end);
        if let Err(counterexample) = random::simulate(from..to, steps) {
            println!("{counterexample}");
            if let Some(path) = save {
                match std::fs::write(path, counterexample.to_string()) {
                    Ok(()) => eprintln!("bgsync: saved; replay it with: bgsync check {}", path.display()),
                    Err(error) => eprintln!("bgsync: {} can't be written: {error}", path.display()),
                }
            }
            return Exit::NotAsExpected;
        }
        from = to;
        progress(from - seed, runs);
    }
    println!("{runs} worlds of {steps} steps: no invariant broken");
    Exit::AsExpected
}

/// A person waiting at a terminal sees that it goes on.
fn progress(done: u64, all: u64) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let end = if done >= all { "\n" } else { "" };
        write!(out, "\r{done} of {all} worlds{end}").and_then(|()| out.flush()).ok();
    }
}
