use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use background_sync_simulator::timeline::{RequestName, WorkerName};
use serde::{Deserialize, Serialize};

/// Real milliseconds since a timeline began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(pub u64);

impl Moment {
    /// So much later.
    #[must_use]
    pub fn plus(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
    }

    /// So much earlier, or the start.
    #[must_use]
    pub fn minus(self, wait: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long after another it is; nothing when it is earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} s", self.0 / 1000, self.0 % 1000 / 100)
    }
}

/// One-shot or periodic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A `sync` event.
    OneShot,
    /// A `periodicsync` event.
    Periodic,
}

impl From<SyncKind> for Kind {
    fn from(kind: SyncKind) -> Self {
        match kind {
            SyncKind::OneShot => Self::OneShot,
            SyncKind::Periodic => Self::Periodic,
        }
    }
}

/// An event that a worker's script was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSeen {
    /// Whose.
    pub worker: WorkerName,
    /// Its kind.
    pub kind: Kind,
    /// Its tag.
    pub tag: Tag,
    /// Its `lastChance`; none where the event has no such attribute.
    pub last_chance: Option<bool>,
    /// When.
    pub at: Moment,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The promise was fulfilled, with nothing.
    Resolved,
    /// With these tags.
    Tags(Vec<Tag>),
    /// It was rejected, with an exception of this name.
    Rejected(String),
}

/// What was so at the end of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSeen {
    /// When it began.
    pub begun: Moment,
    /// When all that happens in it had been done.
    pub acted: Moment,
    /// When everything in it had settled, or nobody waited any longer.
    pub settled: Moment,
    /// What `getTags()` gave, where somebody asked.
    pub listed: Vec<(WorkerName, Kind, Vec<Tag>)>,
    /// Answers that have come, from the beginning on.
    pub answers: BTreeMap<RequestName, Answer>,
    /// How many events ran.
    pub running: u64,
    /// What the step could not do, since what it is done to was not there.
    pub undone: Vec<String>,
}

/// What was seen of a timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observations {
    /// Steps that were played, in order.
    pub steps: Vec<StepSeen>,
    /// Events, in order.
    pub events: Vec<EventSeen>,
}
