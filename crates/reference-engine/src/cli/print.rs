//! What a person sees, and what a program reads.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Color, Style};
use background_sync::{LogEntry, Machine};
use serde_json::{Map, Value, json};

use crate::engine::{Happening, Mismatch, Who};

/// Prints the story of a timeline.
pub(crate) struct Printer {
    json: bool,
    started: Instant,
    lines: u64,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Red)));

impl Printer {
    #[expect(clippy::disallowed_methods, reason = "the summary says how long a person waited")]
    pub(crate) fn new(json: bool) -> Self {
        Self { json, started: Instant::now(), lines: 0 }
    }

    pub(crate) fn begin(&mut self, title: &str, processes: u32) {
        match (self.json, processes) {
            (true, _) => {}
            (false, 0) => line(&format!("{BOLD}{title}{BOLD:#}")),
            (false, n) => line(&format!("{DIM}-- process {} goes on --{DIM:#}", n + 1)),
        }
    }

    pub(crate) fn print(&mut self, story: &[Happening]) {
        for happening in story {
            self.lines += 1;
            if self.json {
                line(&json_of(happening).to_string());
            } else {
                line(&text_of(happening));
            }
        }
    }

    /// The end of a process, or of the browser.
    pub(crate) fn process(&self, what: &str, at: Duration) {
        if !self.json {
            line(&format!("{DIM}{}{DIM:#}  {BOLD}-- {what} --{BOLD:#}", clock_face(at)));
        }
    }

    pub(crate) fn mismatch(&self, file: &Path, step_line: usize, mismatch: &Mismatch) {
        let place = format!("{}:{step_line}", file.display());
        if self.json {
            let value = json!({
                "event": "Not as expected", "place": place, "expected": mismatch.expected, "found": mismatch.found,
            });
            line(&value.to_string());
        } else {
            line(&format!("{RED}not as expected{RED:#}  {place}\n  {mismatch}"));
        }
    }

    pub(crate) fn summary(&self, machine: &Machine, elapsed: Duration, mismatches: usize) {
        let stats = machine.stats();
        if self.json {
            return;
        }
        let verdict = match mismatches {
            0 => format!("{BOLD}as expected{BOLD:#}"),
            n => format!("{RED}{n} not as expected{RED:#}"),
        };
        line(&format!(
            "\n{verdict}: {} sync events, {} still registered, {} commits; {} of the timeline in {} ms",
            stats.events_dispatched,
            machine.registration_count(),
            stats.commits,
            clock_face(elapsed).trim_start(),
            self.started.elapsed().as_millis(),
        ));
    }
}

/// A reader that went away, like `head`, has seen enough.
fn line(text: &str) {
    if writeln!(anstream::stdout(), "{text}").is_err() {
        std::process::exit(i32::from(super::Exit::AsExpected.code()));
    }
}

fn text_of(happening: &Happening) -> String {
    let time = clock_face(happening.at);
    if happening.who == Who::Narrator {
        return format!("{DIM}{time}{DIM:#}  {BOLD}{}{BOLD:#}", happening.what);
    }
    let (style, name) = (style_of(&happening.who), happening.who.name());
    let why = if happening.why.is_empty() { String::new() } else { format!("  {DIM}({}){DIM:#}", happening.why) };
    format!("{DIM}{time}{DIM:#}  {style}{name:>8}{style:#}  {}{why}", happening.what)
}

fn style_of(who: &Who) -> Style {
    let color = match who {
        Who::Narrator => return BOLD,
        Who::Trouble => return RED,
        Who::User => AnsiColor::Magenta,
        Who::Page(_) => AnsiColor::Cyan,
        Who::Worker => AnsiColor::Blue,
        Who::Server(_) => AnsiColor::Green,
        Who::Network | Who::Engine => AnsiColor::White,
        Who::Sync => AnsiColor::Yellow,
    };
    Style::new().fg_color(Some(Color::Ansi(color)))
}

/// Hours, minutes, seconds and milliseconds since the start.
fn clock_face(at: Duration) -> String {
    let s = at.as_secs();
    format!("{:>3}:{:02}:{:02}.{:03}", s / 3_600, s / 60 % 60, s % 60, at.subsec_millis())
}

/// One object per line. What background sync logs has the names `DevTools` uses; everything else is
/// `Timeline`.
fn json_of(happening: &Happening) -> Value {
    match &happening.entry {
        Some(entry) => json_of_entry(entry),
        None => json!({
            "at": seconds(happening.wall.unix_ms()),
            "event": "Timeline",
            "origin": null,
            "scope": null,
            "tag": null,
            "instance_id": null,
            "metadata": { "Who": happening.who.name(), "What": happening.what, "Why": happening.why },
        }),
    }
}

fn json_of_entry(entry: &LogEntry) -> Value {
    let metadata: Map<_, _> =
        entry.metadata.iter().map(|(name, value)| (name.name().to_owned(), json!(value))).collect();
    json!({
        "at": seconds(entry.at.unix_ms()),
        "event": entry.event.name(),
        "origin": entry.key.as_ref().map(|key| key.origin().as_str()),
        "scope": entry.key.as_ref().map(|key| key.scope().as_str()),
        "tag": entry.tag,
        "instance_id": entry.instance,
        "metadata": metadata,
    })
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age fit a float exactly")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_face_reads_like_one() {
        assert_eq!(clock_face(Duration::from_millis(3_723_004)), "  1:02:03.004");
    }
}
