use std::collections::BTreeSet;

use background_sync_policy::{
    Facts, Origin, Partition, PerKind, PermissionState, RegistrationKey, SyncKind, UserSwitch,
};
use background_sync_registration::{Now, StoredRegistration};
use background_sync_scheduler::{NetworkState, PowerState};

use super::keys_met::KeysMet;
use super::panics::contained;
use super::reports::{Report, Reports};
use super::{EngineHost, HostCall, HostPanic, Hosts, Notice, Removal};
use crate::{Input, Loaded, NetworkSubject, OriginFacts, RequestId, StoreContents, WorkerState};

/// The hosts, called so that a panic costs one call, and what they say as inputs.
pub(crate) struct World<E> {
    hosts: Hosts<E>,
    reports: Reports,
    /// What the clock said last.
    now: Now,
    network_epoch: u64,
    /// What was said of the power last.
    power: PowerState,
    /// Of the store that is being read.
    keys_met: KeysMet,
    /// Those of which the engine could not tell, or which it did not know, before it had read its own registrations;
    /// none once it has.
    unknown: Option<BTreeSet<RegistrationKey>>,
}

impl<E: EngineHost> World<E> {
    pub(crate) fn new(hosts: Hosts<E>) -> Self {
        let (reports, keys_met, unknown) = (Reports::default(), KeysMet::default(), Some(BTreeSet::new()));
        let (now, power) = (Now::default(), PowerState::default());
        Self { hosts, reports, now, network_epoch: 0, power, keys_met, unknown }
    }

    pub(crate) fn engine(&self) -> &E {
        &self.hosts.engine
    }

    pub(crate) fn engine_mut(&mut self) -> &mut E {
        &mut self.hosts.engine
    }

    pub(crate) fn into_engine(self) -> E {
        self.hosts.engine
    }

    pub(crate) fn report(&mut self, report: Report) {
        #[cfg(feature = "tracing")]
        if let Err(message) = contained(|| super::traced::trace(&report)) {
            self.reports.push(Report::HostPanicked(HostPanic::new(HostCall::Observer, message)));
        }
        self.reports.push(report);
    }

    pub(crate) fn next_report(&mut self) -> Option<Report> {
        self.reports.take()
    }

    /// Calls a host. What it left half done is its own affair: nothing of background sync is in it.
    pub(crate) fn call<T>(&mut self, during: HostCall, call: impl FnOnce(&mut Hosts<E>) -> T) -> Option<T> {
        let ended = contained(|| call(&mut self.hosts));
        ended.map_err(|message| self.panicked(HostPanic::new(during, message))).ok()
    }

    /// Runs a closure that somebody handed in.
    pub(crate) fn run(&mut self, during: HostCall, closure: impl FnOnce()) {
        if let Err(message) = contained(closure) {
            self.panicked(HostPanic::new(during, message));
        }
    }

    pub(crate) fn panicked(&mut self, panic: HostPanic) {
        self.report(Report::HostPanicked(panic));
    }

    pub(crate) fn now(&mut self) -> Now {
        if let Some(now) = self.call(HostCall::Now, |hosts| hosts.clock.now()) {
            self.now = now;
        }
        self.now
    }

    /// What is true of a worker and its origin at the moment of its start. A service worker is a secure context and no
    /// fenced frame, and its own key is asked about; `policy` looks at the scheme all the same.
    pub(crate) fn facts_of_start(&mut self, key: &RegistrationKey) -> Option<Facts> {
        let (partition, origin, kind) = (key.partition(), key.origin(), SyncKind::OneShot);
        Some(Facts {
            secure_context: true,
            fenced: false,
            worker: self.worker_state(key),
            windows: self.call(HostCall::Windows, |hosts| hosts.engine.windows(partition, origin))?,
            permission: self.permission(partition, origin, kind)?,
            switch: self.user_switch(partition, origin, kind)?,
            restriction: self.call(HostCall::Restriction, |hosts| hosts.engine.restriction())?,
        })
    }

    fn worker_state(&mut self, key: &RegistrationKey) -> WorkerState {
        let state = |hosts: &mut Hosts<E>| super::ServiceWorkerHost::state(&mut hosts.engine, key);
        let state = self.call(HostCall::WorkerState, state).unwrap_or(WorkerState::NotLoaded);
        if let (Some(unknown), WorkerState::NoSuchRegistration | WorkerState::NotLoaded) = (&mut self.unknown, state) {
            unknown.insert(key.clone());
        }
        state
    }

    fn workers_known(&mut self) -> Input {
        let unknown = self.unknown.take().unwrap_or_default();
        let states = unknown.into_iter().map(|key| (key.clone(), self.worker_state(&key))).collect();
        Input::WorkersKnown { states }
    }

    fn permission(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> Option<PermissionState> {
        self.call(HostCall::Permission, |hosts| hosts.engine.permission(partition, origin, kind))
    }

    fn user_switch(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> Option<UserSwitch> {
        self.call(HostCall::UserSwitch, |hosts| hosts.engine.user_switch(partition, origin, kind))
    }

    /// The network, for everybody or for one origin.
    pub(crate) fn network(&mut self, origin: Option<&Origin>) -> NetworkState {
        let state = |hosts: &mut Hosts<E>| super::NetworkOracle::state(&mut hosts.engine, origin);
        self.call(HostCall::Network, state).unwrap_or(NetworkState::Unknown)
    }

    pub(crate) fn network_changed(&mut self, subject: NetworkSubject) -> Input {
        self.network_epoch += 1;
        let state = match &subject {
            NetworkSubject::All => self.network(None),
            NetworkSubject::Origin(origin) => self.network(Some(origin)),
        };
        Input::NetworkChanged { subject, state, epoch: self.network_epoch }
    }

    /// The power, if it is another than was said last. Of a host that panicked nothing is known.
    pub(crate) fn power_changed(&mut self) -> Option<Input> {
        let state = self.call(HostCall::Power, |hosts| hosts.power.state()).unwrap_or_default();
        let before = std::mem::replace(&mut self.power, state);
        (before != state).then_some(Input::PowerChanged { state })
    }

    /// What a notice says. None when it says nothing new, or the host that had to be asked panicked.
    pub(crate) fn notice(&mut self, notice: Notice) -> Option<Input> {
        Some(match notice {
            Notice::Network(subject) => self.network_changed(subject),
            Notice::Clients(partition, origin) => {
                let windows = self.call(HostCall::Windows, |hosts| hosts.engine.windows(partition, &origin))?;
                Input::ClientsChanged { partition, origin, windows }
            }
            Notice::Restriction => {
                let restriction = self.call(HostCall::Restriction, |hosts| hosts.engine.restriction())?;
                Input::RestrictionChanged { restriction }
            }
            Notice::Power => return self.power_changed(),
            Notice::ConditionOverride(origin, kind, said) => Input::ConditionOverride { origin, kind, said },
            Notice::Worker(key) => Input::WorkerChanged { state: self.worker_state(&key), key },
            Notice::WorkersKnown => self.workers_known(),
            Notice::Removal(removal) => return self.removal(removal, None),
            Notice::Answered(attempt, yes) => Input::Answered { attempt, yes },
            Notice::Slept => Input::Slept,
            Notice::Woke => Input::Woke,
            Notice::Frozen => Input::Frozen,
            Notice::Thawed => Input::Thawed,
            Notice::Woken(token, budget) => Input::Woken { token, budget },
            Notice::Shutdown => Input::Shutdown,
        })
    }

    pub(crate) fn removal(&mut self, removal: Removal, request: Option<RequestId>) -> Option<Input> {
        Some(match removal {
            Removal::Permission(partition, origin, kind) => {
                let state = self.permission(partition, &origin, kind)?;
                Input::PermissionChanged { request, partition, origin, kind, state }
            }
            Removal::UserSwitch(origin, kind, switch) => Input::UserSwitch { request, origin, kind, switch },
            Removal::Unregistered(key) => Input::Unregistered { request, key },
            Removal::DataCleared(scope, since) => Input::DataCleared { request, scope, since },
            Removal::PartitionClosed(partition) => Input::PartitionClosed { request, partition },
        })
    }

    /// Some of what the store holds.
    pub(crate) fn rows(&mut self, registrations: Vec<StoredRegistration>) -> Input {
        self.keys_met.note(&registrations);
        Input::Rows { registrations }
    }

    /// The load begins anew.
    pub(crate) fn forget_rows(&mut self) {
        self.keys_met.take();
    }

    /// The store's contents, with what the hosts say about everybody in them and in the rows before.
    pub(crate) fn loaded(&mut self, contents: StoreContents) -> Input {
        let StoreContents { registrations, budgets, profile, lost } = contents;
        self.keys_met.note(&registrations);
        let keys = self.keys_met.take();
        let origins: BTreeSet<_> = keys.iter().map(|key| (key.partition(), key.origin().clone())).collect();
        let worker_states = keys.into_iter().map(|key| (self.worker_state(&key), key)).map(|(s, k)| (k, s)).collect();
        let origins = origins.into_iter().filter_map(|(partition, origin)| self.facts_of(partition, origin)).collect();
        Input::Loaded(Loaded { registrations, budgets, profile, lost, worker_states, origins })
    }

    /// None when a host panicked: then nothing is said of the origin, which revokes nothing.
    fn facts_of(&mut self, partition: Partition, origin: Origin) -> Option<OriginFacts> {
        let windows = self.call(HostCall::Windows, |hosts| hosts.engine.windows(partition, &origin))?;
        let permission = PerKind {
            one_shot: self.permission(partition, &origin, SyncKind::OneShot)?,
            periodic: self.permission(partition, &origin, SyncKind::Periodic)?,
        };
        let switch = PerKind {
            one_shot: self.user_switch(partition, &origin, SyncKind::OneShot)?,
            periodic: self.user_switch(partition, &origin, SyncKind::Periodic)?,
        };
        Some(OriginFacts::new(partition, origin, windows, permission, switch))
    }
}
