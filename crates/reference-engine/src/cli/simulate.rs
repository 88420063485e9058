//! Random worlds.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use background_sync_simulator::random;

use super::Exit;
use super::out::{complain, line};

/// Seeds tried between two words on how far it is.
const PORTION: u64 = 20;

/// Runs `runs` seeds from `seed` on and stops at the first counterexample.
pub(crate) fn runs(seed: u64, runs: u64, steps: usize, save: Option<&Path>) -> io::Result<Exit> {
    let end = seed.saturating_add(runs);
    let mut from = seed;
    while from < end {
        let to = from.saturating_add(PORTION).min(end);
        if let Err(counterexample) = random::simulate(from..to, steps) {
            line(&counterexample)?;
            if let Some(path) = save {
                match std::fs::write(path, counterexample.to_string()) {
                    Ok(()) => complain(format!("saved; replay it with: bgsync check {}", path.display())),
                    Err(error) => complain(format!("{} can't be written: {error}", path.display())),
                }
            }
            return Ok(Exit::NotAsExpected);
        }
        from = to;
        progress(from - seed, runs);
    }
    line(format!("{runs} worlds of {steps} steps: no invariant broken"))?;
    Ok(Exit::AsExpected)
}

/// A person waiting at a terminal sees that it goes on.
fn progress(done: u64, all: u64) {
    let mut out = io::stderr();
    if out.is_terminal() {
        let end = if done >= all { "\n" } else { "" };
        write!(out, "\r{done} of {all} worlds{end}").and_then(|()| out.flush()).ok();
    }
}
