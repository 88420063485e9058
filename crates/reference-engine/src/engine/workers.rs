//! Service workers that run: starting them, firing events at them, stopping them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::{RegistrationKey, WindowClients};
use background_sync::{AttemptId, EventCompletion, NotStarted, Outcome, SyncEventInit, TerminateReason};
use background_sync_simulator::world::{Dispatched, Terminated};
use url::Url;

use super::install::fetch_script;
use super::registrations::Life;
use super::running::{Attempt, RealmId, RunningWorker, WorkerEvent};
use super::turn::MOST_STEPS;
use super::{Engine, Who};
use crate::script::{EventOutcome, GlobalKind, Limits, Realm, RealmOptions, ScriptError, ScriptLoader, Stopped};

/// Sources of scripts, by address.
type Scripts = BTreeMap<String, String>;

impl Engine {
    pub(super) fn worker_mut(&mut self, id: RealmId) -> Option<&mut RunningWorker> {
        let updates = self.updates.values_mut().map(|update| &mut update.worker);
        self.running.values_mut().chain(updates).find(|worker| worker.id == id)
    }

    /// Starts a worker from its stored script, unless it runs.
    pub(super) fn start_worker(&mut self, key: &RegistrationKey) -> Result<RealmId, ScriptError> {
        if let Some(worker) = self.running.get(key) {
            return Ok(worker.id);
        }
        let Some(registration) = self.registrations.get(key) else {
            return Err(ScriptError::missing("there is no such service worker registration"));
        };
        let (script_url, scripts) = (registration.script_url.clone(), registration.scripts.clone());
        let (worker, scripts) = self.new_worker(key, &script_url, scripts)?;
        if let Some(registration) = self.registrations.get_mut(key) {
            registration.scripts = scripts;
        }
        let id = worker.id;
        self.running.insert(key.clone(), worker);
        Ok(id)
    }

    /// A realm in which a worker's script has run, and all the scripts it needed.
    pub(super) fn new_worker(
        &mut self,
        key: &RegistrationKey,
        script_url: &str,
        scripts: Scripts,
    ) -> Result<(RunningWorker, Scripts), ScriptError> {
        let Some(registration) = self.registrations.get(key).map(super::registrations::Registration::info) else {
            return Err(ScriptError::missing("there is no such service worker registration"));
        };
        let id = RealmId(self.new_id());
        let scripts = Rc::new(RefCell::new(scripts));
        let options = RealmOptions {
            kind: GlobalKind::ServiceWorker { registration },
            location: Url::parse(script_url).map_err(|error| ScriptError::missing(&error.to_string()))?,
            online: self.is_online(script_url),
            limits: Limits::default(),
            seed: self.seed ^ id.0,
            clock: Rc::new(self.clock.clone()),
            indexed_db: self.databases_of(key.partition(), key.origin()),
            loader: self.loader(&scripts),
        };
        let mut realm = Realm::new(&options)?;
        let source = scripts.borrow().get(script_url).cloned().unwrap_or_default();
        realm.evaluate(&source, script_url)?;
        let worker = RunningWorker { id, realm, events: BTreeMap::new(), idle_since: self.elapsed() };
        let scripts = scripts.borrow().clone();
        Ok((worker, scripts))
    }

    /// `importScripts`: what was imported before is there without a network.
    fn loader(&self, scripts: &Rc<RefCell<Scripts>>) -> Rc<ScriptLoader> {
        let (scripts, servers, mirror) = (Rc::clone(scripts), Rc::clone(&self.servers), Rc::clone(&self.mirror));
        Rc::new(move |url: &Url| {
            if let Some(source) = scripts.borrow().get(url.as_str()) {
                return Ok(source.clone());
            }
            if !mirror.borrow().reaches(url) {
                return Err(format!("{url} can't be imported: there is no network"));
            }
            let source = fetch_script(&servers, url.as_str()).0?;
            scripts.borrow_mut().insert(url.to_string(), source.clone());
            Ok(source)
        })
    }

    /// Background sync wants a worker running.
    pub(super) fn start_for_sync(&mut self, key: RegistrationKey, completion: EventCompletion) {
        match self.registrations.get(&key).map(|registration| registration.life) {
            None | Some(Life::Installing) => completion.not_started(NotStarted::NoActiveWorker),
            Some(Life::Activating) => self.awaiting_activation.push((key, completion)),
            Some(Life::Activated) => {
                self.record.starts.push((self.elapsed(), key.clone()));
                let runs = self.running.contains_key(&key);
                match self.start_worker(&key) {
                    Ok(realm) => {
                        if !runs {
                            self.tell(Who::Worker, format!("{} starts", key.scope()), "for a sync");
                        }
                        completion.ready();
                        self.attempts.insert(completion.attempt(), Attempt { key, realm, tag: None, completion });
                    }
                    Err(error) => {
                        self.tell(Who::Trouble, format!("{} does not start: {error}", key.scope()), "");
                        completion.not_started(NotStarted::StartFailed);
                    }
                }
            }
        }
    }

    pub(super) fn dispatch_sync(&mut self, attempt: AttemptId, event: &SyncEventInit, cap: Duration) {
        let (at, id) = (self.elapsed(), self.new_id());
        let Some(started) = self.attempts.get_mut(&attempt) else { return };
        started.tag = Some(event.tag.clone());
        let (key, realm) = (started.key.clone(), started.realm);
        let windows = self.mirror.borrow().windows.get(&(key.partition(), key.origin().clone())).copied();
        let background = windows.is_none_or(WindowClients::in_background);
        let taken = false;
        self.record.dispatched.push(Dispatched { at, key, event: event.clone(), cap, background, taken });
        match self.worker_mut(realm) {
            Some(worker) => {
                worker.events.insert(id, WorkerEvent::Sync(attempt));
                worker.realm.dispatch_sync(id, &event.tag.to_utf16(), event.last_chance);
            }
            // Dropping the completion says that the event is lost.
            None => drop(self.attempts.remove(&attempt)),
        }
    }

    /// An event has ended in its worker.
    pub(super) fn event_settled(&mut self, realm: RealmId, event: u64, outcome: EventOutcome) {
        let now = self.elapsed();
        let Some(key) = self.worker_of(realm).map(|(key, _)| key.clone()) else { return };
        let Some(worker) = self.worker_mut(realm) else { return };
        let Some(ended) = worker.events.remove(&event) else { return };
        worker.idle_since = now;
        match ended {
            WorkerEvent::Install if self.updates.get(&key).is_some_and(|update| update.worker.id == realm) => {
                self.update_installed(&key, outcome);
            }
            WorkerEvent::Install => self.installed(&key, outcome),
            // sync events wait for activation, however it ends.
            WorkerEvent::Activate => self.live(&key, Life::Activated),
            WorkerEvent::Sync(attempt) => self.sync_settled(attempt, outcome),
        }
    }

    fn sync_settled(&mut self, attempt: AttemptId, outcome: EventOutcome) {
        let Some(Attempt { key, completion, .. }) = self.attempts.remove(&attempt) else { return };
        match outcome {
            EventOutcome::Fulfilled => completion.finish(Outcome::Fulfilled),
            EventOutcome::Rejected { reason } => {
                self.tell(Who::Worker, format!("{}: the event failed", key.scope()), reason);
                completion.finish(Outcome::Rejected);
            }
        }
    }

    /// Stops the worker an event runs in; all its events end.
    pub(super) fn terminate(&mut self, attempt: AttemptId, reason: TerminateReason) {
        let Some(Attempt { key, tag, .. }) = self.attempts.get(&attempt) else { return };
        let (key, tag) = (key.clone(), tag.clone());
        self.record.terminated.push(Terminated { at: self.elapsed(), key: key.clone(), tag, reason, taken: false });
        self.tell(Who::Worker, format!("{} is terminated", key.scope()), why_terminated(reason));
        self.kill_worker(&key, Outcome::Terminated);
    }

    /// Dropping the realm is the kill.
    pub(super) fn kill_worker(&mut self, key: &RegistrationKey, outcome: Outcome) {
        let Some(RunningWorker { id, realm, events, .. }) = self.running.remove(key) else { return };
        drop(realm);
        for event in events.into_values() {
            match event {
                WorkerEvent::Sync(attempt) => {
                    if let Some(Attempt { completion, .. }) = self.attempts.remove(&attempt) {
                        completion.finish(outcome);
                    }
                }
                WorkerEvent::Install => {
                    self.installed(key, EventOutcome::Rejected { reason: "the worker was stopped".to_owned() });
                }
                WorkerEvent::Activate => self.live(key, Life::Activated),
            }
        }
        // What was ready and not dispatched yet: dropped completions say that these are lost.
        self.attempts.retain(|_, attempt| attempt.realm != id);
    }

    /// Scripts that ran away were stopped; their realms are dead.
    pub(super) fn bury_stopped(&mut self) -> bool {
        let workers =
            self.running.iter().filter_map(|(key, worker)| Some((key.clone(), worker.id, worker.realm.stopped()?)));
        let workers: Vec<_> = workers.collect();
        let updates = self.updates.iter();
        let updates =
            updates.filter_map(|(key, update)| Some((key.clone(), update.worker.id, update.worker.realm.stopped()?)));
        let updates: Vec<_> = updates.collect();
        let pages =
            self.pages.iter().filter_map(|(window, page)| Some((window.clone(), page.id, page.realm.stopped()?)));
        let pages: Vec<_> = pages.collect();
        let busy = !workers.is_empty() || !pages.is_empty() || !updates.is_empty();
        for (key, id, why) in workers {
            let reason = self.why_stopped(id, why);
            self.tell(Who::Trouble, format!("the worker of {} was stopped: {reason}", key.scope()), "");
            let outcome = match why {
                Stopped::Interrupted | Stopped::TimeUp | Stopped::TooManyJobs => Outcome::Terminated,
                Stopped::OutOfMemory => Outcome::Crashed,
            };
            self.kill_worker(&key, outcome);
        }
        for (key, id, why) in updates {
            let reason = self.why_stopped(id, why);
            self.update_installed(&key, EventOutcome::Rejected { reason });
        }
        for (window, id, why) in pages {
            let reason = self.why_stopped(id, why);
            self.tell(Who::Trouble, format!("the page in {window} was stopped: {reason}"), "its window closes");
            self.close_window(&window);
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

    pub(super) fn stop_idle_worker(&mut self, key: &RegistrationKey) {
        if self.running.remove(key).is_some() {
            self.tell(Who::Worker, format!("{} is stopped", key.scope()), "nothing to do");
        }
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
