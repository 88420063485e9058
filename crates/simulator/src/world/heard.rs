use std::fmt;
use std::hash::Hasher as _;

use background_sync::{Machine, Output};
use serde_json::Value;
use siphasher::sip::SipHasher13;

use super::watch::Keep;

/// Everything a machine said and showed in a world: outputs, its next moments, its views. Two machines of which this
/// is equal behave alike, whatever is inside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    keep: Option<Keep>,
    digest: Digest,
    lines: Vec<String>,
}

/// The same on every machine and for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(u64);

impl Heard {
    pub(super) fn new(keep: Option<Keep>) -> Self {
        Self { keep, ..Self::default() }
    }

    /// What was said after one input.
    pub(super) fn take(&mut self, outputs: &[Output], machine: &Machine) {
        let Some(keep) = self.keep else { return };
        let views: Vec<_> = machine.registrations().collect();
        let mut said = serde_json::json!({
            "said": outputs,
            "deadline": machine.next_deadline(),
            "wake_up": machine.next_wakeup(),
            "count": machine.registration_count(),
            "views": views,
        });
        write_out_details(&mut said["said"], outputs);
        as_recorded(&mut said);
        let line = said.to_string();
        self.digest.add(&line);
        match keep {
            Keep::Digest => {}
            Keep::Lines => self.lines.push(line),
        }
    }

    /// A digest of all of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// All of it, a line for each input.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

/// Gives every detail of the log as name and text: the recorded machine knew them as nothing else.
fn write_out_details(said: &mut Value, outputs: &[Output]) {
    for (at, output) in outputs.iter().enumerate() {
        if let Output::Event(entry) = output {
            let details = entry.metadata.iter().map(|detail| (detail.name(), detail.to_string()));
            said[at]["Event"]["metadata"] = details.map(|detail| serde_json::json!(detail)).collect();
        }
    }
}

/// Takes out what the recorded machine did not know: the kind of everything that names one, what only periodic syncs
/// have, what a wake-up does not need; and the session out of numbers, as it counted attempts and commits from the start
/// in every session.
fn as_recorded(said: &mut Value) {
    match said {
        Value::Object(fields) => {
            fields.retain(|name, value| match name.as_str() {
                "kind" => !value.is_null() && value.as_str() != Some("OneShot"),
                "schedule" => !value.is_null(),
                "periodic" => false,
                "unmetered" | "not_roaming" | "battery_not_low" => *value != Value::Bool(false),
                _ => true,
            });
            for name in ["attempt", "txn"] {
                if let Some(number) = fields.get(name).and_then(Value::as_u64) {
                    fields.insert(name.to_owned(), (number & u64::from(u32::MAX)).into());
                }
            }
            fields.values_mut().for_each(as_recorded);
        }
        Value::Array(values) => values.iter_mut().for_each(as_recorded),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Digest {
    fn add(&mut self, line: &str) {
        let mut hasher = SipHasher13::new_with_keys(self.0, 0);
        hasher.write(line.as_bytes());
        self.0 = hasher.finish();
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
