//! A toy engine under the kit: what an engine author writes, in one file.
//!
//! `cargo run -p background-sync-host-tests --example toy`
//!
//! [`Profile`] is what is on the disk, [`Process`] what lives in a process and answers background sync,
//! [`Toy`] what the kit drives: both, and the way into the driver.
//!
//! What is shown is asserted, and run by the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use background_sync::policy::{
    Facts, Origin, Partition, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch, WindowClients,
    WorkerState,
};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{
    AttemptId, Call, ClearedScope, CommitCompletion, EventCompletion, Hosts, LoadCompletion, MemoryStore,
    NetworkOracle, NetworkSubject, NotStarted, Notice, OriginHost, Outcome, Poster, Removal, ServiceWorkerHost,
    StartCompletion, StoreOp, SyncEventInit, SyncStore, TerminateReason, WakeToken, WakeUp, WakeUpHost,
};
use background_sync_host_tests::{Answer, Behaviour, EngineUnderTest, Site, VirtualClock, check};

/// What outlives a process.
#[derive(Default)]
struct Profile {
    workers: BTreeMap<RegistrationKey, Behaviour>,
    permissions: BTreeMap<Site, PermissionState>,
    switches: BTreeMap<Site, UserSwitch>,
    online: bool,
    is_restricted: bool,
    disk: Disk,
}

impl Profile {
    /// What is private goes.
    fn forget(&mut self, goes: impl Fn(Partition) -> bool) {
        self.workers.retain(|key, _| !goes(key.partition()));
        self.permissions.retain(|site, _| !goes(site.partition));
        self.switches.retain(|site, _| !goes(site.partition));
    }
}

/// The file of the store.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<MemoryStore>>);

impl SyncStore for Disk {
    fn load(&mut self, done: LoadCompletion) {
        self.0.lock().expect("nobody panics with it").load(done);
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.0.lock().expect("nobody panics with it").commit(ops, done);
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.0.lock().expect("nobody panics with it").rewrite(ops, done);
    }
}

/// What answers background sync, in one process.
struct Process {
    workers: BTreeMap<RegistrationKey, Behaviour>,
    permissions: BTreeMap<Site, PermissionState>,
    switches: BTreeMap<Site, UserSwitch>,
    windows: BTreeMap<Site, WindowClients>,
    online: bool,
    is_restricted: bool,
    /// Starts that were asked for.
    starts: Vec<(RegistrationKey, StartCompletion)>,
    /// Events that run, and how they are going to end.
    events: Vec<(Behaviour, EventCompletion)>,
    /// Events that were terminated.
    terminated: BTreeSet<AttemptId>,
}

impl ServiceWorkerHost for Process {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        if self.workers.contains_key(key) { WorkerState::Active } else { WorkerState::NoSuchRegistration }
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
        self.terminated.insert(attempt);
    }
}

fn site(partition: Partition, origin: &Origin) -> Site {
    Site { partition, origin: origin.clone() }
}

impl OriginHost for Process {
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients {
        self.windows.get(&site(partition, origin)).copied().unwrap_or(WindowClients::none())
    }

    fn permission(&mut self, partition: Partition, origin: &Origin, _: SyncKind) -> PermissionState {
        self.permissions.get(&site(partition, origin)).copied().unwrap_or(PermissionState::Prompt)
    }

    fn user_switch(&mut self, partition: Partition, origin: &Origin, _: SyncKind) -> UserSwitch {
        self.switches.get(&site(partition, origin)).copied().unwrap_or(UserSwitch::On)
    }

    fn restriction(&mut self) -> SystemRestriction {
        if self.is_restricted { SystemRestriction::Restricted } else { SystemRestriction::None }
    }
}

impl NetworkOracle for Process {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        if self.online { NetworkState::online() } else { NetworkState::Offline }
    }
}

impl Process {
    /// Workers start, run and end.
    fn run_workers(&mut self) {
        for (key, start) in self.starts.drain(..) {
            match self.workers.get(&key) {
                Some(Behaviour::DoesNotStart) => start.not_started(NotStarted::StartFailed),
                Some(_) => start.ready(),
                None => start.not_started(NotStarted::NoActiveWorker),
            }
        }
        for (behaviour, event) in std::mem::take(&mut self.events) {
            match behaviour {
                Behaviour::Fulfils => event.finish(Outcome::Fulfilled),
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
#[derive(Default)]
struct Toy {
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
    fn way_in(&self) -> &Poster {
        &self.running.as_ref().expect("it was started").way_in
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
        let Profile { workers, permissions, switches, online, is_restricted, disk } = &self.profile;
        let process = Process {
            workers: workers.clone(),
            permissions: permissions.clone(),
            switches: switches.clone(),
            windows: BTreeMap::new(),
            online: *online,
            is_restricted: *is_restricted,
            starts: Vec::new(),
            events: Vec::new(),
            terminated: BTreeSet::new(),
        };
        // It has read them.
        way_in.notify(Notice::WorkersKnown);
        Hosts::new(process, disk.clone(), clock.clone()).with_wake_ups(alarm)
    }

    fn turn(&mut self, host: &mut Process) {
        host.run_workers();
        let Some(Running { way_in, clock, alarm, wake_ups }) = &mut self.running else { return };
        if alarm.is_due(clock) {
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
        host.workers.remove(key);
        self.tell(Removal::Unregistered(key.clone()));
    }

    fn set_windows(&mut self, host: &mut Process, partition: Partition, origin: &Origin, windows: WindowClients) {
        host.windows.insert(site(partition, origin), windows);
        self.tell(Notice::Clients(partition, origin.clone()));
    }

    fn set_network(&mut self, host: &mut Process, state: &NetworkState) {
        self.profile.online = state.is_online();
        host.online = state.is_online();
        self.tell(Notice::Network(NetworkSubject::All));
    }

    fn set_permission(&mut self, host: &mut Process, partition: Partition, origin: &Origin, state: PermissionState) {
        self.profile.permissions.insert(site(partition, origin), state);
        host.permissions.insert(site(partition, origin), state);
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
        let facts = Facts {
            worker: ServiceWorkerHost::state(host, key),
            windows: host.windows(partition, origin),
            permission: host.permission(partition, origin, SyncKind::OneShot),
            switch: host.user_switch(partition, origin, SyncKind::OneShot),
            restriction: host.restriction(),
            ..Facts::of_an_open_window()
        };
        let resolve = |result, receipt: background_sync::Receipt| {
            answer.settle(result);
            receipt.delivered();
        };
        if let Err(refused) = self.way_in().register(key.clone(), tag.clone(), Call::by_page(facts), resolve) {
            refused.answer();
        }
    }

    fn set_switch(&mut self, host: &mut Process, partition: Partition, origin: &Origin, switch: UserSwitch) {
        self.profile.switches.insert(site(partition, origin), switch);
        host.switches.insert(site(partition, origin), switch);
        self.tell(Removal::UserSwitch(Some((partition, origin.clone())), SyncKind::OneShot, switch));
    }

    fn set_restriction(&mut self, host: &mut Process, restriction: SystemRestriction) {
        self.profile.is_restricted = restriction == SystemRestriction::Restricted;
        host.is_restricted = self.profile.is_restricted;
        self.tell(Notice::Restriction);
    }

    fn close_private(&mut self, host: &mut Process, partition: Partition) {
        self.profile.forget(|of| of == partition);
        host.workers.retain(|key, _| key.partition() != partition);
        host.windows.retain(|site, _| site.partition != partition);
        host.permissions.clone_from(&self.profile.permissions);
        host.switches.clone_from(&self.profile.switches);
        self.tell(Removal::PartitionClosed(partition));
    }

    fn sleep(&mut self, _: &mut Process) {
        self.tell(Notice::Slept);
    }

    fn wake(&mut self, _: &mut Process) {
        self.tell(Notice::Woke);
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

fn main() {
    let report = check(Toy::default);
    print!("{report}");
    assert!(report.passed());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toy_keeps_every_rule() {
        let report = check(Toy::default);
        assert!(report.passed(), "{report}");
        assert_eq!(report.scenarios().len(), 27, "nothing is left out: {report}");
    }
}
