//! What an engine implements.
//!
//! Every method is called from the driver's own thread, never under a lock, and must answer at once
//! from what the engine mirrors there; anything slow answers later through a token or a
//! [`Notice`](crate::Notice). A method cannot call the driver back: it does not hold it.

use std::time::Duration;

use background_sync_policy::{
    Origin, Partition, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
};
use background_sync_registration::{MonotonicTime, Now, WallTime};
use background_sync_scheduler::NetworkState;

use crate::{
    AttemptId, EventCompletion, LogEntry, StoreFailure, SyncEventInit, SyncStore, TerminateReason, WakeToken, WakeUp,
    WorkerState,
};

/// Service workers: their state, their life, their events.
pub trait ServiceWorkerHost {
    /// The state of a service worker registration now. Tell of a change with
    /// [`Notice::Worker`](crate::Notice::Worker).
    fn state(&mut self, key: &RegistrationKey) -> WorkerState;

    /// Gets the active worker running and says so with [`EventCompletion::ready`].
    ///
    /// *Requirements:* an activating worker is waited for. The worker that is active when the event is
    /// dispatched gets it, whichever was active when the sync was registered.
    fn start(&mut self, attempt: AttemptId, key: &RegistrationKey, completion: EventCompletion);

    /// Fires the functional event `sync` at the worker that [`Self::start`] got running
    /// (`sync.fire.5`), and reports its end with the completion that `start` was given.
    ///
    /// *Requirements:* the event is trusted; it ends when every promise passed to `waitUntil`, however
    /// late, has settled. No promise, no listener, or a throw alone is a fulfilment. After `cap` of
    /// awake time [`Self::terminate`] is called; an engine may show `cap` to the worker.
    fn dispatch(&mut self, attempt: AttemptId, event: &SyncEventInit, cap: Duration);

    /// Nothing comes of the start; takes the place of [`Self::dispatch`].
    fn abandon(&mut self, attempt: AttemptId);

    /// Stops the worker that this event runs in, script or no script. The completion is still used, or
    /// dropped.
    fn terminate(&mut self, attempt: AttemptId, reason: TerminateReason);
}

/// Facts about an origin in a partition.
pub trait OriginHost {
    /// Fully active window clients by frame type: neither bfcached nor prerendering ones. Tell of a
    /// change with [`Notice::Clients`](crate::Notice::Clients).
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients;

    /// State of the permission for syncs of a kind: `background-sync`, or `periodic-background-sync`. Never asks anybody. Tell of a change with
    /// [`Notice::Permission`](crate::Notice::Permission).
    fn permission(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> PermissionState;

    /// The user's switch: the origin's own and the general one taken together. Tell of a change with
    /// [`Notice::UserSwitch`](crate::Notice::UserSwitch).
    fn user_switch(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> UserSwitch {
        let _ = (partition, origin, kind);
        UserSwitch::On
    }

    /// What the operating system allows: the same for every origin. Tell of a change with
    /// [`Notice::Restriction`](crate::Notice::Restriction).
    fn restriction(&mut self) -> SystemRestriction {
        SystemRestriction::None
    }
}

/// The network.
pub trait NetworkOracle {
    /// The state now, for everybody or for one origin. Tell of a change with
    /// [`Notice::Network`](crate::Notice::Network).
    ///
    /// An engine that cannot tell says online; an engine that does not know yet says unknown, and a
    /// notice follows. One that knows nothing about single origins answers with the general state.
    fn state(&mut self, origin: Option<&Origin>) -> NetworkState;
}

/// Both clocks.
pub trait Clock {
    /// Both clocks, read together.
    fn now(&mut self) -> Now;
}

/// The user, for the parameter that asks before another network is used.
pub trait Prompt {
    /// Asks; the answer is a [`Notice::Answered`](crate::Notice::Answered). `false` when nobody can be
    /// asked, which is a no.
    fn ask(&mut self, attempt: AttemptId, key: &RegistrationKey) -> bool;
}

/// The operating system's wake-ups.
pub trait WakeUpHost {
    /// Replaces the wake-up asked for; `None` takes it back.
    fn arm(&mut self, wake_up: Option<WakeUp>);

    /// What a [`Notice::Woken`](crate::Notice::Woken) was for is done.
    fn done(&mut self, token: WakeToken);
}

/// The life of the engine's process.
pub trait KeepAlive {
    /// The process should stay (`true`) while events run, or need not (`false`).
    fn keep_alive(&mut self, keep: bool);
}

/// Whoever watches: a log, developer tools, metrics.
pub trait Observer {
    /// Something happened.
    fn event(&mut self, entry: &LogEntry);

    /// The store could not do what it was asked. It is tried again.
    fn store_failed(&mut self, failure: &StoreFailure) {
        let _ = failure;
    }
}

/// Everything an engine plugs in. The first five are asked for; the rest starts out doing nothing.
pub struct Hosts {
    /// Service workers.
    pub workers: Box<dyn ServiceWorkerHost>,
    /// Origins.
    pub origins: Box<dyn OriginHost>,
    /// The network.
    pub network: Box<dyn NetworkOracle>,
    /// Where registrations are kept.
    pub store: Box<dyn SyncStore>,
    /// The clocks.
    pub clock: Box<dyn Clock>,
    /// The user.
    pub prompt: Box<dyn Prompt>,
    /// Wake-ups.
    pub wake_ups: Box<dyn WakeUpHost>,
    /// The process.
    pub keep_alive: Box<dyn KeepAlive>,
    /// Who watches.
    pub observer: Box<dyn Observer>,
}

impl Hosts {
    /// The hosts that every engine has; the others do nothing until they are set.
    #[must_use]
    pub fn new(
        workers: impl ServiceWorkerHost + 'static,
        origins: impl OriginHost + 'static,
        network: impl NetworkOracle + 'static,
        store: impl SyncStore + 'static,
        clock: impl Clock + 'static,
    ) -> Self {
        Self {
            workers: Box::new(workers),
            origins: Box::new(origins),
            network: Box::new(network),
            store: Box::new(store),
            clock: Box::new(clock),
            prompt: Box::new(Absent),
            wake_ups: Box::new(Absent),
            keep_alive: Box::new(Absent),
            observer: Box::new(Absent),
        }
    }
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hosts")
    }
}

/// An engine without the optional part.
#[derive(Clone, Copy, Debug)]
struct Absent;

impl Prompt for Absent {
    fn ask(&mut self, _: AttemptId, _: &RegistrationKey) -> bool {
        false
    }
}

impl WakeUpHost for Absent {
    fn arm(&mut self, _: Option<WakeUp>) {}
    fn done(&mut self, _: WakeToken) {}
}

impl KeepAlive for Absent {
    fn keep_alive(&mut self, _: bool) {}
}

impl Observer for Absent {
    fn event(&mut self, _: &LogEntry) {}
}

/// The system's clocks. The one place of this crate that reads them.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// Starts the monotonic clock at zero.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn starting_now() -> Self {
        Self { start: std::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&mut self) -> Now {
        let wall = match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => WallTime::from_unix_ms(0).after(since),
            Err(before) => {
                let ms = i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX);
                WallTime::from_unix_ms(-ms)
            }
        };
        Now { monotonic: MonotonicTime::from_start(self.start.elapsed()), wall }
    }
}
