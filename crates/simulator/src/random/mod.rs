//! Random worlds: many short lives, each from one seed, each watched by the [`Oracle`](background_sync_host_tests::Oracle).
//!
//! A random world becomes a [`Timeline`] first and is run like any other, so what fails is a file that a
//! person can read and replay. The failing one is made as short as possible before it is shown.

mod draw;
mod draw_periodic;
mod habits;
mod kinds;
mod likely;
mod off;
mod op;
mod periodic;
mod periodic_op;
mod places;
mod recorded;
mod script;
mod shrink;
mod universe;
mod weather;

use std::fmt;
use std::ops::Range;

use background_sync::scheduler::Preset;

pub use kinds::Kinds;
pub use op::Op;
pub use periodic_op::PeriodicOp;

use crate::runner::{Report, run_watched};
use crate::timeline::{Overrides, Time, Timeline};
use crate::world::{Care, Count, Heard, Keep, Tally, Trace, Trouble};
use draw::Dice;
use habits::Habits;
use places::Places;
use script::Script;

/// What a number of random worlds went through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Worlds.
    pub worlds: u64,
    /// Those of them in which background sync was switched off.
    pub switched_off: u64,
    /// Steps in them.
    pub steps: u64,
    /// Things said between host and machine.
    pub messages: u64,
    /// Events dispatched.
    pub events: u64,
    /// Those of periodic syncs.
    pub periodic_events: u64,
    /// Events that were told it is their last chance.
    pub last_chances: u64,
    /// Times the process died.
    pub crashes: u64,
    /// Inputs by kind, and how many of them changed something, if that was asked for.
    pub inputs: Tally,
    /// Steps by word, the same.
    pub by_word: Tally,
}

/// A random world in which something broke.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// Its seed.
    pub seed: u64,
    /// What broke.
    pub trouble: Trouble,
    /// The shortest timeline found that breaks the same way.
    pub timeline: Timeline,
    /// What happens in it.
    pub trace: Trace,
}

/// Random worlds for these seeds, each of so many operations.
///
/// # Errors
/// The first world in which something breaks, or which does not go the same way twice (invariant I14).
pub fn simulate(kinds: Kinds, seeds: Range<u64>, steps: usize) -> Result<Summary, Box<Counterexample>> {
    simulate_with(kinds, seeds, steps, QUICK)
}

/// The same, counting which inputs and steps change something. That takes several times as long.
///
/// # Errors
/// The first world in which something breaks.
pub fn simulate_and_count(kinds: Kinds, seeds: Range<u64>, steps: usize) -> Result<Summary, Box<Counterexample>> {
    simulate_with(kinds, seeds, steps, Care { tally: true, ..QUICK })
}

fn simulate_with(kinds: Kinds, seeds: Range<u64>, steps: usize, care: Care) -> Result<Summary, Box<Counterexample>> {
    let mut summary = Summary::default();
    for seed in seeds {
        let life = Life::drawn(kinds, seed, steps);
        let report = life.live(care);
        if let Some(trouble) = trouble_of(&report) {
            return Err(Box::new(shrink::shortest(life, trouble)));
        }
        summary.count(seed, &report);
    }
    Ok(summary)
}

/// Nobody reads what is said, and the machine is lived twice.
const QUICK: Care = Care { trace: false, twice: true, tally: false, heard: None };

/// What the machine says and shows in the random world of a seed, as far as it could say that when worlds were
/// recorded, and with the parameters of then.
#[must_use]
pub fn heard(seed: u64, steps: usize, keep: Keep) -> Heard {
    let mut life = Life::without_weather(Kinds::OneShot, seed, steps);
    recorded::set_back(life.preset, &mut life.parameters);
    life.habits = Habits::RECORDED;
    life.live(Care { twice: false, heard: Some(keep), ..QUICK }).heard
}

/// The random world of a seed, as a file that can be read and replayed.
#[must_use]
pub fn timeline(kinds: Kinds, seed: u64, steps: usize) -> Timeline {
    Life::drawn(kinds, seed, steps).timeline()
}

/// A world of these operations, whatever they are: the entry of a fuzzer.
///
/// # Errors
/// What breaks in it, as short as possible.
pub fn live(seed: u64, ops: &[Op]) -> Result<Summary, Box<Counterexample>> {
    let (preset, mut parameters) = Dice::seeded(seed).parameters();
    off::switch(seed, &mut parameters);
    let kinds = Kinds::of(ops);
    let life = Life { kinds, seed, preset, parameters, habits: Habits::of(seed), ops: ops.to_vec() };
    let report = life.live(QUICK);
    match trouble_of(&report) {
        Some(trouble) => Err(Box::new(shrink::shortest(life, trouble))),
        None => {
            let mut summary = Summary::default();
            summary.count(seed, &report);
            Ok(summary)
        }
    }
}

fn trouble_of(report: &Report) -> Option<Trouble> {
    report.trouble.clone()
}

/// How long a world goes on after its last operation.
const AFTERWARDS: Time = Time::seconds(600);

/// Everything a random world is made of.
#[derive(Clone, Debug)]
struct Life {
    kinds: Kinds,
    seed: u64,
    preset: Preset,
    parameters: Overrides,
    habits: Habits,
    ops: Vec<Op>,
}

impl Life {
    fn drawn(kinds: Kinds, seed: u64, steps: usize) -> Self {
        let mut life = Self::without_weather(kinds, seed, steps);
        weather::add(seed, &mut life.parameters, &mut life.ops);
        life
    }

    /// As all worlds were when some were recorded.
    fn without_weather(kinds: Kinds, seed: u64, steps: usize) -> Self {
        let mut dice = Dice::seeded(seed);
        let (preset, mut parameters) = match kinds {
            Kinds::OneShot => dice.parameters(),
            Kinds::Both => dice.parameters_of_both(),
        };
        off::switch(seed, &mut parameters);
        let ops = match kinds {
            Kinds::OneShot => dice.ops(steps),
            Kinds::Both => dice.ops_of_both(steps),
        };
        Self { kinds, seed, preset, parameters, habits: Habits::of(seed), ops }
    }

    fn live(&self, care: Care) -> Report {
        run_watched(&self.timeline(), care)
    }

    fn timeline(&self) -> Timeline {
        let places = Places::new();
        // An operation is a step or two.
        let mut script = Script::with_room(2 * self.ops.len(), self.habits);
        let is_of_both = self.kinds == Kinds::Both;
        universe::opening(&places).into_iter().for_each(|act| script.add(act));
        if is_of_both {
            periodic::opening(&places).into_iter().for_each(|act| script.add(act));
        }
        self.habits.steps().into_iter().for_each(|act| script.add(act));
        self.ops.iter().for_each(|op| universe::perform(*op, &places, &mut script));
        universe::ending().into_iter().for_each(|act| script.add(act));
        if is_of_both {
            periodic::ending(&universe::WORKERS).into_iter().for_each(|act| script.add(act));
        }
        script.wait(AFTERWARDS);
        Timeline {
            title: format!("A random world, seed {}", self.seed),
            covers: Vec::new(),
            preset: self.preset,
            drawn: true,
            seed: self.seed,
            parameters: self.parameters.clone(),
            workers: universe::workers(),
            steps: script.end(),
        }
    }
}

impl Summary {
    fn count(&mut self, seed: u64, report: &Report) {
        let counts = &report.counts;
        self.worlds += 1;
        self.switched_off += u64::from(off::is_off(seed));
        self.steps += report.steps as u64;
        self.messages += counts.messages;
        self.events += counts.events;
        self.periodic_events += counts.periodic_events;
        self.last_chances += counts.last_chances;
        self.crashes += counts.crashes;
        add(&mut self.inputs, &counts.inputs);
        add(&mut self.by_word, &counts.steps);
    }

    /// How many steps were counted, and how many of them changed something: all, and those that are no change of a
    /// network.
    #[must_use]
    pub fn steps_that_change(&self) -> (Count, Count) {
        let sum = |which: fn(&str) -> bool| {
            let counted = self.by_word.iter().filter(|(word, _)| which(word));
            counted.fold(Count::default(), |sum, (_, count)| sum.and(*count))
        };
        (sum(|_| true), sum(|word| word != "network" && word != "origin_network"))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} worlds ({} switched off), {} steps, {} messages, {} events ({} periodic, {} last chances), {} crashes",
            self.worlds,
            self.switched_off,
            self.steps,
            self.messages,
            self.events,
            self.periodic_events,
            self.last_chances,
            self.crashes
        )?;
        if self.by_word.is_empty() {
            return Ok(());
        }
        for (kind, tally) in [("input", &self.inputs), ("step", &self.by_word)] {
            for (name, count) in tally {
                write!(f, "\n{kind} {name}: {count}")?;
            }
        }
        let (all, no_network) = self.steps_that_change();
        write!(f, "\nall steps: {all}\nsteps that are no network: {no_network}")
    }
}

fn add(sums: &mut Tally, counted: &Tally) {
    for (name, count) in counted {
        let sum = sums.entry(name.clone()).or_default();
        *sum = sum.and(*count);
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# seed {}: {}", self.seed, self.trouble)?;
        writeln!(f, "# the shortest timeline that breaks the same way; keep it in a file to replay it")?;
        match self.timeline.to_toml() {
            Ok(text) => writeln!(f, "{text}")?,
            Err(error) => writeln!(f, "# it cannot be written: {error}")?,
        }
        self.trace.last(60).iter().try_for_each(|line| writeln!(f, "# {line}"))
    }
}

impl std::error::Error for Counterexample {}
