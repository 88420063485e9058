//! What a person is told of what happens.

use std::sync::Arc;
use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::{Detail, Report};
use background_sync_simulator::timeline::Time;
use background_sync_simulator::world::Logged;

use super::running::RealmId;
use super::{Engine, Happening, Who};
use crate::script::{LogEntry, LogLevel};

/// Lines that scripts printed and no expectation has asked for; older ones are forgotten.
const MOST_LINES: usize = 10_000;

impl Engine {
    pub(super) fn tell(&mut self, who: Who, what: impl Into<String>, why: impl Into<String>) {
        let (at, wall) = (self.clock.elapsed(), self.clock.wall());
        self.story.tell(Happening { at, wall, who, what: what.into(), why: why.into(), entry: None });
    }

    pub(super) fn print(&mut self, id: RealmId, line: LogEntry) {
        let who = self.who(id);
        let place = if line.file.is_empty() { String::new() } else { format!("{}:{}", line.file, line.line) };
        match line.level {
            LogLevel::UncaughtError => {
                self.tell(Who::Trouble, format!("uncaught in {}: {}", who.name(), line.text), place);
            }
            LogLevel::UnhandledRejection => {
                self.tell(Who::Trouble, format!("unhandled rejection in {}: {}", who.name(), line.text), place);
            }
            LogLevel::Platform => self.tell(Who::Trouble, line.text, place),
            LogLevel::Debug | LogLevel::Log | LogLevel::Info | LogLevel::Warn | LogLevel::Error => {
                if self.console.len() == MOST_LINES {
                    self.console.pop_front();
                }
                self.console.push_back(line.text.clone());
                self.tell(who, line.text, "");
            }
        }
    }

    /// Background sync's own log, and what the store has to say, into the story.
    pub(super) fn take_log(&mut self) {
        let reports: Vec<_> = self.driver.reports().collect();
        reports.into_iter().for_each(|report| self.tell_report(report));
        let reports: Vec<_> = self.reports.iter().flat_map(|reports| reports.try_iter()).collect();
        for report in reports {
            self.tell(Who::Trouble, report.to_string(), "");
        }
    }

    fn tell_report(&mut self, report: Report) {
        match report {
            Report::Event(entry) => self.tell_event(entry),
            Report::StoreFailed(failure) => {
                self.tell(Who::Trouble, format!("the store failed: {failure}"), "it is tried again");
            }
            Report::HostPanicked(panic) => self.tell(Who::Trouble, panic.to_string(), "a fault of this program"),
            Report::Missed(count) => self.tell(Who::Trouble, format!("{count} lines of the log are missing here"), ""),
            other => self.tell(Who::Trouble, format!("{other:?}"), ""),
        }
    }

    fn tell_event(&mut self, entry: Arc<background_sync::LogEntry>) {
        let (at, wall) = (self.elapsed(), entry.at);
        let what = match &entry.tag {
            Some(tag) if entry.kind == Some(SyncKind::Periodic) => format!("{}: {tag} (periodic)", entry.event),
            Some(tag) => format!("{}: {tag}", entry.event),
            None => entry.event.to_string(),
        };
        let why = entry.metadata.iter().map(readable).collect::<Vec<_>>().join(", ");
        self.record.log.push(Logged { at, entry: Arc::clone(&entry), taken: false });
        self.story.tell(Happening { at, wall, who: Who::Sync, what, why, entry: Some(Arc::unwrap_or_clone(entry)) });
    }
}

/// Milliseconds are hard to read.
fn readable(detail: &Detail) -> String {
    let name = detail.name().name();
    if let Detail::NextAttemptDelay(delay) = detail {
        let ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        return format!("{}: {}", name.trim_end_matches(" (ms)"), Time(Duration::from_millis(ms)));
    }
    format!("{name}: {detail}")
}
