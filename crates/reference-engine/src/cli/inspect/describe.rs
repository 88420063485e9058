//! A store for a person.

use std::path::Path;
use std::time::Duration;

use background_sync::WhyNot;
use background_sync::registration::{Schedule, StoredState, WallTime};
use background_sync_scheduler::LastChance;

use super::super::args::{Inspecting, SupposedNetwork};
use super::super::layout::{BOLD, DIM, LONGEST, Layout, RED, of_tag};
use super::moment::{self, At, roughly, shown_from};
use super::next_start::{Becomes, NextStart, Registered, Used};
use super::object::{max_attempts, name_of, number_of};

/// Columns before the details of a registration.
const INDENT: usize = 16;

/// How a store is described.
pub(super) struct Description<'a> {
    path: &'a Path,
    inspecting: &'a Inspecting,
    layout: Layout,
}

impl<'a> Description<'a> {
    pub(super) fn new(path: &'a Path, inspecting: &'a Inspecting) -> Self {
        Self { path, inspecting, layout: Layout::of_stdout() }
    }

    /// Paragraph by paragraph.
    pub(super) fn of(&self, next: &NextStart) -> Vec<String> {
        let mut paragraphs = vec![self.layout.wrap(&self.title(next), 0)];
        let mut scope = None;
        for registered in &next.registrations {
            let key = &registered.stored.key;
            if scope != Some(key) {
                scope = Some(key);
                let partition = match number_of(key.partition()) {
                    0 => String::new(),
                    number => format!(" {DIM}in partition {number}{DIM:#}"),
                };
                paragraphs.push(format!("\n{}{partition}", key.scope()));
            }
            paragraphs.push(self.registration(registered, next));
        }
        let footer = next.used.iter().map(|used| of_budget(used, next)).chain(self.age(next));
        let footer: Vec<_> = footer.map(|text| self.layout.wrap(&text, 2)).collect();
        if !footer.is_empty() {
            paragraphs.push(String::new());
            paragraphs.extend(footer);
        }
        paragraphs
    }

    fn title(&self, next: &NextStart) -> String {
        let path = self.path.display();
        let count = next.registrations.len();
        let plural = if count == 1 { "" } else { "s" };
        if next.registrations.is_empty() {
            return format!("{BOLD}{path}{BOLD:#}: nothing is registered");
        }
        let at = moment::shown(next.at);
        let since = match self.inspecting.at {
            At::Last => format!("{at}, the last moment it notes"),
            At::Now => format!("now, {at}"),
            At::After(_) | At::Moment(_) => at,
        };
        format!("{BOLD}{path}{BOLD:#}: {count} registration{plural}, seen from {since}")
    }

    fn registration(&self, registered: &Registered, next: &NextStart) -> String {
        let Registered { stored, becomes } = registered;
        let tag = of_tag(&stored.tag, LONGEST);
        let since = shown_from(stored.registered.wall, next.at);
        let detail = |name: &str, text: &str| self.layout.wrap(&format!("    {DIM}{name:<10}{DIM:#}  {text}"), INDENT);
        [
            format!("  {BOLD}{tag}{BOLD:#}"),
            detail("kind", stored.kind.name()),
            detail("state", &of_state(registered, next)),
            detail("registered", &since),
        ]
        .into_iter()
        .chain(stored.schedule.map(|schedule| detail("interval", &of_schedule(&schedule, next))))
        .chain([detail("next", &self.of_next(becomes, next))])
        .collect::<Vec<_>>()
        .join("\n")
    }

    fn of_next(&self, becomes: &Becomes, next: &NextStart) -> String {
        let (view, last_chance) = match becomes {
            Becomes::Removed(why) => {
                return format!("{RED}none{RED:#}: removed when a browser starts, because of: {why}");
            }
            Becomes::Kept { view, last_chance, .. } => (view, *last_chance),
        };
        let reasons: Vec<_> = view.why_not.iter().map(|why| of_reason(why, next.at)).collect();
        let when = match reasons.as_slice() {
            [] => "fires as soon as a browser runs".to_owned(),
            reasons => format!("waits for {}", reasons.join(", and for ")),
        };
        let early = view.why_not.iter().any(|why| matches!(why, WhyNot::BackOff { .. }))
            && next.parameters.early_retries_per_hour > 0;
        let early = match (early, self.inspecting.network) {
            (false, _) => "",
            (true, SupposedNetwork::Online) => "; a link that goes and comes back may end the back-off",
            (true, SupposedNetwork::Unknown | SupposedNetwork::Offline) => {
                "; a link that comes back may end the back-off"
            }
        };
        let because = match last_chance {
            None => return format!("{when}{early}"),
            Some(LastChance::Attempts) => "no more attempts are left".to_owned(),
            Some(LastChance::Age) => format!("it is older than {}", roughly(next.parameters.max_age)),
        };
        format!("{when}{early}; {RED}its last chance{RED:#}, as {because}")
    }

    fn age(&self, next: &NextStart) -> Option<String> {
        let profile = next.profile.as_ref().filter(|_| !next.registrations.is_empty())?;
        let running = roughly(profile.running);
        Some(format!("{DIM}This profile has been running for {running}, as far as it was written.{DIM:#}"))
    }
}

fn of_state(registered: &Registered, next: &NextStart) -> String {
    let Registered { stored, becomes } = registered;
    let name = name_of(stored.state);
    let (state, series) = match becomes {
        Becomes::Removed(_) => (name.to_owned(), stored.series),
        Becomes::Kept { view, .. } if view.state.as_str() == name => (name.to_owned(), view.series),
        Becomes::Kept { view, .. } => (format!("{name}, {} when a browser starts", view.state), view.series),
    };
    let died = match stored.state {
        StoredState::Firing(_) | StoredState::ReregisteredWhileFiring => "; the browser ended in mid-event",
        StoredState::Pending(_) | StoredState::Waiting(..) => "",
    };
    let free = match series.free_in_a_row {
        0 => String::new(),
        free => format!(", and {free} free of charge"),
    };
    format!("{state}; {} of {} attempts used{free}{died}", series.attempts, max_attempts(stored.kind, next))
}

/// How often a periodic registration may fire as far as its page goes, and since when that counts.
fn of_schedule(schedule: &Schedule, next: &NextStart) -> String {
    let asked = match schedule.min_interval.duration() {
        Duration::ZERO => "none was asked for".to_owned(),
        interval => format!("{} at least", roughly(interval)),
    };
    format!("{asked}; counted from {}", shown_from(schedule.anchor, next.at))
}

/// What has to come, as the end of "waits for".
fn of_reason(why: &WhyNot, at: WallTime) -> String {
    // Nothing is known of the network because nobody supposed one.
    let why = if *why == WhyNot::NetworkUnknown { &WhyNot::Offline } else { why };
    why.waits_for(|until| shown_from(until, at))
}

fn of_budget(used: &Used, next: &NextStart) -> String {
    let limit = &next.parameters;
    format!(
        "{DIM}{} used {} of {} background starts and {} of {} background time in a day.{DIM:#}",
        used.origin,
        used.starts,
        limit.background_starts_per_day,
        roughly(used.time),
        roughly(limit.background_time_per_day),
    )
}
