//! A toy engine: what it is to say, what it was told, and where its code panics. The test holds a clone of it.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind,
    SystemRestriction, UserSwitch, WindowClients,
};
use background_sync::registration::{Now, Tag};
use background_sync::scheduler::{NetworkState, PowerState, SyncParameters};
use background_sync::{
    AttemptId, Call, Clock, EventCompletion, HostCall, Hosts, KeepAlive, NetworkOracle, OriginHost, Outcome,
    PowerOracle, Prompt, ServiceWorkerHost, StartCompletion, SyncEventInit, SystemClock, TerminateReason, WakeToken,
    WakeUp, WakeUpHost, WorkerState,
};

use crate::store::ToyStore;

/// A test that waits longer than this has failed; nothing is measured with it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What the test gets to decide on.
#[derive(Debug)]
pub(crate) enum Told {
    Start(StartCompletion),
    Dispatch(SyncEventInit, EventCompletion),
    Abandon(AttemptId),
    Terminate(AttemptId, TerminateReason),
    WakeUpDone(WakeToken),
    Ask(AttemptId),
}

/// Who starts workers and ends events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workers {
    /// The test.
    OfTheTest,
    /// The hosts, before they return.
    AtOnce,
    /// A thread each time.
    Elsewhere,
}

/// What the engine says, when it is asked.
pub(crate) struct Says {
    pub(crate) workers: Workers,
    pub(crate) worker: WorkerState,
    /// Of single keys.
    pub(crate) worker_of: HashMap<RegistrationKey, WorkerState>,
    pub(crate) windows: WindowClients,
    /// Of single origins.
    pub(crate) windows_of: HashMap<Origin, WindowClients>,
    pub(crate) permission: PermissionState,
    pub(crate) switch: UserSwitch,
    pub(crate) restriction: SystemRestriction,
    pub(crate) network: NetworkState,
    pub(crate) power: PowerState,
    pub(crate) asks_user: bool,
    /// Where the hand of the clock is; `None` is the system's.
    pub(crate) clock: Option<Now>,
}

type Hook = Box<dyn FnMut(HostCall) + Send>;

struct Inner {
    says: Says,
    panics_at: Option<HostCall>,
    /// Whether it goes on panicking there.
    panics_on: bool,
    calls: HashMap<HostCall, usize>,
    fired: Vec<Tag>,
    told: Sender<Told>,
}

/// The engine. Every clone is the same one.
#[derive(Clone)]
pub(crate) struct Toy {
    inner: Arc<Mutex<Inner>>,
    hook: Arc<Mutex<Option<Hook>>>,
    system: SystemClock,
}

/// The test's end.
pub(crate) struct Stage {
    pub(crate) toy: Toy,
    told: Receiver<Told>,
}

/// An engine with a window open, active workers and a network, whose clock only the test moves.
pub(crate) fn stage(workers: Workers) -> Stage {
    let (told, on_stage) = channel();
    let says = Says {
        workers,
        worker: WorkerState::Active,
        worker_of: HashMap::new(),
        windows: WindowClients::new(1, 0),
        windows_of: HashMap::new(),
        permission: PermissionState::Prompt,
        switch: UserSwitch::On,
        restriction: SystemRestriction::None,
        network: NetworkState::online(),
        power: PowerState::default(),
        asks_user: true,
        clock: Some(Now::default()),
    };
    let inner = Inner { says, panics_at: None, panics_on: false, calls: HashMap::new(), fired: Vec::new(), told };
    let (inner, hook) = (Arc::new(Mutex::new(inner)), Arc::default());
    let toy = Toy { inner, hook, system: SystemClock::starting_now() };
    Stage { toy, told: on_stage }
}

impl Stage {
    /// The same with something else to say.
    pub(crate) fn saying(self, change: impl FnOnce(&mut Says)) -> Self {
        self.toy.say(change);
        self
    }

    /// With the system's clock, for a thread.
    #[cfg(feature = "thread")]
    pub(crate) fn with_system_clock(self) -> Self {
        self.saying(|says| says.clock = None)
    }

    /// What the engine was told next, waited for.
    pub(crate) fn told(&self) -> Told {
        self.told.recv_timeout(PATIENCE).unwrap()
    }

    /// What it was told, if it was.
    pub(crate) fn try_told(&self) -> Option<Told> {
        self.told.try_recv().ok()
    }

    pub(crate) fn start(&self) -> StartCompletion {
        match self.told() {
            Told::Start(start) => start,
            other => panic!("not a start: {other:?}"),
        }
    }

    pub(crate) fn event(&self) -> EventCompletion {
        match self.told() {
            Told::Dispatch(_, event) => event,
            other => panic!("not a dispatch: {other:?}"),
        }
    }
}

impl Toy {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn say(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.inner().says);
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.say(|says| {
            let now = says.clock.expect("a clock of the test's");
            says.clock = Some(Now { monotonic: now.monotonic.after(by), wall: now.wall.after(by) });
        });
    }

    /// The next call of this kind panics.
    pub(crate) fn panic_once_at(&self, call: HostCall) {
        self.inner().panics_at = Some(call);
    }

    /// Every call of this kind panics, as long as what is returned lives.
    pub(crate) fn panic_at_each(&self, call: HostCall) -> Panicking {
        let mut inner = self.inner();
        (inner.panics_at, inner.panics_on) = (Some(call), true);
        Panicking(self.clone())
    }

    /// Whether it still waits for that call.
    pub(crate) fn has_panicked(&self) -> bool {
        self.inner().panics_at.is_none()
    }

    /// Runs something inside every call of a host.
    pub(crate) fn on_every_call(&self, hook: impl FnMut(HostCall) + Send + 'static) {
        *self.hook.lock().unwrap() = Some(Box::new(hook));
    }

    pub(crate) fn calls(&self, call: HostCall) -> usize {
        self.inner().calls.get(&call).copied().unwrap_or(0)
    }

    /// The tags whose events were fired, in order.
    pub(crate) fn fired(&self) -> Vec<Tag> {
        self.inner().fired.clone()
    }

    pub(crate) fn facts(&self, origin: &Origin) -> Facts {
        let inner = self.inner();
        let windows = *inner.says.windows_of.get(origin).unwrap_or(&inner.says.windows);
        Facts { windows, ..Facts::of_an_open_window() }
    }

    pub(crate) fn called(&self, call: HostCall) {
        let panics = {
            let mut inner = self.inner();
            *inner.calls.entry(call).or_default() += 1;
            let panics = inner.panics_at == Some(call);
            if panics && !inner.panics_on {
                inner.panics_at = None;
            }
            panics
        };
        assert!(!panics, "a mistake in {call:?}");
        if let Some(hook) = &mut *self.hook.lock().unwrap_or_else(PoisonError::into_inner) {
            hook(call);
        }
    }

    fn tell(&self, told: Told) {
        // A test that has what it wants no longer listens.
        drop(self.inner().told.send(told));
    }

    /// All of it, over this store.
    pub(crate) fn hosts(&self, store: ToyStore) -> Hosts<Self> {
        Hosts::new(self.clone(), store, self.clone())
            .with_power(self.clone())
            .with_prompt(self.clone())
            .with_wake_ups(self.clone())
            .with_keep_alive(self.clone())
    }
}

/// As long as it lives, a host goes on panicking.
pub(crate) struct Panicking(Toy);

impl Drop for Panicking {
    fn drop(&mut self) {
        let mut inner = self.0.inner();
        (inner.panics_at, inner.panics_on) = (None, false);
    }
}

impl ServiceWorkerHost for Toy {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        self.called(HostCall::WorkerState);
        let inner = self.inner();
        *inner.says.worker_of.get(key).unwrap_or(&inner.says.worker)
    }

    fn start(&mut self, _: &RegistrationKey, completion: StartCompletion) {
        self.called(HostCall::Start);
        let workers = self.inner().says.workers;
        match workers {
            Workers::OfTheTest => self.tell(Told::Start(completion)),
            Workers::AtOnce => completion.ready(),
            Workers::Elsewhere => drop(thread::spawn(|| completion.ready())),
        }
    }

    fn dispatch(&mut self, _: &RegistrationKey, event: &SyncEventInit, _: Duration, completion: EventCompletion) {
        self.called(HostCall::Dispatch);
        self.inner().fired.push(event.tag.clone());
        let workers = self.inner().says.workers;
        match workers {
            Workers::OfTheTest => self.tell(Told::Dispatch(event.clone(), completion)),
            Workers::AtOnce => completion.finish(Outcome::Fulfilled),
            Workers::Elsewhere => drop(thread::spawn(|| completion.finish(Outcome::Fulfilled))),
        }
    }

    fn abandon(&mut self, _: &RegistrationKey, attempt: AttemptId) {
        self.called(HostCall::Abandon);
        self.tell(Told::Abandon(attempt));
    }

    fn terminate(&mut self, _: &RegistrationKey, attempt: AttemptId, reason: TerminateReason) {
        self.called(HostCall::Terminate);
        self.tell(Told::Terminate(attempt, reason));
    }
}

impl OriginHost for Toy {
    fn windows(&mut self, _: Partition, origin: &Origin) -> WindowClients {
        self.called(HostCall::Windows);
        self.facts(origin).windows
    }

    fn permission(&mut self, _: Partition, _: &Origin, _: SyncKind) -> PermissionState {
        self.called(HostCall::Permission);
        self.inner().says.permission
    }

    fn user_switch(&mut self, _: Partition, _: &Origin, _: SyncKind) -> UserSwitch {
        self.called(HostCall::UserSwitch);
        self.inner().says.switch
    }

    #[cfg(feature = "periodic")]
    fn engagement(&mut self, _: Partition, _: &Origin) -> background_sync::scheduler::Engagement {
        self.called(HostCall::Engagement);
        background_sync::scheduler::Engagement::default()
    }

    #[cfg(feature = "periodic")]
    fn periodic_sync_paused(&mut self, _: Partition, _: &Origin) -> bool {
        self.called(HostCall::Paused);
        false
    }

    fn restriction(&mut self) -> SystemRestriction {
        self.called(HostCall::Restriction);
        self.inner().says.restriction
    }
}

impl NetworkOracle for Toy {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        self.called(HostCall::Network);
        self.inner().says.network.clone()
    }
}

impl Clock for Toy {
    fn now(&mut self) -> Now {
        self.called(HostCall::Now);
        let clock = self.inner().says.clock;
        clock.unwrap_or_else(|| self.system.now())
    }

    #[cfg(feature = "periodic")]
    fn utc_offset(&mut self) -> background_sync::scheduler::UtcOffset {
        self.called(HostCall::UtcOffset);
        background_sync::scheduler::UtcOffset::UTC
    }
}

impl PowerOracle for Toy {
    fn state(&mut self) -> PowerState {
        self.called(HostCall::Power);
        self.inner().says.power
    }
}

impl Prompt for Toy {
    fn ask(&mut self, attempt: AttemptId, _: &RegistrationKey) -> bool {
        self.called(HostCall::Ask);
        self.tell(Told::Ask(attempt));
        self.inner().says.asks_user
    }
}

impl WakeUpHost for Toy {
    fn arm(&mut self, _: Option<WakeUp>) {
        self.called(HostCall::ArmWakeUp);
    }

    fn done(&mut self, token: WakeToken) {
        self.called(HostCall::WakeUpDone);
        self.tell(Told::WakeUpDone(token));
    }
}

impl KeepAlive for Toy {
    fn keep_alive(&mut self, _: bool) {
        self.called(HostCall::KeepAlive);
    }
}

/// The recommended ones, without the chance in when first events fire and without a hold of a link that came back.
pub(crate) fn parameters() -> SyncParameters {
    SyncParameters::recommended().into_parameters().with(|it| {
        it.first_fire_spread = Duration::ZERO;
        it.first_fire_spread_in_background = Duration::ZERO;
        it.online_hold = Duration::ZERO;
        it.online_hold_max = Duration::ZERO;
    })
}

pub(crate) const PROFILE: Partition = Partition::Profile(PartitionId(0));

/// The key of a worker of its own origin.
pub(crate) fn key_of(host: &str) -> RegistrationKey {
    let origin = Origin::parse(&format!("https://{host}.example")).unwrap();
    let scope = format!("https://{host}.example/");
    RegistrationKey::new(PROFILE, StorageKey::first_party(origin), &scope, Incarnation(1)).unwrap()
}

pub(crate) fn key() -> RegistrationKey {
    key_of("chat")
}

pub(crate) fn origin() -> Origin {
    key().origin().clone()
}

/// A call from a page that is open, of a worker that is active.
pub(crate) fn page() -> Call {
    Call::by_page(Facts::of_an_open_window())
}

/// The answer of a call, and that it is the only one: its way back is gone afterwards.
#[cfg(feature = "thread")]
pub(crate) fn only<T>(answered: &Receiver<T>) -> T {
    let answer = answered.recv_timeout(PATIENCE).unwrap();
    let another = answered.recv_timeout(PATIENCE).err();
    assert_eq!(another, Some(std::sync::mpsc::RecvTimeoutError::Disconnected), "I7: a second answer");
    answer
}
