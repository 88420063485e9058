//! The toy engine of the example, with a place for each fault.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use background_sync::policy::{
    Facts, Origin, Partition, PartitionId, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch,
    WindowClients, WorkerState,
};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, Call, ClearedScope, EventCompletion, Hosts, NetworkOracle, NetworkSubject, NotStarted, Notice,
    OriginHost, Outcome, Poster, Receipt, Removal, ServiceWorkerHost, StartCompletion, SyncEventInit, SyncStore,
    TerminateReason, WakeToken, WakeUp, WakeUpHost,
};
use background_sync_host_tests::{Answer, Behaviour, EngineUnderTest, Site, VirtualClock};

use super::clock::{OfTheWall, Wrong};
use super::fault::Fault;
use super::store::Disk;

/// What outlives a process.
struct Profile {
    workers: BTreeMap<RegistrationKey, Behaviour>,
    permissions: BTreeMap<Site, PermissionState>,
    switches: BTreeMap<Site, UserSwitch>,
    online: bool,
    restriction: SystemRestriction,
    /// Opens the store in a new process.
    open: Box<dyn Fn() -> Box<dyn SyncStore>>,
}

impl Profile {
    /// What is private goes.
    fn forget(&mut self, goes: impl Fn(Partition) -> bool) {
        self.workers.retain(|key, _| !goes(key.partition()));
        self.permissions.retain(|site, _| !goes(site.partition));
        self.switches.retain(|site, _| !goes(site.partition));
    }
}

/// What answers background sync, in one process.
pub(crate) struct Process {
    fault: Option<Fault>,
    way_in: Poster,
    /// Turns of this process.
    turns: u32,
    workers: BTreeMap<RegistrationKey, Behaviour>,
    permissions: BTreeMap<Site, PermissionState>,
    switches: BTreeMap<Site, UserSwitch>,
    windows: BTreeMap<Site, WindowClients>,
    online: bool,
    restriction: SystemRestriction,
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
        self.windows.get(&self.site(partition, origin)).copied().unwrap_or(WindowClients::none())
    }

    fn permission(&mut self, partition: Partition, origin: &Origin, _: SyncKind) -> PermissionState {
        let of_any = || self.permissions.values().next().filter(|_| self.fault == Some(Fault::OnePermissionForAll));
        let decided = self.permissions.get(&self.site(partition, origin)).or_else(of_any);
        decided.copied().unwrap_or(PermissionState::Prompt)
    }

    fn user_switch(&mut self, partition: Partition, origin: &Origin, _: SyncKind) -> UserSwitch {
        self.switches.get(&self.site(partition, origin)).copied().unwrap_or(UserSwitch::On)
    }

    fn restriction(&mut self) -> SystemRestriction {
        self.restriction
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
    fn site(&self, partition: Partition, origin: &Origin) -> Site {
        let ignores = self.fault == Some(Fault::IgnoresPartitions);
        let partition = if ignores { Partition::Profile(PartitionId(0)) } else { partition };
        Site { partition, origin: origin.clone() }
    }

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
        let profile = Profile {
            workers: BTreeMap::new(),
            permissions: BTreeMap::new(),
            switches: BTreeMap::new(),
            online: false,
            restriction: SystemRestriction::None,
            open: Box::new(open),
        };
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
        self.profile.forget(|partition| partition.is_private());
        let Profile { workers, permissions, switches, online, restriction, open } = &self.profile;
        let process = Process {
            fault: self.fault,
            way_in: way_in.clone(),
            turns: 0,
            workers: workers.clone(),
            permissions: permissions.clone(),
            switches: switches.clone(),
            windows: BTreeMap::new(),
            online: *online,
            restriction: *restriction,
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
            Some(Fault::ClockRunsOn) => Hosts::new(process, store, OfTheWall::new(clock)).with_wake_ups(alarm),
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
            host.windows.insert(host.site(partition, origin), windows);
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
        self.profile.permissions.insert(host.site(partition, origin), state);
        if self.fault != Some(Fault::OldPermission) {
            host.permissions.insert(host.site(partition, origin), state);
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
            switch: host.user_switch(partition, origin, SyncKind::OneShot),
            restriction: host.restriction(),
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

    fn set_switch(&mut self, host: &mut Process, partition: Partition, origin: &Origin, switch: UserSwitch) {
        self.profile.switches.insert(host.site(partition, origin), switch);
        if self.fault != Some(Fault::OldSwitch) {
            host.switches.insert(host.site(partition, origin), switch);
        }
        let of = Some((partition, origin.clone()));
        self.tell_unless(Fault::SwitchesInSilence, Removal::UserSwitch(of, SyncKind::OneShot, switch));
    }

    fn set_restriction(&mut self, host: &mut Process, restriction: SystemRestriction) {
        self.profile.restriction = restriction;
        if self.fault != Some(Fault::OldRestriction) {
            host.restriction = restriction;
        }
        self.tell_unless(Fault::RestrictsInSilence, Notice::Restriction);
    }

    fn close_private(&mut self, host: &mut Process, partition: Partition) {
        self.profile.forget(|of| of == partition);
        host.workers.retain(|key, _| key.partition() != partition);
        host.windows.retain(|site, _| site.partition != partition);
        host.permissions.retain(|site, _| site.partition != partition);
        host.switches.retain(|site, _| site.partition != partition);
        self.tell_unless(Fault::ClosesPrivateInSilence, Removal::PartitionClosed(partition));
    }

    fn sleep(&mut self, _: &mut Process) {
        self.tell_unless(Fault::SleepsInSilence, Notice::Slept);
    }

    fn wake(&mut self, _: &mut Process) {
        self.tell_unless(Fault::SleepsInSilence, Notice::Woke);
    }

    fn has_wake_ups(&self) -> bool {
        true
    }

    fn has_switch(&self) -> bool {
        true
    }

    fn has_restrictions(&self) -> bool {
        true
    }

    fn has_private_partitions(&self) -> bool {
        true
    }
}
