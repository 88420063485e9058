//! What becomes of a promise: registered again, failed, told that it is its last chance.

use std::time::Duration;

use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::scheduler::SyncParameters;
use background_sync::{AskedBy, SyncEventInit};

use super::calls::Ask;
use super::model::End;
use super::record::{Certainty, Record, Wait};
use super::series::{self, Excused};
use super::{Verdict, broken};

/// A tag that is registered again while no event of it runs.
pub(super) fn rest_again(record: &mut Record, ask: &Ask, now: MonotonicTime, parameters: &SyncParameters) {
    let spaced = now.after(parameters.min_refire_spacing);
    let hop = now.after(ask.hop).max(spaced);
    match (record.wait.backs_off(now), ask.asked_by) {
        // It was waiting: pending again, in a new series.
        (Certainty::Yes, _) => {
            record.begin_series();
            record.wait = Wait::at_most(if ask.asked_by == AskedBy::Worker { hop } else { spaced });
            record.networks = Some(Vec::new());
        }
        // A page does not wait for what a loop or a failed start cost.
        (Certainty::No, AskedBy::Page) => {
            record.wait.at_most = record.wait.at_most.min(Some(spaced));
            record.wait.at_least = None;
        }
        (Certainty::No, AskedBy::Worker) => {}
        (Certainty::Maybe, AskedBy::Page) => {
            record.may_begin_series();
            record.wait = Wait::at_most(spaced);
        }
        (Certainty::Maybe, AskedBy::Worker) => {
            record.may_begin_series();
            record.wait.at_least = None;
            record.wait.or_until(hop);
        }
    }
}

/// An event failed that was not the last: another follows.
pub(super) fn fail(record: &mut Record, end: End, excused: Excused, now: Now, parameters: &SyncParameters) {
    record.series.book_event(excused, parameters);
    let deferral = match end {
        End::Deferred(by) => by.min(parameters.max_deferral),
        End::Fulfilled | End::Failed => Duration::ZERO,
    };
    let shortest = series::shortest_back_off(record.series.fewest_attempts(), parameters).max(deferral);
    let longest = series::longest_back_off(record.series.most_attempts(), parameters).max(deferral);
    record.wait = Wait::back_off(now.monotonic, shortest, longest, !deferral.is_zero());
}

/// I6: an event is told what the rules say of its series and its age.
pub(super) fn last_chance_is_true(
    record: &mut Record,
    event: &SyncEventInit,
    calls: &[WallTime],
    now: Now,
    parameters: &SyncParameters,
) -> Verdict {
    let registered = record.registered;
    let before = record.series.clone();
    // A call that is on its way may be in the list already, its reply waiting for its turn.
    if !calls.is_empty() {
        record.may_begin_series();
    }
    let told = |series| {
        let newest = calls.iter().copied().max().unwrap_or(registered);
        [registered, newest].map(|registered| series::is_last_chance(series, registered, now.wall, parameters))
    };
    if record.series.keep_truthful(event.last_chance, told) {
        return Ok(());
    }
    let age = now.wall.since(registered);
    let said = if event.last_chance { "is" } else { "is not" };
    broken(
        "I6",
        format!(
            "an event of {:?} is told that it {said} its last chance; it has {before:?} and is {age:?} old",
            event.tag
        ),
    )
}
