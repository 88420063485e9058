use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash, Hasher};

use background_sync::registration::Now;
use background_sync::scheduler::ValidParameters;
use background_sync::{Input, Machine, Output};

use super::Trouble;
use super::heard::Heard;
use super::in_parts::in_parts;
use crate::seed_of;

/// How closely a world is looked at. All of it costs time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Care {
    /// Keep everything that is said, to be read.
    pub trace: bool,
    /// Live twice: another machine with the same seed is told the same, and must say the same (invariant I14). What
    /// its store holds it is told in parts.
    pub twice: bool,
    /// Count which inputs change something.
    pub tally: bool,
    /// Keep what the machine says and shows, see [`Heard`].
    pub heard: Option<Keep>,
}

/// What is kept of what the machine says and shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// A digest.
    Digest,
    /// Every word.
    Lines,
}

impl Default for Care {
    fn default() -> Self {
        Self { trace: true, twice: false, tally: false, heard: None }
    }
}

/// How often something happened, and how often it changed what the machine shows, or made it say something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How often it happened.
    pub times: u64,
    /// How often that changed something.
    pub changed: u64,
}

impl Count {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { times: self.times + other.times, changed: self.changed + other.changed }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.changed * 100).checked_div(self.times).unwrap_or(0);
        write!(f, "{}, changed {} ({percent} %)", self.times, self.changed)
    }
}

/// Counts by the name of what happened.
pub type Tally = BTreeMap<String, Count>;

/// What looks at a world while it lives.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) care: Care,
    twin: Option<Box<Machine>>,
    /// How the twin is told what its store holds, until it was.
    unread: Option<u64>,
    pub(super) inputs: Tally,
    pub(super) steps: Tally,
    pub(super) heard: Heard,
    /// Something has changed since this was last asked.
    changed: bool,
}

impl Watch {
    pub(super) fn new(care: Care) -> Self {
        let heard = Heard::new(care.heard);
        Self { care, twin: None, unread: None, inputs: Tally::new(), steps: Tally::new(), heard, changed: false }
    }

    /// Another process.
    pub(super) fn start(&mut self, parameters: &ValidParameters, seed: u64) {
        self.unread = Some(seed);
        self.twin = self.care.twice.then(|| Box::new(Machine::new(parameters.clone(), seed_of(seed))));
    }

    pub(super) fn start_was_the_same(&mut self, outputs: &[Output]) -> Result<(), Trouble> {
        self.compare(outputs)
    }

    /// I14: the twin is told the same and must say the same, in however many parts its store is read.
    pub(super) fn told(&mut self, now: Now, input: &Input, outputs: &[Output]) -> Result<(), Trouble> {
        let seed = self.unread.take_if(|_| matches!(input, Input::Loaded(_)));
        if let Some(twin) = &mut self.twin {
            let parts =
                seed.map_or_else(|| vec![input.clone()], |seed| in_parts(input, hash_of((seed, now.monotonic))));
            parts.into_iter().for_each(|part| twin.handle(now, part));
        }
        self.compare(outputs)
    }

    fn compare(&mut self, outputs: &[Output]) -> Result<(), Trouble> {
        let Some(twin) = &mut self.twin else { return Ok(()) };
        let differs = |theirs: Option<&Output>, mine: Option<Output>| {
            let what = format!("the same inputs gave {theirs:?} and {mine:?}");
            Err(Trouble::Broken { invariant: "I14", what })
        };
        for theirs in outputs {
            match twin.poll_output() {
                Some(mine) if mine == *theirs => {}
                mine => return differs(Some(theirs), mine),
            }
        }
        match twin.poll_output() {
            None => Ok(()),
            mine => differs(None, mine),
        }
    }

    /// Counts an input. It has changed something if the machine said anything but a line for the log, or shows
    /// something else than before.
    pub(super) fn count_input(&mut self, input: &Input, before: Option<u64>, after: Option<u64>, outputs: &[Output]) {
        let said = outputs.iter().any(|output| !matches!(output, Output::Event(_)));
        let changed = said || before != after;
        self.changed |= changed;
        let name = format!("{input:?}");
        let name = name.split([' ', '(']).next().unwrap_or_default().to_owned();
        count(&mut self.inputs, name, changed);
    }

    /// Counts a step by what its inputs changed; what follows from it later does not count.
    pub(super) fn count_step(&mut self, word: &str) {
        let changed = std::mem::take(&mut self.changed);
        count(&mut self.steps, word.to_owned(), changed);
    }

    pub(super) fn before_step(&mut self) {
        self.changed = false;
    }
}

fn hash_of(choice: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::new().hash_one(choice)
}

fn count(tally: &mut Tally, name: String, changed: bool) {
    let count = tally.entry(name).or_default();
    count.times += 1;
    count.changed += u64::from(changed);
}

/// What a machine shows: its list and why each registration does not fire (not until when), the network, its
/// next moments, and counters other than those of work and of nonsense.
pub(super) fn fingerprint(machine: &Machine) -> u64 {
    let mut hasher = DefaultHasher::new();
    for view in machine.registrations() {
        (view.sequence, view.state, view.series, view.registered_at).hash(&mut hasher);
        for reason in view.why_not {
            std::mem::discriminant(&reason).hash(&mut hasher);
        }
    }
    machine.network().hash(&mut hasher);
    machine.next_deadline().hash(&mut hasher);
    machine.next_wakeup().map(|wake_up| wake_up.earliest).hash(&mut hasher);
    let stats = machine.stats();
    (stats.events_dispatched, stats.commits, stats.commits_failed, stats.network_changes).hash(&mut hasher);
    machine.is_stopped().hash(&mut hasher);
    hasher.finish()
}
