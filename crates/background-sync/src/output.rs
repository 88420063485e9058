use std::sync::Arc;
use std::time::Duration;

use background_sync_policy::{Origin, Partition, RegistrationKey, SyncKind};
use background_sync_registration::{Sequence, StoredRegistration, Tag, WallTime};
use background_sync_scheduler::StoredBudget;
use serde::{Deserialize, Serialize};

use crate::{
    AttemptId, CancelError, GetTagsError, LogEntry, RegisterError, RemovalError, RequestId, StoredProfile, TxnId,
    WakeToken,
};

/// Everything the machine wants done. Plain data; taken with [`Machine::poll_output`](crate::Machine::poll_output)
/// until there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// Read the store. Answered by `Loaded` or `LoadFailed`.
    Load,
    /// A request's one answer. Report [`Input::ReplyDelivered`](crate::Input::ReplyDelivered) when the
    /// promise is resolved, if it was a call.
    Reply {
        /// The request.
        request: RequestId,
        /// The answer.
        reply: Reply,
    },
    /// Get the active worker of this key running; wait for it while it is activating. Answered by
    /// `Ready` or `NotStarted`. The attempt is being written meanwhile.
    Start {
        /// The attempt.
        attempt: AttemptId,
        /// The service worker registration.
        key: RegistrationKey,
        /// What for: the permission and the switch of this kind are asked about when it is ready.
        kind: SyncKind,
    },
    /// Dispatch the event to the worker that was started. Answered by `Finished`.
    Dispatch {
        /// The attempt.
        attempt: AttemptId,
        /// The event.
        event: SyncEventInit,
        /// It will be asked to end after this much awake time.
        cap: Duration,
        /// Whether the origin has no window (`sync.def.background`).
        background: bool,
    },
    /// Nothing comes of this start; the worker may stop. Takes the place of `Dispatch`.
    Abandon {
        /// The attempt.
        attempt: AttemptId,
    },
    /// Stop the worker this event runs in. Answered by `Finished`, which by then decides nothing.
    Terminate {
        /// The attempt.
        attempt: AttemptId,
        /// Why.
        reason: TerminateReason,
    },
    /// Make these changes durable, all or none, then say so. One at a time.
    Commit {
        /// Names the commit.
        txn: TxnId,
        /// The changes. They touch different records, so their order means nothing.
        ops: Vec<StoreOp>,
    },
    /// Replace everything the store holds by this, durably, then say so as for a commit: the store has lost
    /// something that it had acknowledged ([`Input::ContentsLost`](crate::Input::ContentsLost)).
    Rewrite {
        /// Names the commit.
        txn: TxnId,
        /// All there is: only operations that put something.
        ops: Vec<StoreOp>,
    },
    /// Is there a network for this origin? Answered by `NetworkChanged`.
    AskNetwork {
        /// The origin.
        origin: Origin,
    },
    /// May this attempt use another network than the one it was registered on? Answered by `Answered`.
    AskUser {
        /// The attempt that would start.
        attempt: AttemptId,
        /// The service worker registration.
        key: RegistrationKey,
    },
    /// Replace the wake-up asked of the operating system; `None` takes it back.
    ArmWakeUp(Option<WakeUp>),
    /// What a wake-up was for is done.
    WakeDone {
        /// The wake-up.
        token: WakeToken,
    },
    /// Keep the process alive (`true`) while events run, or no longer.
    KeepAlive(bool),
    /// Something happened that a person may want to know.
    Event(Arc<LogEntry>),
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// To `Register`: resolve with nothing, or reject.
    Registered(Result<(), RegisterError>),
    /// To `GetTags`: the tags, first registration first.
    Tags(Result<Vec<Tag>, GetTagsError>),
    /// To `Cancel`: whether there was anything to cancel.
    Cancelled(Result<bool, CancelError>),
    /// To an unregistration by a site: resolve with nothing, or reject.
    #[cfg(feature = "periodic")]
    Unregistered(Result<(), crate::UnregisterError>),
    /// To what takes registrations away: what it took is durably gone, or there was nothing. Nobody has to say that
    /// this reply was delivered.
    Durable(Result<(), RemovalError>),
}

/// What a `SyncEvent` is made with. A periodic one is never told that it is the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SyncEventInit {
    /// Which event it is: `sync` or `periodicsync`.
    pub kind: SyncKind,
    /// `sync.fire.5.tag`
    pub tag: Tag,
    /// `sync.fire.5.lastChance`
    pub last_chance: bool,
}

impl SyncEventInit {
    /// An event of this kind for this tag.
    #[must_use]
    pub const fn new(kind: SyncKind, tag: Tag, last_chance: bool) -> Self {
        Self { kind, tag, last_chance }
    }
}

/// Why an event is ended from outside. A host that says so to people, and a tool that spells it, need words for each, and
/// notice a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TerminateReason {
    /// It reached its execution cap.
    Timeout,
    /// The user switched background sync off.
    SwitchedOff,
    /// Its private partition was closed.
    PartitionClosed,
    /// The engine shuts down.
    Shutdown,
}

/// One change of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoreOp {
    /// Writes a registration, new or changed, under its sequence number.
    PutRegistration(StoredRegistration),
    /// Removes the registration with this number, if it is there.
    RemoveRegistration(Sequence),
    /// Writes an origin's budget.
    PutBudget(StoredBudget),
    /// Removes an origin's budget, if it is there.
    RemoveBudget(Partition, Origin),
    /// Writes the profile's own record.
    PutProfile(StoredProfile),
}

/// A wake-up to ask of the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WakeUp {
    /// Not before this time.
    pub earliest: WallTime,
    /// Best not after this time.
    pub latest: WallTime,
    /// Only with a network.
    pub network: bool,
    /// Only on the charger; without it at [`latest`](Self::latest), as with all that follow.
    pub charging: bool,
    /// Only with a network that is not paid by volume.
    pub unmetered: bool,
    /// Only with a network of the user's own operator.
    pub not_roaming: bool,
    /// Only while the battery is not low.
    pub battery_not_low: bool,
}

impl WakeUp {
    /// A wake-up between two times, with the network and on the charger only if so said, and whatever else is so.
    #[must_use]
    pub const fn new(earliest: WallTime, latest: WallTime, network: bool, charging: bool) -> Self {
        Self { earliest, latest, network, charging, unmetered: false, not_roaming: false, battery_not_low: false }
    }
}
