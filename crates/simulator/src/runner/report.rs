use std::fmt;
use std::time::Duration;

use background_sync::policy::SyncKind;

use crate::timeline::{Place, Time};
use crate::world::{Heard, Tally, Trace, TraceLine, Trouble, World};

/// How a timeline went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The timeline's title.
    pub title: String,
    /// Steps that were run.
    pub steps: usize,
    /// What was not as expected, in order.
    pub failures: Vec<Failure>,
    /// What ended it before its time.
    pub trouble: Option<Trouble>,
    /// Everything that happened.
    pub trace: Trace,
    /// How much happened.
    pub counts: Counts,
    /// What the machine said and showed, if that was kept.
    pub heard: Heard,
}

/// How much happened in a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
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
    /// Inputs by kind, if they were counted.
    pub inputs: Tally,
    /// Steps by word, if they were counted.
    pub steps: Tally,
}

impl Counts {
    pub(super) fn of(world: &World) -> Self {
        let record = world.record();
        let (inputs, steps) = world.tallies();
        Self {
            messages: record.messages,
            events: record.dispatched.len() as u64,
            periodic_events: record.dispatched.iter().filter(|event| event.event.kind == SyncKind::Periodic).count()
                as u64,
            last_chances: record.dispatched.iter().filter(|event| event.event.last_chance).count() as u64,
            crashes: record.crashes,
            inputs: inputs.clone(),
            steps: steps.clone(),
        }
    }
}

/// Something that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where what was expected stands; that of the step for what nobody expected.
    pub place: Place,
    /// When, since the start.
    pub at: Duration,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub actual: String,
    /// The last things that happened before.
    pub context: Vec<TraceLine>,
}

impl Failure {
    pub(super) fn of_trouble(place: Place, at: Duration, trouble: &Trouble, context: Vec<TraceLine>) -> Self {
        Self { place, at, expected: "no trouble".to_owned(), actual: trouble.to_string(), context }
    }
}

impl Report {
    /// Whether everything was as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// The same, as a report about this file.
    #[must_use]
    pub const fn of_file<'a>(&'a self, file: &'a str) -> OfFile<'a> {
        OfFile(self, file)
    }

    fn summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.passed() {
            return writeln!(f, "{}: {} steps, as expected", self.title, self.steps);
        }
        writeln!(f, "{}: {} not as expected", self.title, self.failures.len())
    }
}

impl Failure {
    fn tell(&self, f: &mut fmt::Formatter<'_>, file: Option<&str>) -> fmt::Result {
        match file {
            Some(file) => write!(f, "{file}:{}", self.place)?,
            None => write!(f, "line {}", self.place)?,
        }
        writeln!(f, ", at {}:", Time(self.at))?;
        writeln!(f, "  expected {}", self.expected)?;
        writeln!(f, "  found    {}", self.actual)?;
        if !self.context.is_empty() {
            writeln!(f, "  before that:")?;
        }
        self.context.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell(f, None)
    }
}

/// A report about a file: each failure is told with the file's name before its place, so that tools find it.
#[derive(Clone, Copy, Debug)]
pub struct OfFile<'a>(&'a Report, &'a str);

impl fmt::Display for OfFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(report, file) = self;
        write!(f, "{file}: ")?;
        report.summary(f)?;
        report.failures.iter().try_for_each(|failure| failure.tell(f, Some(file)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary(f)?;
        self.failures.iter().try_for_each(|failure| failure.fmt(f))
    }
}
