use std::time::Duration;

use background_sync_policy::{
    Facts, Origin, Partition, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
    WorkerState,
};
use background_sync_registration::{StoredRegistration, Tag, WallTime};
use background_sync_scheduler::{AskedBy, ConditionOverride, NetworkState, PowerState};
use serde::{Deserialize, Serialize};

use crate::{AttemptId, Loaded, NotStarted, Outcome, Reply, RequestId, TxnId, WakeToken};

/// Everything that can happen to the machine. Plain data, so that it can come from another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// Some of what the store holds. `Loaded` ends it; `LoadFailed` says that it begins anew.
    Rows {
        /// The registrations, in any order.
        registrations: Vec<StoredRegistration>,
    },
    /// The store was read. Until then everything that touches registrations waits.
    Loaded(Loaded),
    /// The store could not be read. It is tried again; what waited for it is rejected.
    LoadFailed,
    /// `SyncManager.register(tag)`. Answered by [`Reply::Registered`](crate::Reply::Registered).
    Register {
        /// Names the call.
        request: RequestId,
        /// The service worker registration that the manager belongs to.
        key: RegistrationKey,
        /// The tag, already converted to a `DOMString`.
        tag: Tag,
        /// Which global called.
        asked_by: AskedBy,
        /// What trusted code knows at this moment: the one moment that counts for the window rule.
        facts: Facts,
    },
    /// `SyncManager.getTags()`. Answered by [`Reply::Tags`](crate::Reply::Tags).
    GetTags {
        /// Names the call.
        request: RequestId,
        /// The service worker registration that the manager belongs to.
        key: RegistrationKey,
        /// Which manager.
        kind: SyncKind,
    },
    /// The engine's own interface or `DevTools` takes a registration away; the web cannot. Answered by
    /// [`Reply::Cancelled`](crate::Reply::Cancelled).
    Cancel {
        /// Names the call.
        request: RequestId,
        /// The service worker registration.
        key: RegistrationKey,
        /// The kind.
        kind: SyncKind,
        /// The tag.
        tag: Tag,
    },
    /// What only periodic syncs know of.
    #[cfg(feature = "periodic")]
    Periodic(crate::PeriodicInput),
    /// The reply to a request has reached its caller; the promise is resolved.
    ReplyDelivered {
        /// The request.
        request: RequestId,
    },
    /// The caller of a request is gone, so its reply never arrives. Its registration stays.
    RequesterGone {
        /// The request.
        request: RequestId,
    },
    /// The worker of an attempt runs, its active worker is activated: the event can be dispatched now.
    Ready {
        /// The attempt.
        attempt: AttemptId,
        /// Facts of this moment.
        facts: Facts,
        /// The network of this moment, for this origin.
        network: NetworkState,
    },
    /// The worker of an attempt could not be started.
    NotStarted {
        /// The attempt.
        attempt: AttemptId,
        /// Why.
        reason: NotStarted,
    },
    /// A dispatched event ended.
    Finished {
        /// The attempt.
        attempt: AttemptId,
        /// How.
        outcome: Outcome,
    },
    /// A commit is durable.
    Committed {
        /// The commit.
        txn: TxnId,
    },
    /// A commit failed. It may be in the store all the same; the next one takes back what was refused.
    CommitFailed {
        /// The commit.
        txn: TxnId,
    },
    /// A commit failed, and the store no longer has everything that it had acknowledged. It takes no commit
    /// before it was given everything anew, see [`Output::Rewrite`](crate::Output::Rewrite).
    ContentsLost {
        /// The commit.
        txn: TxnId,
    },
    /// The network oracle has something to say.
    NetworkChanged {
        /// Whom it is about.
        subject: NetworkSubject,
        /// The state.
        state: NetworkState,
        /// Grows with every notice; a smaller one is late and ignored.
        epoch: u64,
    },
    /// An origin's fully active windows changed.
    ClientsChanged {
        /// The partition.
        partition: Partition,
        /// The origin.
        origin: Origin,
        /// All of them, as they are now.
        windows: WindowClients,
    },
    /// The permission of an origin for syncs of a kind changed. What is registered of that kind goes, unless it may
    /// stay.
    PermissionChanged {
        /// Who wants to hear when what this takes away is durably gone: answered by
        /// [`Reply::Durable`](crate::Reply::Durable). `None` if nobody does.
        request: Option<RequestId>,
        /// The partition.
        partition: Partition,
        /// The origin.
        origin: Origin,
        /// The kind.
        kind: SyncKind,
        /// The state it has now.
        state: PermissionState,
    },
    /// The user moved the switch of a kind, for one origin or for all.
    UserSwitch {
        /// Who wants to hear when what this takes away is durably gone: answered by
        /// [`Reply::Durable`](crate::Reply::Durable). `None` if nobody does.
        request: Option<RequestId>,
        /// The origin and its partition; `None` for the general switch.
        origin: Option<(Partition, Origin)>,
        /// The kind.
        kind: SyncKind,
        /// Where the switch is now.
        switch: UserSwitch,
    },
    /// The operating system restricts background work, or no longer does. Nothing is removed; nothing starts
    /// while it lasts. Facts that come with a call or a start say the same thing.
    RestrictionChanged {
        /// What it allows now.
        restriction: SystemRestriction,
    },
    /// The charger, or the battery. Until it is said nothing is known of either, and no condition about them holds.
    PowerChanged {
        /// What is known now.
        state: PowerState,
    },
    /// The user said to run what conditions hold back, or took that back.
    ///
    /// Of one origin it lasts until nothing of it is registered any more, and says nothing of one that has nothing
    /// registered. It is not stored: an engine that keeps it as a setting says it again after a start.
    ConditionOverride {
        /// The origin and its partition; `None` for everybody.
        origin: Option<(Partition, Origin)>,
        /// The kind.
        kind: SyncKind,
        /// What counts now.
        said: ConditionOverride,
    },
    /// The host has read its own service worker registrations. Before it says so, that there is no such registration
    /// removes nothing ([`WorkerState::NoSuchRegistration`]), as a table that is still empty has none; only
    /// `Unregistered` always counts.
    WorkersKnown {
        /// What it says about keys now: about all that occur in the store, if that was read before. What is said
        /// before the store was read is said anew with [`Loaded`](Self::Loaded), so it is of no use here.
        states: Vec<(RegistrationKey, WorkerState)>,
    },
    /// The worker of a service worker registration changed.
    WorkerChanged {
        /// The service worker registration.
        key: RegistrationKey,
        /// The state it has now.
        state: WorkerState,
    },
    /// A service worker registration was unregistered.
    Unregistered {
        /// Who wants to hear when what this takes away is durably gone: answered by
        /// [`Reply::Durable`](crate::Reply::Durable). `None` if nobody does.
        request: Option<RequestId>,
        /// The service worker registration.
        key: RegistrationKey,
    },
    /// Site data was cleared.
    DataCleared {
        /// Who wants to hear when what this takes away is durably gone: answered by
        /// [`Reply::Durable`](crate::Reply::Durable). `None` if nobody does.
        request: Option<RequestId>,
        /// Of whom.
        scope: ClearedScope,
        /// Only what was registered at this time or later; `None` for everything.
        since: Option<WallTime>,
    },
    /// A private partition was closed. Everything about it is forgotten, its number too: a call of it that the host
    /// still had on its way looks like one of a new session, so the host drops such calls. One of the profile is not
    /// closed but unloaded with the engine: nothing is taken away then.
    PartitionClosed {
        /// Who wants to hear when what this takes away is durably gone: answered by
        /// [`Reply::Durable`](crate::Reply::Durable). `None` if nobody does.
        request: Option<RequestId>,
        /// The partition.
        partition: Partition,
    },
    /// The user's answer to [`Output::AskUser`](crate::Output::AskUser).
    Answered {
        /// The attempt.
        attempt: AttemptId,
        /// Whether it may use this network.
        yes: bool,
    },
    /// The system is going to sleep.
    Slept,
    /// The system woke up.
    Woke,
    /// The process is being frozen.
    Frozen,
    /// The process goes on.
    Thawed,
    /// The operating system started or woke the engine for us.
    Woken {
        /// Names the wake-up; [`Output::WakeDone`](crate::Output::WakeDone) gives it back.
        token: WakeToken,
        /// How long the system lets us run. Until then no event of an origin without a window gets a longer cap than
        /// what is left of it.
        budget: Duration,
    },
    /// Time has passed. Early, late and repeated ones are harmless.
    Tick,
    /// The engine is shutting down. Every request and every attempt gets its end now.
    /// Before the store was read it forgets what waited for that, clearings of site data among them. Those that
    /// somebody wanted to hear of are answered with [`RemovalError::Shutdown`](crate::RemovalError::Shutdown): they
    /// did not happen, and an engine repeats them at its next start.
    Shutdown,
}

/// Why no request can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// The store could not be read.
    Store,
    /// The machine stops or has stopped.
    Shutdown,
    /// Too many wait already.
    QueueFull,
}

impl Input {
    /// Whose request this is, if it is one.
    pub(crate) fn key_of_request(&self) -> Option<&RegistrationKey> {
        match self {
            Self::Register { key, .. } | Self::GetTags { key, .. } | Self::Cancel { key, .. } => Some(key),
            #[cfg(feature = "periodic")]
            Self::Periodic(input) => input.key_of_request(),
            Self::Rows { .. }
            | Self::Loaded(_)
            | Self::LoadFailed
            | Self::ReplyDelivered { .. }
            | Self::RequesterGone { .. }
            | Self::Ready { .. }
            | Self::NotStarted { .. }
            | Self::Finished { .. }
            | Self::Committed { .. }
            | Self::CommitFailed { .. }
            | Self::ContentsLost { .. }
            | Self::NetworkChanged { .. }
            | Self::ClientsChanged { .. }
            | Self::PermissionChanged { .. }
            | Self::UserSwitch { .. }
            | Self::RestrictionChanged { .. }
            | Self::PowerChanged { .. }
            | Self::ConditionOverride { .. }
            | Self::WorkersKnown { .. }
            | Self::WorkerChanged { .. }
            | Self::Unregistered { .. }
            | Self::DataCleared { .. }
            | Self::PartitionClosed { .. }
            | Self::Answered { .. }
            | Self::Slept
            | Self::Woke
            | Self::Frozen
            | Self::Thawed
            | Self::Woken { .. }
            | Self::Tick
            | Self::Shutdown => None,
        }
    }

    /// The reply that turns this input down, if it is a request.
    pub(crate) fn rejection(&self, why: Unavailable) -> Option<(RequestId, Reply)> {
        match self {
            Self::Register { request, .. } => Some((*request, Reply::Registered(Err(why.into())))),
            Self::GetTags { request, .. } => Some((*request, Reply::Tags(Err(why.into())))),
            Self::Cancel { request, .. } => Some((*request, Reply::Cancelled(Err(why.into())))),
            #[cfg(feature = "periodic")]
            Self::Periodic(input) => input.rejection(why),
            Self::Rows { .. }
            | Self::Loaded(_)
            | Self::LoadFailed
            | Self::ReplyDelivered { .. }
            | Self::RequesterGone { .. }
            | Self::Ready { .. }
            | Self::NotStarted { .. }
            | Self::Finished { .. }
            | Self::Committed { .. }
            | Self::CommitFailed { .. }
            | Self::ContentsLost { .. }
            | Self::NetworkChanged { .. }
            | Self::ClientsChanged { .. }
            | Self::PermissionChanged { .. }
            | Self::UserSwitch { .. }
            | Self::RestrictionChanged { .. }
            | Self::PowerChanged { .. }
            | Self::ConditionOverride { .. }
            | Self::WorkersKnown { .. }
            | Self::WorkerChanged { .. }
            | Self::Unregistered { .. }
            | Self::DataCleared { .. }
            | Self::PartitionClosed { .. }
            | Self::Answered { .. }
            | Self::Slept
            | Self::Woke
            | Self::Frozen
            | Self::Thawed
            | Self::Woken { .. }
            | Self::Tick
            | Self::Shutdown => None,
        }
    }
}

/// Whom a network notice is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NetworkSubject {
    /// Everybody.
    All,
    /// One origin: the answer to [`Output::AskNetwork`](crate::Output::AskNetwork), or a change of it.
    Origin(Origin),
}

/// Whose site data was cleared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClearedScope {
    /// A whole partition.
    Partition(Partition),
    /// One origin in a partition.
    Origin(Partition, Origin),
    /// One service worker registration.
    Key(RegistrationKey),
}
