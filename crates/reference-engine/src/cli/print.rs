//! What a person sees, and what a program reads.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use background_sync::Machine;
use background_sync::registration::WallTime;

use super::layout::{BOLD, DIM, INDENT, Layout, RED, clock_face};
use super::progress::Progress;
use super::waiting::Waiting;
use super::{json, still_registered};
use crate::engine::{EngineClock, Happening, Mismatch, Who};

/// More lines in a row that say the same than this, and only the first are shown.
const MOST_ALIKE: usize = 10;
const FIRST_ALIKE: usize = 3;

/// Prints the story of a timeline.
pub(crate) struct Printer {
    json: bool,
    layout: Layout,
    started: Instant,
    waiting: Waiting,
    /// Lines of trouble so far.
    trouble: Cell<usize>,
}

impl Printer {
    #[expect(clippy::disallowed_methods, reason = "the summary says how long a person waited")]
    pub(crate) fn new(json: bool) -> Self {
        let (layout, waiting) = (Layout::of_stdout(), Waiting::start(json));
        Self { json, layout, started: Instant::now(), waiting, trouble: Cell::new(0) }
    }

    pub(crate) fn begin(&self, title: &str, processes: u32) -> io::Result<()> {
        match (self.json, processes) {
            (true, _) => Ok(()),
            (false, 0) => self.waiting.line(format!("{BOLD}{title}{BOLD:#}")),
            (false, n) => self.waiting.line(format!("{DIM}-- process {} goes on --{DIM:#}", n.saturating_add(1))),
        }
    }

    /// A person is spared what is said over and over; a program gets all of it.
    pub(crate) fn print(&self, story: &[Happening]) -> io::Result<()> {
        let trouble = story.iter().filter(|happening| happening.who == Who::Trouble).count();
        self.trouble.set(self.trouble.get() + trouble);
        for run in story.chunk_by(alike) {
            let (shown, rest) =
                run.split_at(if self.json || run.len() <= MOST_ALIKE { run.len() } else { FIRST_ALIKE });
            for happening in shown {
                match (self.json, &happening.entry) {
                    (false, _) => self.waiting.line(self.layout.happening(happening))?,
                    (true, Some(entry)) => self.waiting.line(json::of_entry(entry))?,
                    (true, None) => self.waiting.line(json::of_timeline(happening))?,
                }
            }
            if !rest.is_empty() {
                self.waiting.line(format!("{:INDENT$}{DIM}... and {} more like this{DIM:#}", "", rest.len()))?;
            }
        }
        Ok(())
    }

    /// How many lines told of trouble.
    pub(crate) fn trouble(&self) -> usize {
        self.trouble.get()
    }

    /// What is waited for, in case it takes long.
    pub(crate) fn waits_for(&self, what: impl FnOnce() -> String) {
        self.waiting.say(what);
    }

    /// Nothing is waited for any more.
    pub(crate) fn end(&mut self) {
        self.waiting.end();
    }

    /// The end of a process, or of the browser.
    pub(crate) fn process(&self, what: &str, clock: &EngineClock) -> io::Result<()> {
        if self.json {
            let (who, what, why) = (Who::Engine, what.to_owned(), String::new());
            return self.waiting.line(json::of_timeline(&Happening {
                at: clock.elapsed(),
                wall: clock.wall(),
                who,
                what,
                why,
                entry: None,
            }));
        }
        self.waiting.line(format!("{DIM}{}{DIM:#}  {BOLD}-- {what} --{BOLD:#}", clock_face(clock.elapsed())))
    }

    pub(crate) fn mismatch(&self, file: &Path, step: usize, at: WallTime, mismatch: &Mismatch) -> io::Result<()> {
        let place = format!("{}:{step}", file.display());
        if self.json {
            return self.waiting.line(json::of_mismatch(at, &place, mismatch));
        }
        self.waiting.line(format!("{RED}not as expected{RED:#}  {place}\n  {mismatch}"))
    }

    /// What is still registered, and what each waits for: a silence at the end looks like success.
    pub(crate) fn still_registered(&self, machine: &Machine, clock: &EngineClock) -> io::Result<()> {
        let mut views: Vec<_> = machine.registrations().collect();
        views.sort_by_key(|view| view.sequence);
        if self.json {
            return views.iter().try_for_each(|view| {
                let waits_for = still_registered::waits_for(view, clock);
                self.waiting.line(json::of_registration(clock.wall(), view, waits_for.as_deref()))
            });
        }
        if !views.is_empty() {
            self.waiting.line("\nstill registered:")?;
        }
        still_registered::lines(&views, clock, self.layout).iter().try_for_each(|line| self.waiting.line(line))
    }

    /// For a person; a program has the exit code.
    pub(crate) fn summary(&self, machine: &Machine, elapsed: Duration, progress: &Progress) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let verdict = match progress.mismatches {
            0 => format!("{BOLD}as expected{BOLD:#}"),
            n => format!("{RED}{n} not as expected{RED:#}"),
        };
        let trouble = match progress.trouble + self.trouble() {
            0 => String::new(),
            n => format!(", {RED}{}{RED:#}", many(n as u64, "line") + " of trouble"),
        };
        let stats = machine.stats();
        let here = if progress.processes > 1 { " in this process" } else { "" };
        let text = format!(
            "{verdict}{trouble}: {} and {}{here}, {} still registered; {} of the timeline in {} ms",
            many(stats.events_dispatched, "sync event"),
            many(stats.commits, "commit"),
            machine.registration_count(),
            clock_face(elapsed).trim_start(),
            self.started.elapsed().as_millis(),
        );
        self.waiting.line(format!("\n{}", self.layout.wrap(&text, 0)))
    }
}

/// Whether two happenings say the same, of whatever tag.
fn alike(one: &Happening, other: &Happening) -> bool {
    one.who == other.who
        && match (&one.entry, &other.entry) {
            (Some(one), Some(other)) => one.event == other.event && one.metadata == other.metadata,
            (None, None) => one.what == other.what && one.why == other.why,
            (Some(_), None) | (None, Some(_)) => false,
        }
}

fn many(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
