use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use serde::{Deserialize, Serialize};

use super::{End, Time, WorkerName, spelled};

/// How a worker takes events of a tag, until told otherwise or for so many events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// The service worker registration.
    pub worker: WorkerName,
    /// Only events of this tag; of every tag when absent.
    pub tag: Option<Tag>,
    /// Only events of this kind; of both when absent.
    #[serde(default, with = "spelled::kind_option")]
    pub kind: Option<SyncKind>,
    /// Whether it starts.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub start: Start,
    /// How long it takes to start.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub starts_in: Time,
    /// What it does with the event.
    #[serde(default, rename = "does")]
    pub deed: Deed,
    /// How long the event takes.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub takes: Time,
    /// A tag that the handler registers while the event runs.
    pub registers: Option<Tag>,
    /// For how many events this goes; from now on when absent. What goes for so many events comes first.
    pub times: Option<u32>,
}

impl Behaviour {
    /// A worker that does as it should.
    #[must_use]
    pub fn good(worker: WorkerName) -> Self {
        Self {
            worker,
            tag: None,
            kind: None,
            start: Start::Works,
            starts_in: Time::ZERO,
            deed: Deed::Fulfil,
            takes: Time::ZERO,
            registers: None,
            times: None,
        }
    }
}

/// Whether a worker starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// It does.
    #[default]
    Works,
    /// Its script cannot be loaded, or throws.
    Fails,
    /// The host has no room.
    Busy,
    /// The host loses the attempt.
    Lost,
    /// The host never answers.
    Hangs,
}

/// What a worker does with an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Every promise is fulfilled.
    #[default]
    Fulfil,
    /// One is rejected.
    Reject,
    /// The worker's process dies.
    Crash,
    /// Nothing ends it but a termination, or a `finish` step.
    Hang,
    /// Nothing ends it, and the host does not obey a termination either.
    Defy,
    /// The host puts it off by this much.
    Defer(Time),
}

impl Deed {
    /// The end it brings about by itself, if it does.
    #[must_use]
    pub const fn end(self) -> Option<End> {
        match self {
            Self::Fulfil => Some(End::Fulfil),
            Self::Reject => Some(End::Reject),
            Self::Crash => Some(End::Crash),
            Self::Defer(by) => Some(End::Defer(by)),
            Self::Hang | Self::Defy => None,
        }
    }
}

/// How the store takes commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreMood {
    /// At once. Lets go of what was held.
    #[default]
    Works,
    /// It takes this long.
    Takes(Time),
    /// Every commit fails.
    Fails,
    /// The next so many commits fail.
    FailsNext(u32),
    /// The next so many commits are durable, and are said to have failed.
    FailsAfterWriting(u32),
    /// The next commit fails, and what was registered is no longer there. It is given everything anew.
    LosesContents,
    /// Nothing becomes durable and nothing is answered.
    Holds,
    /// Commits become durable, and nothing is answered.
    HoldsAnswers,
    /// The next so many reads of the store fail.
    FailsToLoad(u32),
    /// The process dies right after the n-th commit from now became durable, before it is answered, and
    /// starts again at once.
    CrashesAfter(u32),
    /// The process dies right before the n-th commit from now would become durable, and starts again at
    /// once.
    CrashesBefore(u32),
}

/// Something a host must not say, and a machine must survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Odd {
    /// Says again what it said last about an event that ended.
    RepeatFinished,
    /// Says again that a worker is ready.
    RepeatReady,
    /// Says again that a commit is durable.
    RepeatCommitted,
    /// Says again that a reply arrived.
    RepeatDelivered,
    /// Hands over the store's content again.
    RepeatLoaded,
    /// An event with this number, as its session counts, was fulfilled.
    Finished(u64),
    /// The worker of the attempt with this number runs.
    Ready(u64),
    /// The attempt with this number could not be started.
    NotStarted(u64),
    /// The commit with this number is durable.
    Committed(u64),
    /// The commit with this number failed.
    CommitFailed(u64),
    /// The reply to the request with this number arrived.
    Delivered(u64),
    /// The user says yes to the attempt with this number.
    Answered(u64),
    /// A network notice older than any: online.
    StaleNetwork,
    /// A notice older than any about every origin: it is offline.
    StaleOriginNetworks,
    /// Says again, so many times, what is so: windows, permissions, workers.
    Chatter(u32),
    /// Reads its monotonic clock wrongly, this much too early, once.
    Backwards(Time),
    /// Words about attempts and commits of the process's life before, those that were on their way when it ended among
    /// them, arrive now.
    EarlierLife,
    /// Time passes so often at this very moment.
    Ticks(u32),
}
