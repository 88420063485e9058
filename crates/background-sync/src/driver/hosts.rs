//! What an engine implements; [`Hosts`] says how it is called.

use std::time::Duration;

use background_sync_policy::{
    Origin, Partition, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
};
use background_sync_registration::{MonotonicTime, Now, WallTime};
use background_sync_scheduler::{NetworkState, PowerState};

use crate::{
    AttemptId, EventCompletion, StartCompletion, SyncEventInit, SyncStore, TerminateReason, WakeToken, WakeUp,
    WorkerState,
};

/// Service workers: their state, their life, their events.
pub trait ServiceWorkerHost {
    /// The state of a service worker registration now. Tell of a change with
    /// [`Notice::Worker`](crate::Notice::Worker).
    ///
    /// *Requirements:* an engine that has not read its own registrations yet answers
    /// [`WorkerState::NotLoaded`]. [`WorkerState::NoSuchRegistration`] removes what is stored for the key, for good; it
    /// is believed once [`Notice::WorkersKnown`](crate::Notice::WorkersKnown) was given.
    fn state(&mut self, key: &RegistrationKey) -> WorkerState;

    /// Gets the active worker running and says so with [`StartCompletion::ready`].
    ///
    /// *Requirements:* an activating worker is waited for. The worker that is active when the event is
    /// dispatched gets it, whichever was active when the sync was registered.
    fn start(&mut self, key: &RegistrationKey, completion: StartCompletion);

    /// Fires the functional event that `event` says, `sync` or `periodicsync`, at the worker that [`Self::start`] got running
    /// (`sync.fire.5`), and reports its end with `completion`.
    ///
    /// *Requirements:* the event is trusted; it ends when every promise passed to `waitUntil`, however
    /// late, has settled. No promise, no listener, or a throw alone is a fulfilment. After `cap` of
    /// awake time [`Self::terminate`] is called; an engine may show `cap` to the worker.
    fn dispatch(&mut self, key: &RegistrationKey, event: &SyncEventInit, cap: Duration, completion: EventCompletion);

    /// Nothing comes of the start; takes the place of [`Self::dispatch`]. Whoever keeps a worker running for it need
    /// not any more.
    fn abandon(&mut self, key: &RegistrationKey, attempt: AttemptId) {
        let _ = (key, attempt);
    }

    /// Stops the worker that this event runs in, script or no script. The completion is still used, or
    /// dropped.
    fn terminate(&mut self, key: &RegistrationKey, attempt: AttemptId, reason: TerminateReason);
}

/// Facts about an origin in a partition.
pub trait OriginHost {
    /// Fully active window clients by frame type: neither bfcached nor prerendering ones. Tell of a
    /// change with [`Notice::Clients`](crate::Notice::Clients).
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients;

    /// State of the permission for syncs of a kind: `background-sync`, or `periodic-background-sync`. Never asks
    /// anybody. Tell of a change with [`Removal::Permission`](crate::Removal::Permission).
    fn permission(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> PermissionState;

    /// The user's switch: the origin's own and the general one taken together. Tell of a change with
    /// [`Removal::UserSwitch`](crate::Removal::UserSwitch).
    fn user_switch(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> UserSwitch {
        let _ = (partition, origin, kind);
        UserSwitch::On
    }

    /// How much the user has to do with an origin, as the engine judges it. One that does not judge changes nothing.
    /// Tell of a change with [`Notice::Engagement`](crate::Notice::Engagement).
    #[cfg(feature = "periodic")]
    fn engagement(&mut self, partition: Partition, origin: &Origin) -> background_sync_scheduler::Engagement {
        let _ = (partition, origin);
        background_sync_scheduler::Engagement::default()
    }

    /// Whether the user pauses the periodic syncs of an origin. The engine remembers it. Tell of a change with
    /// [`Notice::Paused`](crate::Notice::Paused).
    #[cfg(feature = "periodic")]
    fn periodic_sync_paused(&mut self, partition: Partition, origin: &Origin) -> bool {
        let _ = (partition, origin);
        false
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

/// The charger and the battery.
pub trait PowerOracle {
    /// What is known now. Tell of a change with [`Notice::Power`](crate::Notice::Power); asked also before each event,
    /// and when the system wakes the engine.
    ///
    /// What an engine cannot tell is `None`, and holds nothing. A device without a battery is one on the charger.
    fn state(&mut self) -> PowerState;
}

/// Both clocks.
pub trait Clock {
    /// Both clocks, read together.
    fn now(&mut self) -> Now;

    /// What civil time is ahead by where the user is. It is asked for when the driver begins, with every visit, and
    /// after [`Notice::UtcOffset`](crate::Notice::UtcOffset): tell of a trip, and of the first day of summer time. Without
    /// it visits are remembered by UTC, and events are an hour off for a day or two after such a change.
    #[cfg(feature = "periodic")]
    fn utc_offset(&mut self) -> background_sync_scheduler::UtcOffset {
        background_sync_scheduler::UtcOffset::UTC
    }
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

/// Service workers, origins and the network: what every engine has. Implemented by whatever implements the three.
pub trait EngineHost: ServiceWorkerHost + OriginHost + NetworkOracle {}

impl<E: ServiceWorkerHost + OriginHost + NetworkOracle + ?Sized> EngineHost for E {}

/// Everything an engine plugs in: one value for the three traits that every engine has, a store, a clock, and what else
/// it can do.
///
/// # What a host may rely on, and what not
/// * Every method is called on the driver's thread: the one that calls [`Driver::turn`](crate::Driver::turn), or the
///   thread of a `BackgroundSyncThread`. Nothing is called by the thread that posts something.
/// * No lock of background sync is held meanwhile. A method may post; what it posts is taken later. It cannot call the
///   driver: it does not hold it.
/// * A method answers at once, from what the engine has mirrored on that thread. What takes time answers later, through a
///   completion or a [`Notice`](crate::Notice). Whatever it blocks, all of background sync waits for; only
///   [`SyncStore::commit`](crate::SyncStore::commit) may, and says what that costs.
/// * A method that panics costs what it was called for, is reported
///   ([`Report::HostPanicked`](crate::Report::HostPanicked)), and is called again the next time. Each variant of
///   [`HostCall`](crate::HostCall) says what is lost. (With `panic = "abort"` there is nothing to contain.)
/// * A completion that is dropped means what its type says. None needs a map of the engine's.
///
/// An engine with three owners hands over a tuple of them.
pub struct Hosts<E> {
    pub(crate) engine: E,
    pub(crate) store: Box<dyn SyncStore>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) power: Box<dyn PowerOracle>,
    pub(crate) prompt: Box<dyn Prompt>,
    pub(crate) wake_ups: Box<dyn WakeUpHost>,
    pub(crate) keep_alive: Box<dyn KeepAlive>,
}

impl<E: EngineHost> Hosts<E> {
    /// The hosts that every engine has; the others do nothing until they are set.
    #[must_use]
    pub fn new(engine: E, store: impl SyncStore + 'static, clock: impl Clock + 'static) -> Self {
        Self {
            engine,
            store: Box::new(store),
            clock: Box::new(clock),
            power: Box::new(Absent),
            prompt: Box::new(Absent),
            wake_ups: Box::new(Absent),
            keep_alive: Box::new(Absent),
        }
    }

    /// The charger and the battery. Without, conditions about them hold nothing.
    #[must_use]
    pub fn with_power(self, power: impl PowerOracle + 'static) -> Self {
        Self { power: Box::new(power), ..self }
    }

    /// Somebody to ask before another network is used. Without, the answer is no.
    #[must_use]
    pub fn with_prompt(self, prompt: impl Prompt + 'static) -> Self {
        Self { prompt: Box::new(prompt), ..self }
    }

    /// The operating system's wake-ups. Without, events wait until the engine runs.
    #[must_use]
    pub fn with_wake_ups(self, wake_ups: impl WakeUpHost + 'static) -> Self {
        Self { wake_ups: Box::new(wake_ups), ..self }
    }

    /// The life of the process. Without, it may end while an event runs.
    #[must_use]
    pub fn with_keep_alive(self, keep_alive: impl KeepAlive + 'static) -> Self {
        Self { keep_alive: Box::new(keep_alive), ..self }
    }
}

impl<E> std::fmt::Debug for Hosts<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hosts")
    }
}

/// An engine without the optional part.
#[derive(Clone, Copy, Debug)]
struct Absent;

impl PowerOracle for Absent {
    fn state(&mut self) -> PowerState {
        PowerState::default()
    }
}

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
