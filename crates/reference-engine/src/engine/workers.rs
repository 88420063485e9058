//! Service workers: installing them, starting them, firing events at them, stopping them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::{Origin, Partition, RegistrationKey, Scope};
use background_sync::{AttemptId, EventCompletion, NotStarted, Notice, Outcome, SyncEventInit, TerminateReason};
use background_sync_simulator::world::{Dispatched, Terminated};
use url::Url;

use super::registrations::Life;
use super::running::{RealmId, RunningWorker, WorkerEvent};
use super::turn::{Later, Scheduled};
use super::{Engine, Who};
use crate::script::{
    Answer, CallId, DomError, EventOutcome, FetchRequest, GlobalKind, Lifecycle, Limits, Realm, RealmOptions,
    ScriptError, ScriptLoader, Stopped,
};

/// A worker's script on its way.
pub(super) struct ScriptFetch {
    realm: RealmId,
    call: CallId,
    partition: Partition,
    origin: Origin,
    scope: Scope,
    script_url: String,
    source: Result<String, String>,
}

impl Engine {
    /// `navigator.serviceWorker.register(...)`.
    pub(super) fn register_worker(&mut self, id: RealmId, call: CallId, script_url: &str, scope: Option<String>) {
        let Some((partition, origin)) = self.partition_of(id) else { return };
        let scope =
            scope.or_else(|| Some(Url::parse(script_url).ok()?.join("./").ok()?.to_string())).unwrap_or_default();
        let same_origin = Origin::parse(script_url).as_ref() == Ok(&origin);
        let scope = match Scope::parse(&scope, &origin) {
            Ok(scope) if same_origin => scope,
            Ok(_) | Err(_) => {
                let message = "a service worker's script and scope are of its page's origin".to_owned();
                return self.settle_call(id, call, Err(DomError { name: "SecurityError".to_owned(), message }));
            }
        };
        if let Some(registration) = self.registrations.find(partition, scope.as_str()) {
            let info = registration.info();
            return self.settle_call(id, call, Ok(Answer::Registration(info)));
        }
        let (source, takes) = self.fetch_script(script_url);
        let fetch =
            ScriptFetch { realm: id, call, partition, origin, scope, script_url: script_url.to_owned(), source };
        self.scheduled.push_back(Scheduled { at: self.elapsed() + takes, what: Later::Script(Box::new(fetch)) });
    }

    fn fetch_script(&self, url: &str) -> (Result<String, String>, Duration) {
        if !self.is_online(url) {
            return (Err(format!("{url} can't be fetched: there is no network")), Duration::ZERO);
        }
        fetch_script(&self.servers, url)
    }

    /// The script has arrived: the worker starts for the first time, and installs.
    pub(super) fn install(&mut self, fetch: ScriptFetch) {
        let ScriptFetch { realm, call, partition, origin, scope, script_url, source } = fetch;
        let source = match source {
            Ok(source) => source,
            Err(why) => return self.settle_call(realm, call, Err(DomError::type_error(&why))),
        };
        let key = self.registrations.add(partition, &origin, scope, script_url.clone());
        if let Some(registration) = self.registrations.get_mut(&key) {
            registration.scripts.insert(script_url, source);
        }
        if let Err(error) = self.start_worker(&key) {
            self.registrations.remove(&key);
            self.tell(Who::Trouble, format!("the service worker's script failed: {error}"), "");
            let message = format!("the service worker's script failed: {error}");
            return self.settle_call(realm, call, Err(DomError::type_error(&message)));
        }
        self.life_changed(&key);
        if let Some(info) = self.registrations.get(&key).map(super::registrations::Registration::info) {
            self.settle_call(realm, call, Ok(Answer::Registration(info)));
        }
        self.dispatch_lifecycle(&key, WorkerEvent::Install, Lifecycle::Install);
    }

    fn dispatch_lifecycle(&mut self, key: &RegistrationKey, event: WorkerEvent, lifecycle: Lifecycle) {
        let id = self.new_id();
        if let Some(worker) = self.running.get_mut(key) {
            worker.events.insert(id, event);
            worker.realm.dispatch_lifecycle(id, lifecycle);
        }
    }

    /// Starts a worker from its stored script, unless it runs.
    fn start_worker(&mut self, key: &RegistrationKey) -> Result<(), ScriptError> {
        if self.running.contains_key(key) {
            return Ok(());
        }
        let Some(registration) = self.registrations.get(key) else {
            return Err(ScriptError::missing("there is no such service worker registration"));
        };
        let (script_url, scripts, info) =
            (registration.script_url.clone(), registration.scripts.clone(), registration.info());
        let id = RealmId(self.new_id());
        let scripts = Rc::new(RefCell::new(scripts));
        let options = RealmOptions {
            kind: GlobalKind::ServiceWorker { registration: info },
            location: Url::parse(&script_url).map_err(|error| ScriptError::missing(&error.to_string()))?,
            online: self.is_online(&script_url),
            limits: Limits::default(),
            seed: self.seed ^ id.0,
            clock: Rc::new(self.clock.clone()),
            indexed_db: self.databases_of(key.partition(), key.origin()),
            loader: self.loader(&scripts),
        };
        let mut realm = Realm::new(&options)?;
        let source = scripts.borrow().get(&script_url).cloned().unwrap_or_default();
        realm.evaluate(&source, &script_url)?;
        if let Some(registration) = self.registrations.get_mut(key) {
            registration.scripts = scripts.take();
        }
        let idle_since = self.elapsed();
        self.running.insert(key.clone(), RunningWorker { id, realm, events: BTreeMap::new(), idle_since });
        Ok(())
    }

    /// `importScripts`: what was imported before is there without a network.
    fn loader(&self, scripts: &Rc<RefCell<BTreeMap<String, String>>>) -> Rc<ScriptLoader> {
        let (scripts, servers, mirror) = (Rc::clone(scripts), Rc::clone(&self.servers), Rc::clone(&self.mirror));
        Rc::new(move |url: &Url| {
            if let Some(source) = scripts.borrow().get(url.as_str()) {
                return Ok(source.clone());
            }
            if !mirror.borrow().network.is_online() {
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
                let runs = self.running.contains_key(&key);
                match self.start_worker(&key) {
                    Ok(()) => {
                        if !runs {
                            self.tell(Who::Worker, format!("{} starts", key.scope()), "for a sync");
                        }
                        completion.ready();
                        self.attempts.insert(completion.attempt(), (key, completion));
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
        let Some(key) = self.attempts.get(&attempt).map(|(key, _)| key.clone()) else { return };
        let windows = self.mirror.borrow().windows.get(&(key.partition(), key.origin().clone())).copied();
        let background = windows.is_none_or(background_sync::policy::WindowClients::in_background);
        let taken = false;
        self.record.dispatched.push(Dispatched { at, key: key.clone(), event: event.clone(), cap, background, taken });
        match self.running.get_mut(&key) {
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
        let Some((key, worker)) = self.running.iter_mut().find(|(_, worker)| worker.id == realm) else { return };
        let key = key.clone();
        worker.idle_since = now;
        match worker.events.remove(&event) {
            None => {}
            Some(WorkerEvent::Install) => self.installed(&key, outcome),
            // sync events wait for activation, however it ends.
            Some(WorkerEvent::Activate) => self.live(&key, Life::Activated),
            Some(WorkerEvent::Sync(attempt)) => self.sync_settled(attempt, outcome),
        }
    }

    fn sync_settled(&mut self, attempt: AttemptId, outcome: EventOutcome) {
        let Some((key, completion)) = self.attempts.remove(&attempt) else { return };
        match outcome {
            EventOutcome::Fulfilled => completion.finish(Outcome::Fulfilled),
            EventOutcome::Rejected { reason } => {
                self.tell(Who::Worker, format!("{}: the event failed", key.scope()), reason);
                completion.finish(Outcome::Rejected);
            }
        }
    }

    fn installed(&mut self, key: &RegistrationKey, outcome: EventOutcome) {
        match outcome {
            EventOutcome::Fulfilled => {
                self.live(key, Life::Activating);
                self.dispatch_lifecycle(key, WorkerEvent::Activate, Lifecycle::Activate);
            }
            EventOutcome::Rejected { reason } => {
                self.tell(Who::Trouble, format!("{} was not installed", key.scope()), reason);
                self.registrations.remove(key);
                self.running.remove(key);
                self.life_changed(key);
            }
        }
    }

    fn live(&mut self, key: &RegistrationKey, life: Life) {
        let Some(registration) = self.registrations.get_mut(key) else { return };
        registration.life = life;
        self.life_changed(key);
        match life {
            Life::Installing | Life::Activating => {}
            Life::Activated => {
                self.tell(Who::Worker, format!("{} is active", key.scope()), "");
                self.save_registrations();
                self.answer_ready();
                let (these, others) =
                    std::mem::take(&mut self.awaiting_activation).into_iter().partition(|(waiting, _)| waiting == key);
                self.awaiting_activation = others;
                let these: Vec<(RegistrationKey, EventCompletion)> = these;
                for (key, completion) in these {
                    self.start_for_sync(key, completion);
                }
            }
        }
    }

    /// Tells background sync and the pages how far a worker is.
    fn life_changed(&mut self, key: &RegistrationKey) {
        let registration = self.registrations.get(key).map(|registration| (registration.life, registration.info()));
        match registration {
            Some((life, info)) => {
                self.mirror.borrow_mut().workers.insert(key.clone(), life.worker_state());
                let realms =
                    self.pages.values_mut().filter(|page| page.origin == *key.origin()).map(|page| &mut page.realm);
                let own = self.running.get_mut(key).map(|worker| &mut worker.realm);
                realms.chain(own).for_each(|realm| realm.registration_changed(&info));
            }
            None => drop(self.mirror.borrow_mut().workers.remove(key)),
        }
        self.poster().notify(Notice::Worker(key.clone()));
    }

    /// Answers pages that wait for an active worker in whose scope they are.
    pub(super) fn answer_ready(&mut self) {
        for (id, call) in std::mem::take(&mut self.awaiting_ready) {
            let Some(page) = self.page_ids.get(&id).and_then(|window| self.pages.get(window)) else { continue };
            let registration = self.registrations.for_page(page.partition, page.url.as_str());
            match registration.filter(|registration| registration.life != Life::Installing) {
                Some(registration) => {
                    let info = registration.info();
                    self.settle_call(id, call, Ok(Answer::Registration(info)));
                }
                None => self.awaiting_ready.push((id, call)),
            }
        }
    }

    pub(super) fn save_registrations(&mut self) {
        if let Err(error) = self.registrations.save() {
            self.tell(
                Who::Trouble,
                format!("the service workers can't be saved: {error}"),
                "make room or rights for the profile",
            );
        }
    }

    /// Stops the worker an event runs in; all its events end.
    pub(super) fn terminate(&mut self, attempt: AttemptId, reason: TerminateReason) {
        let Some(key) = self.attempts.get(&attempt).map(|(key, _)| key.clone()) else { return };
        let tag = None;
        self.record.terminated.push(Terminated { at: self.elapsed(), key: key.clone(), tag, reason, taken: false });
        self.tell(Who::Worker, format!("{} is terminated", key.scope()), format!("{reason:?}"));
        self.kill_worker(&key, Outcome::Terminated);
    }

    /// Dropping the realm is the kill.
    fn kill_worker(&mut self, key: &RegistrationKey, outcome: Outcome) {
        let Some(worker) = self.running.remove(key) else { return };
        for event in worker.events.into_values() {
            match event {
                WorkerEvent::Sync(attempt) => {
                    if let Some((_, completion)) = self.attempts.remove(&attempt) {
                        completion.finish(outcome);
                    }
                }
                WorkerEvent::Install => {
                    self.installed(key, EventOutcome::Rejected { reason: "the worker was stopped".to_owned() });
                }
                WorkerEvent::Activate => self.live(key, Life::Activated),
            }
        }
    }

    /// Scripts that ran away were stopped; their realms are dead.
    pub(super) fn bury_stopped(&mut self) -> bool {
        let workers = self.running.iter().filter_map(|(key, worker)| Some((key.clone(), worker.realm.stopped()?)));
        let workers: Vec<_> = workers.collect();
        let pages = self.pages.iter().filter_map(|(window, page)| Some((window.clone(), page.realm.stopped()?)));
        let pages: Vec<_> = pages.collect();
        let busy = !workers.is_empty() || !pages.is_empty();
        for (key, why) in workers {
            self.tell(Who::Trouble, format!("the worker of {} was stopped: {why}", key.scope()), "");
            let outcome = match why {
                Stopped::Interrupted | Stopped::TimeUp | Stopped::TooManyJobs => Outcome::Terminated,
                Stopped::OutOfMemory => Outcome::Crashed,
            };
            self.kill_worker(&key, outcome);
        }
        for (window, why) in pages {
            self.tell(Who::Trouble, format!("the page in {window} was stopped: {why}"), "");
            self.close_window(&window);
        }
        busy
    }

    pub(super) fn stop_idle_worker(&mut self, key: &RegistrationKey) {
        if self.running.remove(key).is_some() {
            self.tell(Who::Worker, format!("{} is stopped", key.scope()), "nothing to do");
        }
    }
}

fn fetch_script(servers: &Rc<RefCell<super::Servers>>, url: &str) -> (Result<String, String>, Duration) {
    let request = FetchRequest { url: url.to_owned(), method: "GET".to_owned(), headers: Vec::new(), body: Vec::new() };
    match servers.borrow_mut().answer(&request) {
        Ok(answered) if answered.response.status == 200 => {
            (Ok(String::from_utf8_lossy(&answered.response.body).into_owned()), answered.takes)
        }
        Ok(answered) => (Err(format!("{url}: the server answers {}", answered.response.status)), answered.takes),
        Err(_) => (Err(format!("{url} can't be fetched: there is no such server, or it is down")), Duration::ZERO),
    }
}
