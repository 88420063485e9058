//! Registering service workers, and replacing them by new ones.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::{Origin, Partition, RegistrationKey, Scope};
use url::Url;

use super::registrations::{Life, Registration};
use super::running::{RealmId, RunningWorker, Update, WorkerEvent};
use super::servers::Servers;
use super::turn::{Later, Scheduled};
use super::{Engine, Who};
use crate::script::{Answer, CallId, DomError, EventOutcome, FetchRequest};

/// A worker's script on its way.
pub(super) struct ScriptFetch {
    /// Who waits for it. Nobody waits for a look whether a script has changed.
    reply: Option<(RealmId, CallId)>,
    partition: Partition,
    origin: Origin,
    scope: Scope,
    script_url: String,
    source: Result<String, String>,
}

impl ScriptFetch {
    /// Loses the script unless its server can be reached. Says whether it was lost.
    pub(super) fn lose_unless(&mut self, reachable: impl Fn(&str) -> bool) -> bool {
        let lost = !reachable(&self.script_url);
        if lost {
            self.source = Err(format!("{} can't be fetched: the connection was lost", self.script_url));
        }
        lost
    }
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
        let mut reply = Some((id, call));
        if let Some(registration) = self.registrations.find(partition, scope.as_str())
            && registration.script_url == script_url
        {
            let info = registration.info();
            self.answer_registration(reply.take(), Ok(Answer::Registration(info)));
        }
        let (source, takes) = self.fetch_script(script_url);
        let fetch = ScriptFetch { reply, partition, origin, scope, script_url: script_url.to_owned(), source };
        self.scheduled.push_back(Scheduled { at: self.elapsed() + takes, what: Later::Script(Box::new(fetch)) });
    }

    fn answer_registration(&mut self, reply: Option<(RealmId, CallId)>, answer: Result<Answer, DomError>) {
        if let Some((id, call)) = reply {
            self.settle_call(id, call, answer);
        }
    }

    fn fetch_script(&self, url: &str) -> (Result<String, String>, Duration) {
        if !self.is_online(url) {
            return (Err(format!("{url} can't be fetched: there is no network")), Duration::ZERO);
        }
        fetch_script(&self.servers, url)
    }

    /// A script has arrived: for a new registration, or for one that has another script, or the same one.
    pub(super) fn script_arrived(&mut self, fetch: ScriptFetch) {
        let ScriptFetch { reply, partition, origin, scope, script_url, source } = fetch;
        let source = match source {
            Ok(source) => source,
            Err(why) => return self.answer_registration(reply, Err(DomError::type_error(&why))),
        };
        match self.registrations.find(partition, scope.as_str()) {
            None => {
                if let Some((realm, call)) = reply {
                    let key = self.registrations.add(partition, &origin, scope, script_url.clone());
                    self.install(&key, script_url, source, (realm, call));
                }
            }
            Some(registration) => {
                let (key, info) = (registration.key.clone(), registration.info());
                let answer = match registration.life {
                    // One worker at a time: the first is still being installed.
                    Life::Installing => Ok(()),
                    Life::Activating | Life::Activated if self.has_changed(registration, &script_url, &source) => {
                        self.begin_update(&key, script_url, source)
                    }
                    Life::Activating | Life::Activated => Ok(()),
                };
                self.answer_registration(reply, answer.map(|()| Answer::Registration(info)));
            }
        }
    }

    /// Whether a script, or one that it imports, is not what the registration has.
    fn has_changed(&self, registration: &Registration, script_url: &str, source: &str) -> bool {
        let changed = |(url, kept): (&String, &String)| match self.fetch_script(url).0 {
            Ok(now) => now != *kept,
            Err(_) => false,
        };
        let imported = || registration.scripts.iter().filter(|(url, _)| *url != script_url);
        registration.scripts.get(script_url).is_none_or(|kept| kept != source) || imported().any(changed)
    }

    /// The worker starts for the first time, and installs.
    fn install(&mut self, key: &RegistrationKey, script_url: String, source: String, (realm, call): (RealmId, CallId)) {
        if let Some(registration) = self.registrations.get_mut(key) {
            registration.scripts.insert(script_url, source);
        }
        let worker = match self.start_worker(key) {
            Ok(worker) => worker,
            Err(error) => {
                self.registrations.remove(key);
                let answer = self.script_failed(&error);
                return self.settle_call(realm, call, Err(answer));
            }
        };
        self.life_changed(key);
        if let Some(info) = self.registrations.get(key).map(Registration::info) {
            self.settle_call(realm, call, Ok(Answer::Registration(info)));
        }
        self.dispatch_lifecycle(worker, WorkerEvent::Install);
    }

    fn script_failed(&mut self, error: &crate::script::ScriptError) -> DomError {
        let message = format!("the service worker's script failed: {error}");
        self.tell(Who::Trouble, message.clone(), "it is not registered");
        DomError::type_error(&message)
    }

    /// A new worker is installed beside the active one.
    fn begin_update(&mut self, key: &RegistrationKey, script_url: String, source: String) -> Result<(), DomError> {
        let scripts = BTreeMap::from([(script_url.clone(), source)]);
        let (worker, scripts) =
            self.new_worker(key, &script_url, scripts).map_err(|error| self.script_failed(&error))?;
        self.tell(Who::Worker, format!("{} has a new worker", key.scope()), "its script has changed");
        let id = worker.id;
        self.updates.insert(key.clone(), Update { worker, script_url, scripts, installed: false });
        self.dispatch_lifecycle(id, WorkerEvent::Install);
        Ok(())
    }

    pub(super) fn update_installed(&mut self, key: &RegistrationKey, outcome: EventOutcome) {
        match outcome {
            EventOutcome::Fulfilled => {
                if let Some(update) = self.updates.get_mut(key) {
                    update.installed = true;
                }
            }
            EventOutcome::Rejected { reason } => {
                self.updates.remove(key);
                self.tell(Who::Trouble, format!("the new worker of {} was not installed", key.scope()), reason);
            }
        }
    }

    /// New workers take the place of old ones that have nothing to do. Says whether one did.
    pub(super) fn replace_workers(&mut self) -> bool {
        let free = |worker: &RunningWorker| {
            worker.events.is_empty() && !self.attempts.values().any(|attempt| attempt.realm == worker.id)
        };
        let ready =
            self.updates.iter().filter(|(key, update)| update.installed && self.running.get(key).is_none_or(free));
        let ready: Vec<_> = ready.map(|(key, _)| key.clone()).collect();
        let busy = !ready.is_empty();
        for key in ready {
            let Some(Update { worker, script_url, scripts, .. }) = self.updates.remove(&key) else { continue };
            let Some(registration) = self.registrations.get_mut(&key) else { continue };
            (registration.script_url, registration.scripts) = (script_url, scripts);
            let id = worker.id;
            self.running.insert(key.clone(), worker);
            self.live(&key, Life::Activating);
            self.dispatch_lifecycle(id, WorkerEvent::Activate);
        }
        busy
    }
}

/// Fetches a worker's script, past whatever network there is.
pub(super) fn fetch_script(servers: &Rc<RefCell<Servers>>, url: &str) -> (Result<String, String>, Duration) {
    let request = FetchRequest { url: url.to_owned(), method: "GET".to_owned(), headers: Vec::new(), body: Vec::new() };
    match servers.borrow_mut().answer(&request) {
        Ok(answered) if answered.lost => (Err(format!("{url}: the connection was lost")), answered.takes),
        Ok(answered) if answered.response.status == 200 => {
            (Ok(String::from_utf8_lossy(&answered.response.body).into_owned()), answered.takes)
        }
        Ok(answered) => (Err(format!("{url}: the server answers {}", answered.response.status)), answered.takes),
        Err(_) => (Err(format!("{url} can't be fetched: there is no such server, or it is down")), Duration::ZERO),
    }
}
