//! A registration for a program.

use background_sync::policy::{Partition, SyncKind};
use background_sync::registration::StoredState;
use background_sync_scheduler::LastChance;
use serde_json::{Value, json};

use super::super::json::{reason, wall};
use super::next_start::{Becomes, NextStart, Registered};

/// One object, always with the same fields.
pub(super) fn of(registered: &Registered, next: &NextStart) -> Value {
    let Registered { stored, becomes } = registered;
    let (resumes_as, removed, series, not_before, last_chance, why_not) = match becomes {
        Becomes::Kept { view, not_before, last_chance } => {
            let why_not = view.why_not.iter().map(reason).collect();
            (Some(&view.state), None, view.series, *not_before, *last_chance, why_not)
        }
        Becomes::Removed(why) => (None, Some(why), stored.series, None, None, Vec::new()),
    };
    let (used_starts, used_time) = next.used_by(stored).map_or((0, 0.0), |used| (used.starts, used.time.as_secs_f64()));
    let schedule = stored.schedule;
    json!({
        "partition": number_of(stored.key.partition()),
        "origin": stored.key.origin().as_str(),
        "scope": stored.key.scope().as_str(),
        "kind": stored.kind.name(),
        "tag": stored.tag,
        "instance_id": stored.sequence,
        "state": name_of(stored.state),
        "resumes_as": resumes_as,
        "removed": removed,
        "attempts": series.attempts,
        "max_attempts": max_attempts(stored.kind, next),
        "free_in_a_row": series.free_in_a_row,
        "last_chance": last_chance.is_some(),
        "last_chance_because": last_chance.map(LastChance::as_str),
        "registered_at": wall(stored.registered.wall),
        "min_interval": schedule.map(|schedule| schedule.min_interval.ms()),
        "anchor": schedule.map(|schedule| wall(schedule.anchor)),
        "not_before": not_before.map(wall),
        "why_not": Value::Array(why_not),
        "background_starts": used_starts,
        "background_time": used_time,
        "at": wall(next.at),
    })
}

/// How often the event of a registration may be started: for a periodic one, each time that it has its turn.
pub(super) fn max_attempts(kind: SyncKind, next: &NextStart) -> u32 {
    match kind {
        SyncKind::OneShot => next.parameters.max_sync_attempts,
        SyncKind::Periodic => next.parameters.periodic.max_retries.saturating_add(1),
    }
}

/// The state's name as the specification spells it.
pub(super) fn name_of(state: StoredState) -> &'static str {
    match state {
        StoredState::Pending(_) => "pending",
        StoredState::Waiting(..) => "waiting",
        StoredState::Firing(_) => "firing",
        StoredState::ReregisteredWhileFiring => "reregisteredWhileFiring",
    }
}

pub(super) fn number_of(partition: Partition) -> u64 {
    match partition {
        Partition::Profile(id) | Partition::Private(id) => id.0,
    }
}
