//! What happens in a run as objects for a program: one a line, always with the same fields. What background sync
//! logs has the names `DevTools` uses.

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{Sequence, Tag, WallTime};
use background_sync::{LogEntry, RegistrationView, WhyNot};
use serde_json::{Map, Value, json};

use crate::engine::{Happening, Mismatch};

/// The registration that an object is about.
#[derive(Default)]
struct About<'a> {
    key: Option<&'a RegistrationKey>,
    kind: Option<SyncKind>,
    tag: Option<&'a Tag>,
    instance: Option<Sequence>,
}

fn object(at: WallTime, event: &str, about: &About<'_>, metadata: Value) -> Value {
    json!({
        "at": wall(at),
        "event": event,
        "origin": about.key.map(|key| key.origin().as_str()),
        "scope": about.key.map(|key| key.scope().as_str()),
        "kind": about.kind.map(SyncKind::name),
        "tag": about.tag,
        "instance_id": about.instance,
        "metadata": metadata,
    })
}

/// A line of background sync's log.
pub(crate) fn of_entry(entry: &LogEntry) -> Value {
    let details = entry.metadata.iter().map(|detail| (detail.name().name().to_owned(), json!(detail.to_string())));
    let about = About { key: entry.key.as_ref(), kind: entry.kind, tag: entry.tag.as_ref(), instance: entry.instance };
    object(entry.at, entry.event.name(), &about, Value::Object(details.collect::<Map<_, _>>()))
}

/// What is not background sync's own.
pub(crate) fn of_timeline(happening: &Happening) -> Value {
    let details = json!({ "Who": happening.who.name(), "What": happening.what, "Why": happening.why });
    object(happening.wall, "Timeline", &About::default(), details)
}

/// What differs from what a step expects.
pub(crate) fn of_mismatch(at: WallTime, place: &str, mismatch: &Mismatch) -> Value {
    let details = json!({ "Place": place, "Expected": mismatch.expected, "Found": mismatch.found });
    object(at, "Not as expected", &About::default(), details)
}

/// What is still registered at the end of a run.
pub(crate) fn of_registration(at: WallTime, view: &RegistrationView, waits_for: Option<&str>) -> Value {
    let why_not: Vec<_> = view.why_not.iter().map(reason).collect();
    let details = json!({
        "State": view.state,
        "Waits For": waits_for,
        "Why Not": why_not,
        "Min Interval (ms)": view.schedule.map(|schedule| schedule.min_interval.ms()),
        "Anchor": view.schedule.map(|schedule| wall(schedule.anchor)),
    });
    let about =
        About { key: Some(&view.key), kind: Some(view.kind), tag: Some(&view.tag), instance: Some(view.sequence) };
    object(at, "Still registered", &about, details)
}

/// A reason has a name, and some an end. A condition is named itself, and so is what holds only periodic syncs.
pub(crate) fn reason(why: &WhyNot) -> Value {
    let name = match why {
        WhyNot::Periodic { why, .. } => serde_json::to_value(why),
        WhyNot::Condition { condition, .. } => serde_json::to_value(condition),
        why => serde_json::to_value(why),
    };
    let name = match name.unwrap_or_default() {
        Value::Object(fields) => fields.keys().next().map(|name| Value::from(name.as_str())).unwrap_or_default(),
        name => name,
    };
    json!({ "reason": name, "until": why.until().map(wall) })
}

/// A moment, in seconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age fit a float exactly")]
pub(crate) fn wall(at: WallTime) -> f64 {
    at.unix_ms() as f64 / 1_000.0
}
