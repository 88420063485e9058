//! Random worlds.

use std::io;

use background_sync_simulator::random;

use super::Exit;
use super::args::Worlds;
use super::waiting::Waiting;

/// Runs the worlds of all seeds and stops at the first counterexample.
pub(crate) fn runs(worlds: &Worlds) -> io::Result<Exit> {
    let (seed, runs, steps, save) = (worlds.seed, worlds.runs.get(), worlds.steps.get(), worlds.save.as_deref());
    let waiting = Waiting::start(false);
    for seed_now in seed..seed.saturating_add(runs) {
        waiting.say(|| format!("{} of {runs} worlds", seed_now - seed));
        if let Err(counterexample) = random::simulate(worlds.kinds.into(), seed_now..seed_now.saturating_add(1), steps)
        {
            waiting.line(&counterexample)?;
            if let Some(path) = save {
                waiting.complain(match std::fs::write(path, counterexample.to_string()) {
                    Ok(()) => format!("saved; replay it with: bgsync check {}", path.display()),
                    Err(error) => format!("{} can't be written: {error}", path.display()),
                });
            }
            return Ok(Exit::NotAsExpected);
        }
    }
    waiting.line(format!("{runs} worlds of {steps} steps: no invariant broken"))?;
    Ok(Exit::AsExpected)
}
