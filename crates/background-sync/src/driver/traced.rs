//! Reports as events of `tracing`, for who collects those of everything.

use std::fmt::Display;

use tracing::field::{DisplayValue, display};
use tracing::{debug, error, info, warn};

use super::{HostPanic, Report};
use crate::{Detail, EventName, LogEntry, StoreFailure};

/// Says one report to whoever subscribes.
pub(super) fn trace(report: &Report) {
    match report {
        Report::Event(entry) => trace_entry(entry),
        Report::StoreFailed(failure) => trace_failure(failure),
        Report::HostPanicked(HostPanic { during, message }) => {
            error!(target: "background_sync", during = during.name(), panic = %message, "host panicked");
        }
        // They were all said here.
        Report::Missed(_) => {}
    }
}

fn trace_failure(failure: &StoreFailure) {
    let contents_lost = match failure {
        StoreFailure::Failed(_) | StoreFailure::Dropped => false,
        StoreFailure::ContentsLost(_) => true,
    };
    warn!(target: "background_sync", contents_lost, reason = %failure, "store failed");
}

/// How much an entry matters.
enum Weight {
    Trouble,
    News,
    Detail,
}

fn weight(event: EventName) -> Weight {
    match event {
        EventName::StoreFailed => Weight::Trouble,
        EventName::RegisteredSync
        | EventName::DispatchedSyncEvent
        | EventName::SyncEventReregistered
        | EventName::SyncEventFailed
        | EventName::SyncCompleted
        | EventName::PeriodicSyncEventEnded
        | EventName::StoreLoaded => Weight::News,
        EventName::ReregisteredSync
        | EventName::RegistrationRefused
        | EventName::SyncEventNotStarted
        | EventName::SyncRetriedEarly
        | EventName::InputIgnored => Weight::Detail,
    }
}

/// I12: of a private partition nothing is said here. A subscriber may well be a file.
fn trace_entry(entry: &LogEntry) {
    if entry.key.as_ref().is_some_and(|key| key.partition().is_private()) {
        return;
    }
    let it = Fields::of(entry);
    // A field is named where it is used, and the three uses differ by their level alone.
    macro_rules! say {
        ($level:ident) => {
            $level!(
                target: "background_sync",
                event = entry.event.name(),
                scope = it.scope,
                kind = it.kind,
                tag = it.tag,
                instance = it.instance,
                last_chance = it.last_chance,
                last_chance_reason = it.last_chance_reason,
                next_attempt_delay_ms = it.next_attempt_delay_ms,
                failure_reason = it.failure_reason,
                status = it.status,
                reason = it.reason,
                attempts = it.attempts,
                charge = it.charge,
                count = it.count,
                lost = it.lost,
            )
        };
    }
    match weight(entry.event) {
        Weight::Trouble => say!(warn),
        Weight::News => say!(info),
        Weight::Detail => say!(debug),
    }
}

/// What an entry says, as values that `tracing` takes. What it does not say is no field of the event.
#[derive(Default)]
struct Fields<'a> {
    scope: Option<&'a str>,
    kind: Option<&'static str>,
    tag: Option<DisplayValue<&'a dyn Display>>,
    instance: Option<u64>,
    last_chance: Option<bool>,
    last_chance_reason: Option<&'static str>,
    next_attempt_delay_ms: Option<u64>,
    failure_reason: Option<&'static str>,
    status: Option<DisplayValue<&'a dyn Display>>,
    reason: Option<DisplayValue<&'a dyn Display>>,
    attempts: Option<u64>,
    charge: Option<DisplayValue<&'a dyn Display>>,
    count: Option<u64>,
    lost: Option<u64>,
}

impl<'a> Fields<'a> {
    fn of(entry: &'a LogEntry) -> Self {
        let text = |text: &'a dyn Display| Some(display(text));
        let mut it = Self {
            scope: entry.key.as_ref().map(|key| key.scope().as_str()),
            kind: entry.kind.map(|kind| kind.name()),
            tag: entry.tag.as_ref().and_then(|tag| text(tag)),
            instance: entry.instance.map(|sequence| sequence.0),
            ..Self::default()
        };
        for detail in &entry.metadata {
            match detail {
                Detail::LastChance(yes) => it.last_chance = Some(*yes),
                Detail::LastChanceReason(why) => it.last_chance_reason = Some(why.as_str()),
                Detail::NextAttemptDelay(delay) => {
                    it.next_attempt_delay_ms = Some(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
                }
                Detail::FailureReason(why) => it.failure_reason = Some(why.name()),
                Detail::Status(status) => it.status = text(status),
                Detail::Reason(why) => it.reason = text(why),
                Detail::Attempts(number) => it.attempts = Some(u64::from(*number)),
                Detail::Charge(_) => it.charge = text(detail),
                Detail::Count(number) => it.count = Some(*number),
                Detail::Lost(number) => it.lost = Some(*number),
            }
        }
        it
    }
}
