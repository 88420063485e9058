use std::collections::BTreeSet;

use background_sync_policy::{
    Facts, Origin, Partition, PerKind, PermissionState, RegistrationKey, SyncKind, UserSwitch,
};
use background_sync_registration::{MonotonicTime, Now, StoredRegistration};
#[cfg(feature = "periodic")]
use background_sync_scheduler::{Engagement, UtcOffset};
use background_sync_scheduler::{NetworkState, PowerState};

use super::asked_again::AskedAgain;
use super::keys_met::KeysMet;
use super::panics::contained;
use super::reports::{Report, Reports};
use super::{EngineHost, HostCall, HostPanic, Hosts, Notice, Removal};
#[cfg(feature = "periodic")]
use crate::PeriodicInput;
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
    asked_again: AskedAgain,
}

impl<E: EngineHost> World<E> {
    pub(crate) fn new(hosts: Hosts<E>) -> Self {
        let (reports, keys_met, unknown) = (Reports::default(), KeysMet::default(), Some(BTreeSet::new()));
        let (now, power, asked_again) = (Now::default(), PowerState::default(), AskedAgain::default());
        Self { hosts, reports, now, network_epoch: 0, power, keys_met, unknown, asked_again }
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

    /// The hosts go, each by itself: two destructors that panic are two panics, and do not end the process. Gives what they
    /// said.
    #[cfg(feature = "thread")]
    pub(crate) fn end(self) -> Vec<String> {
        let Hosts { engine, store, clock, prompt, wake_ups, keep_alive, power } = self.hosts;
        let ends = [
            contained(|| drop(engine)),
            contained(|| drop(store)),
            contained(|| drop(clock)),
            contained(|| drop(prompt)),
            contained(|| drop(wake_ups)),
            contained(|| drop(keep_alive)),
            contained(|| drop(power)),
        ];
        ends.into_iter().filter_map(Result::err).collect()
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
    pub(crate) fn facts_of_start(&mut self, key: &RegistrationKey, kind: SyncKind) -> Option<Facts> {
        let (partition, origin) = (key.partition(), key.origin());
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
        let answer = self.call(HostCall::WorkerState, state);
        match answer {
            Some(_) => self.asked_again.forget(key),
            None => self.asked_again.note(key, self.now.monotonic),
        }
        let state = answer.unwrap_or(WorkerState::NotLoaded);
        if let (Some(unknown), WorkerState::NoSuchRegistration | WorkerState::NotLoaded) = (&mut self.unknown, state) {
            unknown.insert(key.clone());
        }
        state
    }

    /// When workers are to be asked about again that the engine panicked over.
    pub(crate) fn next_asked_again(&self) -> Option<MonotonicTime> {
        self.asked_again.due()
    }

    /// Those that are to be asked about again now.
    pub(crate) fn take_asked_again(&mut self) -> Vec<RegistrationKey> {
        if self.asked_again.due().is_none() {
            return Vec::new();
        }
        let now = self.now().monotonic;
        self.asked_again.take_due(now)
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
            #[cfg(feature = "periodic")]
            Notice::Visited(partition, origin) => {
                let offset = self.utc_offset()?;
                Input::Periodic(PeriodicInput::Visited { partition, origin, offset })
            }
            #[cfg(feature = "periodic")]
            Notice::UtcOffset => Input::Periodic(PeriodicInput::UtcOffset(self.utc_offset()?)),
            #[cfg(feature = "periodic")]
            Notice::Engagement(partition, origin) => {
                let engagement = self.engagement(partition, &origin)?;
                Input::Periodic(PeriodicInput::EngagementChanged { partition, origin, engagement })
            }
            #[cfg(feature = "periodic")]
            Notice::Paused(partition, origin) => {
                let paused = self.paused(partition, &origin)?;
                Input::Periodic(PeriodicInput::PauseChanged { partition, origin, paused })
            }
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
            Removal::Unregistered(key) => {
                self.asked_again.forget(&key);
                Input::Unregistered { request, key }
            }
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
        #[cfg(feature = "periodic")]
        let (engagement, paused) = (self.engagement(partition, &origin)?, self.paused(partition, &origin)?);
        let facts = OriginFacts::new(partition, origin, windows, permission, switch);
        #[cfg(feature = "periodic")]
        let facts = facts.with_periodic(engagement, paused);
        Some(facts)
    }

    #[cfg(feature = "periodic")]
    fn engagement(&mut self, partition: Partition, origin: &Origin) -> Option<Engagement> {
        self.call(HostCall::Engagement, |hosts| hosts.engine.engagement(partition, origin))
    }

    #[cfg(feature = "periodic")]
    fn paused(&mut self, partition: Partition, origin: &Origin) -> Option<bool> {
        self.call(HostCall::Paused, |hosts| hosts.engine.periodic_sync_paused(partition, origin))
    }

    #[cfg(feature = "periodic")]
    fn utc_offset(&mut self) -> Option<UtcOffset> {
        self.call(HostCall::UtcOffset, |hosts| hosts.clock.utc_offset())
    }
}
