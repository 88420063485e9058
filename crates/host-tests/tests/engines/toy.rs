//! The toy engine of the example, with a place for each fault.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use background_sync::policy::{
    Facts, Origin, Partition, PermissionState, RegistrationKey, SyncKind, WindowClients, WorkerState,
};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, Call, ClearedScope, EventCompletion, Hosts, NetworkOracle, NetworkSubject, NotStarted, Notice,
    OriginHost, Outcome, Poster, Receipt, Removal, ServiceWorkerHost, StartCompletion, SyncEventInit, SyncStore,
    TerminateReason, WakeToken, WakeUp, WakeUpHost,
};
use background_sync_host_tests::{Answer, Behaviour, EngineUnderTest, VirtualClock};

use super::clock::Wrong;
use super::fault::Fault;
use super::store::Disk;

/// What outlives a process.
struct Profile {
    workers: BTreeMap<RegistrationKey, Behaviour>,
    permissions: BTreeMap<Origin, PermissionState>,
    online: bool,
    /// Opens the store in a new process.
    open: Box<dyn Fn() -> Box<dyn SyncStore>>,
}

/// What answers background sync, in one process.
pub(crate) struct Process {
    fault: Option<Fault>,
    way_in: Poster,
    /// Turns of this process.
    turns: u32,
    workers: BTreeMap<RegistrationKey, Behaviour>,
    permissions: BTreeMap<Origin, PermissionState>,
    windows: BTreeMap<Origin, WindowClients>,
    online: bool,
    /// Starts that were asked for.
    starts: Vec<(RegistrationKey, StartCompletion)>,
    /// Events that run, and how they are going to end.
    events: Vec<(Behaviour, EventCompletion)>,
    /// Events that were terminated.
    terminated: BTreeSet<AttemptId>,
}

impl ServiceWorkerHost for Process {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        let is_filled = self.turns > 3 || self.fault != Some(Fault::EmptyTableAtStart);
        if is_filled && self.workers.contains_key(key) { WorkerState::Active } else { WorkerState::NoSuchRegistration }
    }

    fn start(&mut self, key: &RegistrationKey, completion: StartCompletion) {
        self.starts.push((key.clone(), completion));
    }

    fn dispatch(&mut self, key: &RegistrationKey, _: &SyncEventInit, _: Duration, completion: EventCompletion) {
        // A worker that is gone has crashed: the token is dropped.
        let Some(behaviour) = self.workers.get(key) else { return };
        self.events.push((*behaviour, completion));
    }

    fn terminate(&mut self, _: &RegistrationKey, attempt: AttemptId, _: TerminateReason) {
        assert_ne!(self.fault, Some(Fault::Panics), "a worker that nobody thought of");
        if self.fault != Some(Fault::IgnoresTerminate) {
            self.terminated.insert(attempt);
        }
    }
}

impl OriginHost for Process {
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients {
        if self.fault == Some(Fault::TellsWhenAsked) {
            self.way_in.notify(Notice::Clients(partition, origin.clone()));
        }
        self.windows.get(origin).copied().unwrap_or(WindowClients::none())
    }

    fn permission(&mut self, _: Partition, origin: &Origin, _: SyncKind) -> PermissionState {
        self.permissions.get(origin).copied().unwrap_or(PermissionState::Prompt)
    }
}

impl NetworkOracle for Process {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        match self.fault {
            Some(Fault::NeverKnowsTheNetwork) => NetworkState::Unknown,
            Some(Fault::AlwaysOnline) => NetworkState::online(),
            Some(_) | None if self.online => NetworkState::online(),
            Some(_) | None => NetworkState::Offline,
        }
    }
}

impl Process {
    /// Workers start, run and end.
    fn run_workers(&mut self) {
        self.turns += 1;
        let starts =
            if self.fault == Some(Fault::ForgetsStarts) { Vec::new() } else { std::mem::take(&mut self.starts) };
        for (key, start) in starts {
            match self.workers.get(&key) {
                Some(Behaviour::DoesNotStart) => start.not_started(NotStarted::StartFailed),
                Some(_) => start.ready(),
                None => start.not_started(NotStarted::NoActiveWorker),
            }
        }
        let events =
            if self.fault == Some(Fault::ForgetsEvents) { Vec::new() } else { std::mem::take(&mut self.events) };
        for (behaviour, event) in events {
            match behaviour {
                Behaviour::Fulfils => event.finish(Outcome::Fulfilled),
                Behaviour::Rejects if self.fault == Some(Fault::EverythingIsFulfilled) => {
                    event.finish(Outcome::Fulfilled);
                }
                Behaviour::Rejects => event.finish(Outcome::Rejected),
                Behaviour::Hangs if !self.terminated.contains(&event.attempt()) => {
                    self.events.push((behaviour, event));
                }
                Behaviour::Hangs => event.finish(Outcome::Terminated),
                // The token dies with the worker's process.
                Behaviour::Crashes | Behaviour::DoesNotStart => drop(event),
            }
        }
    }
}

/// The system's alarm.
#[derive(Clone, Default)]
struct Alarm(Arc<Mutex<Option<WakeUp>>>);

impl WakeUpHost for Alarm {
    fn arm(&mut self, wake_up: Option<WakeUp>) {
        *self.0.lock().expect("nobody panics with it") = wake_up;
    }

    fn done(&mut self, _: WakeToken) {}
}

impl Alarm {
    fn is_due(&self, clock: &VirtualClock) -> bool {
        let mut armed = self.0.lock().expect("nobody panics with it");
        armed.take_if(|wake_up| wake_up.earliest <= clock.read().wall).is_some()
    }
}

/// The engine.
pub(crate) struct Toy {
    fault: Option<Fault>,
    profile: Profile,
    running: Option<Running>,
}

/// What an engine keeps beside its hosts while it runs.
struct Running {
    way_in: Poster,
    clock: VirtualClock,
    alarm: Alarm,
    wake_ups: u64,
}

impl Toy {
    pub(crate) fn with(fault: Option<Fault>) -> Self {
        let disk = Disk::default();
        Self::storing(fault, move || Box::new(disk.open(fault)))
    }

    /// With a store that is opened in each process.
    pub(crate) fn storing(fault: Option<Fault>, open: impl Fn() -> Box<dyn SyncStore> + 'static) -> Self {
        let (workers, permissions) = (BTreeMap::new(), BTreeMap::new());
        let profile = Profile { workers, permissions, online: false, open: Box::new(open) };
        Self { fault, profile, running: None }
    }

    fn way_in(&self) -> &Poster {
        &self.running.as_ref().expect("it was started").way_in
    }

    fn tell_unless(&self, fault: Fault, notice: impl Into<Notice>) {
        if self.fault != Some(fault) {
            self.tell(notice);
        }
    }

    fn tell(&self, notice: impl Into<Notice>) {
        self.way_in().notify(notice);
    }
}

impl EngineUnderTest for Toy {
    type Host = Process;

    fn start(&mut self, way_in: &Poster, clock: &VirtualClock) -> Hosts<Process> {
        let alarm = Alarm::default();
        self.running =
            Some(Running { way_in: way_in.clone(), clock: clock.clone(), alarm: alarm.clone(), wake_ups: 0 });
        let Profile { workers, permissions, online, open } = &self.profile;
        let process = Process {
            fault: self.fault,
            way_in: way_in.clone(),
            turns: 0,
            workers: workers.clone(),
            permissions: permissions.clone(),
            windows: BTreeMap::new(),
            online: *online,
            starts: Vec::new(),
            events: Vec::new(),
            terminated: BTreeSet::new(),
        };
        // It has read them.
        if self.fault != Some(Fault::NeverKnows) {
            way_in.notify(Notice::WorkersKnown);
        }
        let store = open();
        match self.fault {
            Some(Fault::ClockGoesBack) => Hosts::new(process, store, Wrong::new(clock)).with_wake_ups(alarm),
            Some(_) | None => Hosts::new(process, store, clock.clone()).with_wake_ups(alarm),
        }
    }

    fn turn(&mut self, host: &mut Process) {
        host.run_workers();
        let Some(Running { way_in, clock, alarm, wake_ups }) = &mut self.running else { return };
        if alarm.is_due(clock) && self.fault != Some(Fault::SleepsThroughAlarms) {
            *wake_ups += 1;
            way_in.notify(Notice::Woken(WakeToken(*wake_ups), Duration::from_secs(30)));
        }
    }

    fn install(&mut self, host: &mut Process, key: &RegistrationKey) {
        self.profile.workers.insert(key.clone(), Behaviour::Fulfils);
        host.workers = self.profile.workers.clone();
        self.tell(Notice::Worker(key.clone()));
    }

    fn unregister(&mut self, host: &mut Process, key: &RegistrationKey) {
        self.profile.workers.remove(key);
        if self.fault != Some(Fault::KeepsUnregistered) {
            host.workers.remove(key);
        }
        self.tell_unless(Fault::UnregistersInSilence, Removal::Unregistered(key.clone()));
    }

    fn set_windows(&mut self, host: &mut Process, partition: Partition, origin: &Origin, windows: WindowClients) {
        if !(windows.in_background() && self.fault == Some(Fault::CountsClosedWindows)) {
            host.windows.insert(origin.clone(), windows);
        }
        let silent = if windows.in_background() { Some(Fault::ClosesInSilence) } else { None };
        if silent.is_none() || silent != self.fault {
            self.tell(Notice::Clients(partition, origin.clone()));
        }
    }

    fn set_network(&mut self, host: &mut Process, state: &NetworkState) {
        self.profile.online = state.is_online();
        host.online = state.is_online();
        self.tell_unless(Fault::ComesOnlineInSilence, Notice::Network(NetworkSubject::All));
    }

    fn set_permission(&mut self, host: &mut Process, partition: Partition, origin: &Origin, state: PermissionState) {
        self.profile.permissions.insert(origin.clone(), state);
        if self.fault != Some(Fault::OldPermission) {
            host.permissions.insert(origin.clone(), state);
        }
        self.tell(Removal::Permission(partition, origin.clone(), SyncKind::OneShot));
    }

    fn clear(&mut self, _: &mut Process, partition: Partition, origin: &Origin) {
        self.tell(Removal::DataCleared(ClearedScope::Origin(partition, origin.clone()), None));
    }

    fn behave(&mut self, host: &mut Process, key: &RegistrationKey, behaviour: Behaviour) {
        self.profile.workers.insert(key.clone(), behaviour);
        host.workers.insert(key.clone(), behaviour);
    }

    fn register(&mut self, host: &mut Process, key: &RegistrationKey, tag: &Tag, answer: Answer) {
        let (partition, origin) = (key.partition(), key.origin());
        let gathered = Facts {
            worker: ServiceWorkerHost::state(host, key),
            windows: host.windows(partition, origin),
            permission: host.permission(partition, origin, SyncKind::OneShot),
            ..Facts::of_an_open_window()
        };
        let fault = self.fault;
        let facts = if fault == Some(Fault::ConstantFacts) { Facts::of_an_open_window() } else { gathered };
        if fault == Some(Fault::DropsCalls) {
            return;
        }
        let answer = if fault == Some(Fault::ResolvesAtOnce) {
            answer.settle(Ok(()));
            None
        } else {
            Some(answer)
        };
        let resolve = move |result, receipt: Receipt| {
            let result = if fault == Some(Fault::ResolvesRefusals) { Ok(()) } else { result };
            if let (Some(answer), true) = (answer, fault != Some(Fault::DropsReplies)) {
                answer.settle(result);
            }
            if fault != Some(Fault::NoReceipt) {
                receipt.delivered();
            }
        };
        if let Err(refused) = self.way_in().register(key.clone(), tag.clone(), Call::by_page(facts), resolve) {
            refused.answer();
        }
    }

    fn has_wake_ups(&self) -> bool {
        true
    }
}
