use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{
    AskedBy, AttemptId, GetTagsError, NotStarted, Outcome, RegisterError, Removal, RemovalError, SyncEventInit,
    TerminateReason, WorkerState,
};
use embedder_traits::{AllowOrDeny, PermissionFeature};
use serde::{Deserialize, Serialize};
use servo_base::generic_channel::{GenericCallback, GenericOneshotSender};

use crate::{ClientEvent, Registration, TupleOrigin};

/// What the constellation tells background sync.
///
/// All of it comes through one sender, in the order in which things happened: a call's facts are what was told before
/// it. Content processes are not trusted with it; what they ask the constellation checks, and passes on.
#[derive(Debug, Serialize, Deserialize)]
pub enum BackgroundSyncMsg {
    /// `SyncManager.register(tag)`.
    Register(RegisterCall),
    /// `SyncManager.getTags()`.
    GetTags(Registration, GenericCallback<Result<Vec<Tag>, GetTagsError>>),
    /// A pipeline was made, is fully active, or has exited.
    Clients(ClientEvent),
    /// The worker of a registration is in another state. A registration that is gone is told as a removal instead.
    WorkerChanged(Registration, WorkerState),
    /// Every stored service worker registration was told. From now on what background sync has stored for others goes.
    RegistrationsKnown,
    /// The user decided about a permission, or took the decision back.
    PermissionDecided {
        /// Whether it was in a private browsing context.
        is_private: bool,
        /// The origin it is about.
        origin: TupleOrigin,
        /// The permission. Others than that for background sync concern nobody here.
        feature: PermissionFeature,
        /// The decision.
        decision: Option<AllowOrDeny>,
    },
    /// The network is another, or in another state.
    NetworkChanged(NetworkState),
    /// Something takes registrations away: site data was cleared, a service worker unregistered. The callback is told
    /// when no crash brings them back.
    Remove(Removal, GenericCallback<Result<(), RemovalError>>),
    /// Shut down, and say when the store has had its last commit.
    Exit(GenericOneshotSender<()>),
}

/// A call of `register`.
#[derive(Debug, Serialize, Deserialize)]
pub struct RegisterCall {
    /// The registration whose `sync` attribute gave the manager.
    pub registration: Registration,
    /// The tag.
    pub tag: Tag,
    /// Which global called.
    pub asked_by: AskedBy,
    /// Whether that is a secure context, as the constellation has it.
    pub secure_context: bool,
    /// Resolves or rejects the promise, in the caller's process.
    pub reply: GenericCallback<RegisterReply>,
}

/// The answer to a call of `register`.
#[derive(Debug, Serialize, Deserialize)]
pub struct RegisterReply {
    /// Resolve with nothing, or reject with `RegisterError::dom_exception`.
    pub result: Result<(), RegisterError>,
    /// To be called in the task that settles the promise. The event waits for it, up to a second.
    pub delivered: GenericCallback<()>,
}

/// What background sync wants of the service worker manager of an origin.
///
/// A callback that is dropped, with a thread or a process, is an answer: the start was lost, or the worker crashed.
#[derive(Debug, Serialize, Deserialize)]
pub enum WorkerCommand {
    /// Get the active worker running, wait out its activation, and say so.
    Start {
        /// Names the attempt.
        attempt: AttemptId,
        /// Whose worker.
        registration: Registration,
        /// To be called once.
        started: GenericCallback<Result<(), NotStarted>>,
    },
    /// Fire the event at the worker that was started for this attempt.
    Dispatch {
        /// The attempt.
        attempt: AttemptId,
        /// Whose worker.
        registration: Registration,
        /// What the event is made with.
        event: SyncEventInit,
        /// After this much time it is terminated.
        cap: Duration,
        /// To be called once, when every promise passed to `waitUntil` has settled.
        ended: GenericCallback<Outcome>,
    },
    /// Nothing comes of a start; takes the place of `Dispatch`.
    Abandon {
        /// The attempt.
        attempt: AttemptId,
        /// Whose worker.
        registration: Registration,
    },
    /// Stop the worker that the event of this attempt runs in.
    Terminate {
        /// The attempt.
        attempt: AttemptId,
        /// Whose worker.
        registration: Registration,
        /// Why.
        reason: TerminateReason,
    },
}

/// The kind of sync of all calls: Servo has no permission for the other one.
pub(crate) const KIND: SyncKind = SyncKind::OneShot;
