use background_sync::policy::{Origin, PermissionState, SyncKind, SystemRestriction, UserSwitch, WindowClients};
use background_sync::registration::Tag;
use background_sync::scheduler::{ConditionOverride, PowerState, UtcOffset};
use serde::{Deserialize, Serialize};

use super::{
    Behaviour, EngagementStep, Jump, Network, Odd, PartitionName, Pause, Register, RegisterMany, RegisterPeriodic,
    RequestName, StoreMood, Time, UnregisterPeriodic, Visit, WorkerName, spelled,
};
use crate::words;

words! {
    /// Something that happens.
    Step {
        /// The fully active windows of an origin are these from now on.
        Windows(Windows) = "windows",
        /// The network is in this state from now on, for everybody.
        Network(Network) = "network",
        /// One origin has another network than everybody.
        OriginNetwork(OriginNetwork) = "origin_network",
        /// `register(tag)` is called.
        Register(Register) = "register",
        /// `register(tag)` is called for many tags, one after the other.
        RegisterMany(RegisterMany) = "register_many",
        /// `register(tag, options)` of the periodic manager is called.
        RegisterPeriodic(RegisterPeriodic) = "register_periodic",
        /// `unregister(tag)` of the periodic manager is called.
        UnregisterPeriodic(UnregisterPeriodic) = "unregister_periodic",
        /// `getTags()` is called.
        GetTags(Ask) = "get_tags",
        /// The engine's own interface cancels a registration.
        Cancel(Cancel) = "cancel",
        /// The permission of an origin changes.
        Permission(Permission) = "permission",
        /// The user moves the switch, of one origin or of all.
        Switch(Switch) = "switch",
        /// The operating system restricts background work, or no longer does.
        Restriction(Restriction) = "restriction",
        /// What is known of the charger and the battery from now on.
        Power(Power) = "power",
        /// The user says to run what conditions hold back, of one origin or of all, or takes that back.
        Override(Override) = "override",
        /// The user has opened, or come back to, a page of an origin.
        Visit(Visit) = "visit",
        /// Civil time is so many minutes ahead of UTC from now on.
        UtcOffset(UtcOffset) = "utc_offset",
        /// The engine judges anew how much the user has to do with an origin.
        Engagement(EngagementStep) = "engagement",
        /// The user pauses the periodic syncs of an origin, or lets them go on.
        Pause(Pause) = "pause",
        /// A worker's registration changes its state.
        Worker(WorkerStep) = "worker",
        /// A service worker registration is unregistered.
        Unregister(WorkerName) = "unregister",
        /// Its scope is registered again: another registration, with an active worker.
        Reinstall(WorkerName) = "reinstall",
        /// How the worker takes its next events.
        Behave(Behaviour) = "behave",
        /// Ends an event that hangs.
        Finish(Finish) = "finish",
        /// Site data is cleared.
        Clear(Clear) = "clear",
        /// A private partition is closed.
        Close(PartitionName) = "close",
        /// The system sleeps, or wakes.
        System(System) = "system",
        /// Something happens to the engine's process.
        Process(Process) = "process",
        /// The wall clock is set.
        Clock(Jump) = "clock",
        /// The operating system wakes the engine for background work.
        Woken(Woken) = "woken",
        /// How the store takes commits from now on.
        Store(StoreMood) = "store",
        /// What becomes of replies from now on.
        Replies(Replies) = "replies",
        /// What becomes of the host's notices from now on.
        Notices(Notices) = "notices",
        /// Whether the host wants to hear when what it takes away is durably gone.
        Removals(Removals) = "removals",
        /// When the host knows its service worker registrations, at the starts from now on.
        WorkersKnown(WorkersKnown) = "workers_known",
        /// Whether the system wakes the engine when it was asked to.
        WakeUps(WakeUps) = "wake_ups",
        /// What the user answers from now on when asked about another network.
        User(UserAnswer) = "user",
        /// The host says something that makes no sense.
        Odd(Odd) = "odd",
    }
}

/// See [`Step::Windows`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// The origin.
    pub origin: Origin,
    /// The partition.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// Tabs.
    #[serde(default)]
    pub top_level: u32,
    /// Windows with an opener.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub auxiliary: u32,
    /// Frames inside other documents, which no rule counts.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub nested: u32,
}

impl Windows {
    /// As the machine takes them.
    #[must_use]
    pub const fn clients(&self) -> WindowClients {
        WindowClients::new(self.top_level, self.auxiliary)
    }
}

/// See [`Step::OriginNetwork`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OriginNetwork {
    /// The origin.
    pub origin: Origin,
    /// Its network.
    pub state: Network,
}

/// See [`Step::GetTags`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The kind: `one_shot` unless it is `periodic`.
    #[serde(default = "spelled::one_shot", with = "spelled::kind", skip_serializing_if = "spelled::is_one_shot")]
    pub kind: SyncKind,
    /// What to call the request.
    pub id: Option<RequestName>,
}

/// See [`Step::Cancel`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The kind: `one_shot` unless it is `periodic`.
    #[serde(default = "spelled::one_shot", with = "spelled::kind", skip_serializing_if = "spelled::is_one_shot")]
    pub kind: SyncKind,
    /// The tag.
    pub tag: Tag,
    /// What to call the request.
    pub id: Option<RequestName>,
}

/// See [`Step::Permission`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// The origin.
    pub origin: Origin,
    /// The partition.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// The kind: `one_shot` unless it is `periodic`.
    #[serde(default = "spelled::one_shot", with = "spelled::kind", skip_serializing_if = "spelled::is_one_shot")]
    pub kind: SyncKind,
    /// What it is now: `granted`, `prompt` or `denied`.
    #[serde(with = "spelled::permission")]
    pub state: PermissionState,
}

/// See [`Step::Switch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Where it is now: `on` or `off`.
    #[serde(with = "spelled::switch")]
    pub to: UserSwitch,
    /// Whose; everybody's when absent.
    pub origin: Option<Origin>,
    /// The partition, when there is an origin.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// The kind: `one_shot` unless it is `periodic`.
    #[serde(default = "spelled::one_shot", with = "spelled::kind", skip_serializing_if = "spelled::is_one_shot")]
    pub kind: SyncKind,
}

/// See [`Step::Restriction`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// Background work is allowed.
    None,
    /// It is not.
    Restricted,
}

impl From<Restriction> for SystemRestriction {
    fn from(restriction: Restriction) -> Self {
        match restriction {
            Restriction::None => Self::None,
            Restriction::Restricted => Self::Restricted,
        }
    }
}

/// See [`Step::Power`]. What is left out is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// Whether the device is on the charger.
    pub charging: Option<bool>,
    /// Whether the battery is low.
    pub battery_low: Option<bool>,
}

impl From<Power> for PowerState {
    fn from(power: Power) -> Self {
        let Power { charging, battery_low } = power;
        Self { charging, battery_low }
    }
}

/// See [`Step::Override`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// What counts now: `run_anyway` or `none`.
    pub to: ConditionOverride,
    /// Whose; everybody's when absent.
    pub origin: Option<Origin>,
    /// The partition, when there is an origin.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// The kind: `one_shot` unless it is `periodic`.
    #[serde(default = "spelled::one_shot", with = "spelled::kind", skip_serializing_if = "spelled::is_one_shot")]
    pub kind: SyncKind,
}

/// What a service worker registration has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerCondition {
    /// The host has not read its registrations yet.
    NotLoaded,
    /// No active worker.
    None,
    /// An active worker that is still activating.
    Activating,
    /// An activated worker.
    #[default]
    Active,
}

/// See [`Step::Worker`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerStep {
    /// The service worker registration.
    pub name: WorkerName,
    /// What it has now. Saying `active` again stands for a new active worker.
    pub state: WorkerCondition,
}

/// See [`Step::Finish`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The tag of the event.
    pub tag: Tag,
    /// Only one of this kind.
    #[serde(default, with = "spelled::kind_option")]
    pub kind: Option<SyncKind>,
    /// How it ends.
    pub how: End,
}

/// How an event ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Every promise is fulfilled.
    #[default]
    Fulfil,
    /// One is rejected.
    Reject,
    /// The host terminates the worker.
    Terminate,
    /// The worker's process dies.
    Crash,
    /// The host puts it off by this much.
    Defer(Time),
}

/// See [`Step::Clear`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clear {
    /// The partition.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// Only this origin.
    pub origin: Option<Origin>,
    /// Only this service worker registration.
    pub worker: Option<WorkerName>,
    /// Only what was registered since this moment of the timeline.
    pub since: Option<Time>,
    /// What to call the request; with a name it is answered when what it took away is durably gone.
    pub id: Option<RequestName>,
}

/// See [`Step::System`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    /// It goes to sleep: the monotonic clock stands still and nothing runs.
    Sleep,
    /// It wakes up.
    Wake,
}

/// See [`Step::Process`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Process {
    /// It is frozen: clocks go on, it does not.
    Freeze,
    /// It goes on.
    Thaw,
    /// It shuts down in an orderly way.
    Shutdown,
    /// It dies; only what was durable stays. Windows are gone too.
    Crash,
    /// It starts (again) and reads its store.
    Start,
}

/// See [`Step::Woken`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Woken {
    /// How long the system lets it run.
    pub budget: Time,
}

/// See [`Step::Replies`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replies {
    /// They arrive at once.
    #[default]
    Arrive,
    /// They are lost, and nobody notices.
    Vanish,
    /// The caller turns out to be gone.
    CallerGone,
    /// They arrive after this long.
    Take(Time),
}

/// See [`Step::Notices`]: of windows, permissions, switches, workers, the system's restriction, networks of single
/// origins, visits, engagement, pauses, and civil time. What is lost or late the machine learns from facts that come with something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notices {
    /// They arrive at once.
    #[default]
    Arrive,
    /// They are lost.
    Vanish,
    /// They arrive after this long, and say what was true when they were made.
    Take(Time),
}

/// See [`Step::Removals`]: of all that takes registrations away but a cancellation, which is always answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removals {
    /// It takes them for done.
    #[default]
    Unasked,
    /// It asks, each time.
    Asked,
}

/// See [`Step::WorkersKnown`]. Until then there is none of them, as far as it says when its store was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkersKnown {
    /// From the start on.
    #[default]
    AtOnce,
    /// After this long.
    After(Time),
    /// Never.
    Never,
}

/// See [`Step::WakeUps`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WakeUps {
    /// It never does.
    #[default]
    Never,
    /// It does a second after the earliest moment it was asked for, for half a minute, if there is a network or
    /// a portal.
    Come,
}

/// See [`Step::User`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserAnswer {
    /// Yes, use this network.
    SaysYes,
    /// No.
    SaysNo,
    /// Nothing at all.
    #[default]
    Ignores,
}
