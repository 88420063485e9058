use std::collections::BTreeMap;

use background_sync::TerminateReason;
use background_sync::policy::SyncKind;
use background_sync::registration::{MinInterval, Tag};
use serde::{Deserialize, Serialize};

use super::{RequestName, Time, WorkerName, spelled};
use crate::words;

words! {
    /// Something that must be so at this moment. Checked after everything else of its step has happened.
    Expectation {
        /// What a request was answered.
        Reply(ExpectReply) = "reply",
        /// An event was dispatched. Takes the oldest one of that worker and tag which no expectation took.
        Event(ExpectEvent) = "event",
        /// There is no event that no expectation took.
        NoEvent(Subject) = "no_event",
        /// How many events were dispatched in an interval, taken or not.
        Events(ExpectEvents) = "events",
        /// How many workers were started in an interval, with an event following or not.
        Starts(ExpectEvents) = "starts",
        /// What is registered of a worker, as inspectors see it.
        Registered(ExpectRegistered) = "registered",
        /// The registration as the store would keep it.
        Registration(ExpectRegistration) = "registration",
        /// Why a registration does not fire now.
        WhyNot(ExpectWhyNot) = "why_not",
        /// A line of the log. Takes the oldest one that fits and that no expectation took.
        Log(ExpectLog) = "log",
        /// No line of the log that no expectation took is of this event.
        NoLog(String) = "no_log",
        /// How many entries the machine's log holds.
        LogEntries(u64) = "log_entries",
        /// How many commits were asked for since the last such expectation.
        Commits(u64) = "commits",
        /// How many operations were in them, since the last such expectation.
        StoreOps(u64) = "store_ops",
        /// What the store holds: so many registrations.
        Stored(u64) = "stored",
        /// The wake-up asked of the system.
        WakeUp(ExpectWakeUp) = "wake_up",
        /// The wake-up by the system is over.
        WakeDone(bool) = "wake_done",
        /// A termination was asked for. Takes the oldest one that fits and that no expectation took.
        Terminate(ExpectTerminate) = "terminate",
        /// How many starts were abandoned since the last such expectation.
        Abandoned(u64) = "abandoned",
        /// How often the user was asked about another network since the last such expectation.
        Asked(u64) = "asked",
        /// How many events run.
        Running(u64) = "running",
        /// Whether the process is to be kept alive.
        KeepAlive(bool) = "keep_alive",
    }
}

/// A worker and perhaps a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Only of this worker.
    pub worker: Option<WorkerName>,
    /// Only of this tag.
    pub tag: Option<Tag>,
    /// Only of this kind.
    #[serde(default, with = "spelled::kind_option")]
    pub kind: Option<SyncKind>,
}

/// See [`Expectation::Reply`]. Exactly one of the answers is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectReply {
    /// The request.
    pub to: RequestName,
    /// It was resolved (`true`), or has no answer yet (`false`).
    pub ok: Option<bool>,
    /// It was rejected with this exception.
    pub error: Option<String>,
    /// It was rejected by this rule, by the name of the `Refusal` or `RegisterError`.
    pub refusal: Option<String>,
    /// It was resolved with these tags, in this order.
    pub tags: Option<Vec<Tag>>,
    /// It was resolved; whether there was something to cancel.
    pub cancelled: Option<bool>,
}

/// See [`Expectation::Event`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectEvent {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The tag.
    pub tag: Tag,
    /// Only one of this kind.
    #[serde(default, with = "spelled::kind_option")]
    pub kind: Option<SyncKind>,
    /// What it was told.
    pub last_chance: Option<bool>,
    /// Dispatched at exactly this moment.
    pub at: Option<Time>,
    /// Dispatched at this moment or later.
    pub from: Option<Time>,
    /// Dispatched at this moment or earlier.
    pub until: Option<Time>,
    /// The execution cap it was given.
    pub cap: Option<Time>,
    /// Whether its origin had no window.
    pub background: Option<bool>,
}

/// See [`Expectation::Events`] and [`Expectation::Starts`]; which tag a start is for is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectEvents {
    /// Only of this worker.
    pub worker: Option<WorkerName>,
    /// Only of this tag.
    pub tag: Option<Tag>,
    /// Only of this kind.
    #[serde(default, with = "spelled::kind_option")]
    pub kind: Option<SyncKind>,
    /// From this moment on; from the start when absent.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub from: Time,
    /// Until this moment, itself included; until now when absent.
    pub until: Option<Time>,
    /// Exactly so many.
    pub count: Option<u64>,
    /// Not fewer.
    pub at_least: Option<u64>,
    /// Not more.
    pub at_most: Option<u64>,
    /// At exactly these moments, in order.
    pub at: Option<Vec<Time>>,
}

/// See [`Expectation::Registered`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectRegistered {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The kind: `one_shot` unless it is `periodic`.
    #[serde(default = "spelled::one_shot", with = "spelled::kind", skip_serializing_if = "spelled::is_one_shot")]
    pub kind: SyncKind,
    /// The tags, first registration first.
    pub tags: Vec<Tag>,
}

/// See [`Expectation::Registration`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectRegistration {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The tag.
    pub tag: Tag,
    /// The kind: `one_shot` unless it is `periodic`.
    #[serde(default = "spelled::one_shot", with = "spelled::kind", skip_serializing_if = "spelled::is_one_shot")]
    pub kind: SyncKind,
    /// Its state.
    pub state: ExpectState,
    /// Attempts it was charged with.
    pub attempts: Option<u32>,
    /// When its wait or its spacing ends.
    pub until: Option<Time>,
    /// How often its page wants it to fire, of a periodic one.
    #[serde(default, with = "spelled::min_interval_option")]
    pub min_interval: Option<MinInterval>,
    /// Since when that counts, of a periodic one.
    pub anchor: Option<Time>,
}

/// States as a timeline writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectState {
    /// There is none.
    Absent,
    /// It fires as soon as it may.
    Pending,
    /// It waits for a retry.
    Waiting,
    /// Its event is being started or runs; of a periodic one, or it waits for a retry.
    Firing,
    /// As before, and it was registered again.
    ReregisteredWhileFiring,
    /// It is periodic, and does not fire before its user has to do with its site again, or lets it go on.
    Suspended,
}

/// See [`Expectation::WhyNot`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectWhyNot {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The tag.
    pub tag: Tag,
    /// The kind: `one_shot` unless it is `periodic`.
    #[serde(default = "spelled::one_shot", with = "spelled::kind", skip_serializing_if = "spelled::is_one_shot")]
    pub kind: SyncKind,
    /// Reasons that must be among those given, by name; other ones may be there too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// All reasons there are, by name, in any order.
    pub exactly: Option<Vec<String>>,
    /// One of the reasons is over by itself at exactly this moment.
    pub until: Option<Time>,
}

/// See [`Expectation::Log`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectLog {
    /// The event, by the name tools show.
    pub event: String,
    /// Only of this worker.
    pub worker: Option<WorkerName>,
    /// Only of this tag.
    pub tag: Option<Tag>,
    /// Only of this kind.
    #[serde(default, with = "spelled::kind_option")]
    pub kind: Option<SyncKind>,
    /// Details it must have; other ones may be there too.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub metadata: BTreeMap<String, String>,
}

/// See [`Expectation::WakeUp`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectWakeUp {
    /// Whether one is asked for at all.
    pub armed: bool,
    /// Whether it needs a network.
    pub network: Option<bool>,
    /// Whether it needs the charger.
    pub charging: Option<bool>,
    /// Whether it needs a network that is not paid by volume.
    pub unmetered: Option<bool>,
    /// Whether it needs a network of the user's own operator.
    pub not_roaming: Option<bool>,
    /// Whether it needs a battery that is not low.
    pub battery_not_low: Option<bool>,
    /// Its earliest moment.
    pub earliest: Option<Time>,
    /// Its latest moment.
    pub latest: Option<Time>,
}

/// See [`Expectation::Terminate`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectTerminate {
    /// Only of this worker.
    pub worker: Option<WorkerName>,
    /// Only of this tag.
    pub tag: Option<Tag>,
    /// Only of this kind.
    #[serde(default, with = "spelled::kind_option")]
    pub kind: Option<SyncKind>,
    /// Why.
    #[serde(default, with = "spelled::terminate_reason_option")]
    pub reason: Option<TerminateReason>,
    /// At exactly this moment.
    pub at: Option<Time>,
}
