//! Service workers that run: starting and stopping them.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::RegistrationKey;
use background_sync::{AttemptId, NotStarted, Outcome, StartCompletion, TerminateReason};
use background_sync_simulator::world::Terminated;
use url::Url;

use super::fetches::fetch_script;
use super::registrations::{Registration, WorkerId};
use super::running::{Attempt, Imports, RealmId, RunningWorker, WorkerEvent};
use super::turn::MOST_STEPS;
use super::{Engine, Who};
use crate::script::{
    EventOutcome, GlobalKind, Realm, RealmOptions, ScriptError, ScriptLoader, ServiceWorkerState, Stopped,
};

impl Engine {
    pub(super) fn running_mut(&mut self, id: RealmId) -> Option<&mut RunningWorker> {
        self.running.values_mut().find(|worker| worker.id == id)
    }

    /// Starts a worker from its stored scripts, unless it runs.
    pub(super) fn start_worker(&mut self, id: WorkerId) -> Result<RealmId, ScriptError> {
        if let Some(running) = self.running.get(&id) {
            return Ok(running.id);
        }
        let gone = || ScriptError::missing("there is no such service worker any more");
        let registration = self.registrations.with_worker(id).ok_or_else(gone)?;
        let worker = registration.workers().find(|worker| worker.id == id).ok_or_else(gone)?;
        let (key, info, worker_info) = (registration.key.clone(), registration.info(), worker.info());
        let source = worker.source.clone();
        let realm_id = RealmId(self.new_id());
        let text = source.scripts.get(&source.script_url).cloned().unwrap_or_default();
        let imports = Imports::new(source.scripts, worker_info.state == ServiceWorkerState::Installing);
        let url = Url::parse(&source.script_url).map_err(|error| ScriptError::missing(&error.to_string()))?;
        let options = RealmOptions {
            kind: GlobalKind::ServiceWorker { registration: info, worker: worker_info },
            loader: self.loader(&imports),
            ..self.realm_options(realm_id, &super::Home::of(&key), url)
        };
        let mut realm = Realm::new(&options)?;
        realm.evaluate(&text, &source.script_url)?;
        let (events, idle_since) = (BTreeMap::new(), self.elapsed());
        let running =
            RunningWorker { id: realm_id, worker: id, key, realm, imports, events, until: Duration::ZERO, idle_since };
        self.running.insert(id, running);
        Ok(realm_id)
    }

    /// `importScripts`: what was imported while the worker was installed is there without a network, and nothing else is.
    fn loader(&self, imports: &Imports) -> Rc<ScriptLoader> {
        let (imports, servers, mirror) = (imports.clone(), Rc::clone(&self.servers), Rc::clone(&self.mirror));
        Rc::new(move |url: &Url| {
            if let Some(source) = imports.get(url.as_str()) {
                return Ok(source);
            }
            if !imports.are_open() {
                return Err("it was not imported before the worker was installed; import it at the top".to_owned());
            }
            if !mirror.borrow().reaches(url) {
                return Err(format!("{url} can't be imported: there is no network"));
            }
            let source = fetch_script(&servers, url.as_str()).0?;
            imports.add(url.to_string(), source.clone());
            Ok(source)
        })
    }

    /// Background sync wants the active worker running.
    pub(super) fn start_for_sync(&mut self, key: RegistrationKey, completion: StartCompletion) {
        let active = self.registrations.get(&key).and_then(|registration| registration.active.as_ref());
        let Some((id, state)) = active.map(|worker| (worker.id, worker.state)) else {
            return completion.not_started(NotStarted::NoActiveWorker);
        };
        if state != ServiceWorkerState::Activated {
            return self.awaiting_activation.push((key, completion));
        }
        self.record.starts.push((self.elapsed(), key.clone(), None));
        match self.start_for(&key, id, "for a sync") {
            Ok(realm) => {
                self.attempts.insert(completion.attempt(), Attempt { key, realm, tag: None, completion: None });
                completion.ready();
            }
            Err(_) => completion.not_started(NotStarted::StartFailed),
        }
    }

    /// Starts a worker for an event, and tells of it.
    pub(super) fn start_for(&mut self, key: &RegistrationKey, id: WorkerId, why: &str) -> Result<RealmId, ScriptError> {
        let runs = self.running.contains_key(&id);
        let started = self.start_worker(id);
        match &started {
            Ok(_) if runs => {}
            Ok(_) => self.tell(Who::Worker, format!("{} starts", key.scope()), why),
            Err(error) => self.tell(Who::Trouble, format!("{} does not start: {error}", key.scope()), ""),
        }
        started
    }

    /// Stops the worker an event runs in; all its events end.
    pub(super) fn terminate(&mut self, attempt: AttemptId, reason: TerminateReason) {
        let Some(Attempt { key, tag, realm, .. }) = self.attempts.get(&attempt) else { return };
        let (key, tag, realm) = (key.clone(), tag.clone(), *realm);
        let terminated = Terminated { at: self.elapsed(), key: key.clone(), tag, kind: None, reason, taken: false };
        self.record.terminated.push(terminated);
        self.tell(Who::Worker, format!("{} is terminated", key.scope()), why_terminated(reason));
        if let Some(worker) = self.running_mut(realm).map(|running| running.worker) {
            self.kill_worker(worker, Outcome::Terminated);
        }
    }

    /// Dropping the realm is the kill.
    pub(super) fn kill_worker(&mut self, worker: WorkerId, outcome: Outcome) {
        let Some(RunningWorker { id, realm, events, key, .. }) = self.running.remove(&worker) else { return };
        drop(realm);
        self.forget_ports(id);
        for event in events.into_values() {
            match event {
                WorkerEvent::Sync(attempt) => {
                    if let Some(Attempt { completion: Some(completion), .. }) = self.attempts.remove(&attempt) {
                        completion.finish(outcome);
                    }
                }
                WorkerEvent::Install => {
                    let reason = "the worker was stopped".to_owned();
                    self.install_ended(&key, worker, EventOutcome::Rejected { reason });
                }
                WorkerEvent::Activate => self.activate_ended(&key, worker),
                WorkerEvent::Fetch(fetch) => self.fetch_failed(fetch, "the service worker was stopped"),
                WorkerEvent::Message | WorkerEvent::Notification { .. } => {}
            }
        }
        // What was ready and not dispatched yet: when its event comes its completion is dropped.
        self.attempts.retain(|_, attempt| attempt.realm != id);
    }

    /// Scripts that ran away were stopped; their realms are dead.
    pub(super) fn bury_stopped(&mut self) -> bool {
        let workers: Vec<_> = self
            .running
            .values()
            .filter_map(|running| Some((running.key.clone(), running.worker, running.id, running.realm.stopped()?)))
            .collect();
        let pages: Vec<_> = self
            .pages
            .iter()
            .filter_map(|(window, page)| Some((window.clone(), page.client.id, page.client.realm.stopped()?)))
            .collect();
        let others: Vec<_> = self
            .client_workers
            .values()
            .filter_map(|worker| Some((worker.client.id, worker.client.realm.stopped()?)))
            .collect();
        let busy = !workers.is_empty() || !pages.is_empty() || !others.is_empty();
        for (key, worker, id, why) in workers {
            let reason = self.why_stopped(id, why);
            self.tell(Who::Trouble, format!("the worker of {} was stopped: {reason}", key.scope()), "");
            let outcome = match why {
                Stopped::Interrupted | Stopped::TimeUp | Stopped::TooManyJobs => Outcome::Terminated,
                Stopped::OutOfMemory => Outcome::Crashed,
            };
            self.kill_worker(worker, outcome);
        }
        for (window, id, why) in pages {
            let reason = self.why_stopped(id, why);
            self.tell(Who::Trouble, format!("the page in {window} was stopped: {reason}"), "its window closes");
            self.close_window(&window);
        }
        for (id, why) in others {
            let reason = self.why_stopped(id, why);
            self.tell(Who::Trouble, format!("a worker of a page was stopped: {reason}"), "");
            self.stop_client_worker(id);
        }
        busy
    }

    fn why_stopped(&self, id: RealmId, why: Stopped) -> String {
        match self.steps_here.get(&id) {
            Some(steps) if *steps >= MOST_STEPS => {
                "it keeps itself busy without time passing; look for a loop of timers or fetches".to_owned()
            }
            Some(_) | None => why.to_string(),
        }
    }

    pub(super) fn stop_idle_worker(&mut self, worker: WorkerId) {
        if let Some(running) = self.running.remove(&worker) {
            self.forget_ports(running.id);
            self.tell(Who::Worker, format!("{} is stopped", running.key.scope()), "nothing to do");
        }
    }

    /// Whether a worker has events that have not ended, or one on its way.
    pub(super) fn is_busy(&self, worker: WorkerId) -> bool {
        self.running.get(&worker).is_some_and(|running| !self.has_nothing_to_do(running))
    }

    pub(super) fn has_nothing_to_do(&self, running: &RunningWorker) -> bool {
        running.events.is_empty() && !self.attempts.values().any(|attempt| attempt.realm == running.id)
    }

    /// The worker of a realm, with its registration.
    pub(super) fn worker_of(&self, id: RealmId) -> Option<(&RunningWorker, &Registration)> {
        let running = self.running.values().find(|running| running.id == id)?;
        Some((running, self.registrations.get(&running.key)?))
    }
}

fn why_terminated(reason: TerminateReason) -> &'static str {
    match reason {
        TerminateReason::Timeout => "its event took longer than it may",
        TerminateReason::SwitchedOff => "background sync was switched off",
        TerminateReason::PartitionClosed => "its private partition was closed",
        TerminateReason::Shutdown => "the browser shuts down",
    }
}
