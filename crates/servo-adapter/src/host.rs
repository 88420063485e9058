use std::collections::HashMap;
use std::time::Duration;

use background_sync::policy::{Facts, Origin, Partition, PermissionState, RegistrationKey, SyncKind, WindowClients};
use background_sync::scheduler::NetworkState;
use background_sync::{
    AskedBy, AttemptId, Call, EventCompletion, NetworkOracle, NotStarted, OriginHost, ServiceWorkerHost,
    StartCompletion, SyncEventInit, TerminateReason, WorkerState,
};
use log::warn;
use servo_base::generic_channel::GenericSender;

use crate::message::KIND;
use crate::once::once;
use crate::permission::Permissions;
use crate::{Clients, RegisterCall, Registration, WorkerCommand};

/// What the constellation told, for the driver to ask.
pub(crate) struct Engine {
    pub(crate) clients: Clients,
    pub(crate) permissions: Permissions,
    pub(crate) network: NetworkState,
    pub(crate) workers: Workers,
    constellation: GenericSender<WorkerCommand>,
}

/// The states of service workers.
#[derive(Default)]
pub(crate) struct Workers {
    states: HashMap<RegistrationKey, WorkerState>,
    /// Every stored registration was told.
    known: bool,
}

impl Workers {
    pub(crate) fn changed(&mut self, key: RegistrationKey, state: WorkerState) {
        self.states.insert(key, state);
    }

    pub(crate) fn removed(&mut self, key: &RegistrationKey) {
        self.states.remove(key);
    }

    pub(crate) fn all_known(&mut self) {
        self.known = true;
    }

    fn state(&self, key: &RegistrationKey) -> WorkerState {
        let otherwise = if self.known { WorkerState::NoSuchRegistration } else { WorkerState::NotLoaded };
        self.states.get(key).copied().unwrap_or(otherwise)
    }
}

impl Engine {
    pub(crate) fn new(constellation: GenericSender<WorkerCommand>, network: NetworkState) -> Self {
        let (clients, permissions, workers) = (Clients::default(), Permissions::default(), Workers::default());
        Self { clients, permissions, network, workers, constellation }
    }

    /// What is true at the moment of a call: messages come in the order in which things happened.
    pub(crate) fn call(&mut self, call: &RegisterCall) -> Call {
        let key = call.registration.key();
        let (partition, origin) = (key.partition(), key.origin());
        let facts = Facts {
            secure_context: call.secure_context,
            // Servo has no fenced frames.
            fenced: false,
            worker: self.workers.state(key),
            windows: self.windows(partition, origin),
            permission: self.permission(partition, origin, KIND),
            switch: self.user_switch(partition, origin, KIND),
            restriction: self.restriction(),
        };
        match call.asked_by {
            AskedBy::Page => Call::by_page(facts),
            AskedBy::Worker => Call::by_worker(facts),
        }
    }

    /// A constellation that has gone drops the command with its callback, which is an answer.
    fn send(&self, command: WorkerCommand) {
        if let Err(error) = self.constellation.send(command) {
            warn!("background sync has no constellation any more: {error}");
        }
    }
}

impl ServiceWorkerHost for Engine {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        self.workers.state(key)
    }

    fn start(&mut self, key: &RegistrationKey, completion: StartCompletion) {
        let Ok(registration) = Registration::try_from(key) else {
            return completion.not_started(NotStarted::NoActiveWorker);
        };
        let attempt = completion.attempt();
        let started = once(move |result| match result {
            Ok(()) => completion.ready(),
            Err(reason) => completion.not_started(reason),
        });
        if let Some(started) = started {
            self.send(WorkerCommand::Start { attempt, registration, started });
        }
    }

    fn dispatch(&mut self, key: &RegistrationKey, event: &SyncEventInit, cap: Duration, completion: EventCompletion) {
        let Ok(registration) = Registration::try_from(key) else { return };
        let (attempt, event) = (completion.attempt(), event.clone());
        if let Some(ended) = once(move |outcome| completion.finish(outcome)) {
            self.send(WorkerCommand::Dispatch { attempt, registration, event, cap, ended });
        }
    }

    fn abandon(&mut self, key: &RegistrationKey, attempt: AttemptId) {
        if let Ok(registration) = Registration::try_from(key) {
            self.send(WorkerCommand::Abandon { attempt, registration });
        }
    }

    fn terminate(&mut self, key: &RegistrationKey, attempt: AttemptId, reason: TerminateReason) {
        if let Ok(registration) = Registration::try_from(key) {
            self.send(WorkerCommand::Terminate { attempt, registration, reason });
        }
    }
}

impl OriginHost for Engine {
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients {
        self.clients.windows(partition, origin)
    }

    fn permission(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> PermissionState {
        self.permissions.state(partition, origin, kind)
    }
}

impl NetworkOracle for Engine {
    fn state(&mut self, _: Option<&Origin>) -> NetworkState {
        self.network.clone()
    }
}
