use std::collections::BTreeMap;

use background_sync::registration::Tag;
use background_sync::scheduler::Preset;
use background_sync_simulator::timeline::{RequestName, WorkerName};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::seen::{Answer, EventSeen, Kind};

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;

/// What an engine is asked, one thing at a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Everything begins anew, for another timeline. Boxed: it is much larger than the others.
    Start(Box<Start>),
    /// Time passes until this many milliseconds since the start, and everything due until then, that moment included, is done.
    At(u64),
    /// One word of a timeline's step and its value; the same as in its file.
    Do(BTreeMap<&'static str, Value>),
    /// What is to be seen, once everything due at this moment is done.
    Look(Look),
}

/// See [`Ask::Start`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Start {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The fixture's name.
    pub fixture: String,
    /// The parameters it starts from.
    pub preset: Preset,
    /// The seed, for an engine that draws.
    pub seed: u64,
    /// Parameters that differ, as a timeline writes them.
    pub parameters: Value,
    /// The service worker registrations there are.
    pub workers: Value,
}

/// See [`Ask::Look`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Look {
    /// Whose `getTags()` is asked for; nothing else of the world changes by it.
    pub tags: Vec<TagsAsked>,
}

/// A list of tags.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TagsAsked {
    /// Whose.
    pub worker: WorkerName,
    /// Of which kind.
    pub kind: Kind,
}

/// What an engine answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is done.
    Ok(Ready),
    /// The engine has no such thing: the fixture is not run.
    Cannot(String),
    /// What is done to is not there: the event that should end does not run, for one. The fixture fails.
    Undone(String),
    /// To a look.
    Seen(Looked),
}

/// Nothing but that it is done; at the start it may say more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ready {
    /// How many milliseconds an event may be from its moment; none unless it is said.
    pub tolerance: u64,
}

/// What is to be seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    /// Events that were dispatched since the last look, in order.
    pub events: Vec<EventSeen>,
    /// Answers to calls that have an `id`, since the last look.
    pub replies: BTreeMap<RequestName, Answer>,
    /// The lists asked for; one that nobody can be asked for is left out.
    pub tags: Vec<TagsSeen>,
    /// How many events run.
    pub running: u64,
}

/// What `getTags()` gives.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsSeen {
    /// Whose.
    pub worker: WorkerName,
    /// Of which kind.
    pub kind: Kind,
    /// In its order.
    pub tags: Vec<Tag>,
}
