//! Jobs of service worker registrations: register, update, unregister, one at a time for each scope.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use background_sync::policy::{Partition, RegistrationKey, Scope};
use background_sync::registration::WallTime;

use super::home::Home;
use super::registrations::{Registration, Source};
use super::running::RealmId;
use super::turn::{Later, Scheduled};
use super::worker_addresses::script_and_scope;
use super::{Engine, Who};
use crate::script::{
    Answer, CallId, DomError, EventOutcome, Lifecycle, ScriptError, ServiceWorkerState, UpdateViaCache,
};

/// A registration's script is looked at again when an event finds that the last look is older, in ms: a day.
const STALE: i64 = 86_400_000;

/// Registrations of one origin. Each worker that runs takes some MiB, and a script could register them without end.
const MOST_SCOPES: usize = 50;

/// The jobs of each scope; the first of each runs.
pub(super) type Jobs = BTreeMap<(Home, String), VecDeque<Job>>;

/// Something to do with a scope's registration.
#[derive(Clone, Debug)]
pub(super) struct Job {
    kind: JobKind,
    home: Home,
    scope: Scope,
    /// Who waits. Nobody waits for a look whether a script has changed.
    replies: Vec<(RealmId, CallId)>,
    /// Its replies are out: one that comes now is another job.
    answered: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum JobKind {
    Register { script_url: String, update_via_cache: UpdateViaCache },
    Update(RegistrationKey),
    Unregister(RegistrationKey),
}

/// A worker's script on its way to the job that waits for it.
#[derive(Debug)]
pub(super) struct ScriptFetch {
    home: Home,
    scope: String,
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
    pub(super) fn register_worker(
        &mut self,
        id: RealmId,
        call: CallId,
        script_url: &str,
        scope: Option<String>,
        update_via_cache: UpdateViaCache,
    ) {
        let Some(home) = self.home_of(id) else { return };
        if self.is_detached(id) {
            return self.refuse_detached(id, call);
        }
        let (script_url, scope) = match script_and_scope(script_url, scope.as_deref(), home.origin()) {
            Ok(addresses) => addresses,
            Err(error) => return self.settle_call(id, call, Err(error)),
        };
        if !self.has_room_for(&home, scope.as_str()) {
            let full = format!("{} has {MOST_SCOPES} service workers; unregister some", home.origin());
            return self.settle_call(id, call, Err(DomError::named("QuotaExceededError", &full)));
        }
        let kind = JobKind::Register { script_url, update_via_cache };
        self.schedule_job(Job { kind, home, scope, replies: vec![(id, call)], answered: false });
    }

    /// Whether there may be a registration of this scope: it is there, or there are not too many.
    fn has_room_for(&self, home: &Home, scope: &str) -> bool {
        let there = self.registrations.of(home).map(Registration::scope);
        let to_come = self.jobs.keys().filter(|(of, _)| of == home).map(|(_, scope)| scope.as_str());
        let scopes: BTreeSet<_> = there.chain(to_come).collect();
        scopes.len() < MOST_SCOPES || scopes.contains(scope)
    }

    /// `registration.update()`.
    pub(super) fn update_registration(&mut self, id: RealmId, call: CallId, number: u64) {
        let Some(home) = self.home_of(id) else { return };
        let found = self.registrations.numbered(&home, number).filter(|registration| !registration.unregistered);
        let updatable = found.filter(|registration| !registration.is_empty());
        let is_installing = |own: crate::script::WorkerInfo| own.state == ServiceWorkerState::Installing;
        match updatable.map(|registration| registration.key.clone()) {
            None => {
                let gone = "the registration is gone, or has no worker to update";
                self.settle_call(id, call, Err(DomError::named("InvalidStateError", gone)));
            }
            Some(_) if self.info_of_worker(id).is_some_and(is_installing) => {
                let early = "a worker that is being installed cannot update itself";
                self.settle_call(id, call, Err(DomError::named("InvalidStateError", early)));
            }
            Some(key) => self.schedule_update(&key, vec![(id, call)]),
        }
    }

    /// `registration.unregister()`.
    pub(super) fn unregister_called(&mut self, id: RealmId, call: CallId, number: u64) {
        let Some(home) = self.home_of(id) else { return };
        let found = self.registrations.numbered(&home, number).filter(|registration| !registration.unregistered);
        match found.map(|registration| registration.key.clone()) {
            None => self.settle_call(id, call, Ok(Answer::Flag(false))),
            Some(key) => {
                let (kind, scope) = (JobKind::Unregister(key.clone()), key.scope().clone());
                self.schedule_job(Job { kind, home, scope, replies: vec![(id, call)], answered: false });
            }
        }
    }

    /// Looks whether a registration's script has changed. Nobody waits for it.
    pub(super) fn look_for_update(&mut self, key: &RegistrationKey) {
        if self.registrations.get(key).is_some_and(|registration| registration.newest().is_some()) {
            self.schedule_update(key, Vec::new());
        }
    }

    pub(super) fn look_for_update_if_stale(&mut self, key: &RegistrationKey) {
        let now = self.clock.wall().unix_ms();
        let stale = |registration: &Registration| now.saturating_sub(registration.checked.unix_ms()) > STALE;
        if self.registrations.get(key).is_some_and(stale) {
            self.look_for_update(key);
        }
    }

    fn schedule_update(&mut self, key: &RegistrationKey, replies: Vec<(RealmId, CallId)>) {
        let (kind, home, scope) = (JobKind::Update(key.clone()), Home::of(key), key.scope().clone());
        self.schedule_job(Job { kind, home, scope, replies, answered: false });
    }

    /// Queues a job; one like the last, which nobody has been answered for, shares its fate.
    fn schedule_job(&mut self, job: Job) {
        let queue = self.jobs.entry((job.home.clone(), job.scope.as_str().to_owned())).or_default();
        if let Some(last) = queue.back_mut().filter(|last| last.kind == job.kind && !last.answered) {
            last.replies.extend(job.replies);
            return;
        }
        queue.push_back(job.clone());
        if queue.len() == 1 {
            self.run_job(job);
        }
    }

    fn run_job(&mut self, job: Job) {
        let newest = |registration: &Registration| {
            Some((registration.newest()?.source.script_url.clone(), registration.update_via_cache))
        };
        match job.kind {
            JobKind::Register { script_url, update_via_cache } => {
                let found = self.registrations.find(&job.home, job.scope.as_str());
                if found.and_then(newest) == Some((script_url.clone(), update_via_cache)) {
                    let info = found.map(Registration::info);
                    if let Some(info) = info {
                        self.answer_job(&job.home, &job.scope, &Ok(Answer::Registration(Box::new(info))));
                    }
                    return self.job_done(&job.home, job.scope.as_str());
                }
                self.fetch_for_job(job.home, &job.scope, script_url);
            }
            JobKind::Update(key) => {
                let found = self.registrations.get(&key).filter(|registration| !registration.unregistered);
                match found.and_then(newest) {
                    Some((script_url, _)) => self.fetch_for_job(job.home, &job.scope, script_url),
                    None => self.job_failed(&job.home, &job.scope, &DomError::type_error("the registration is gone")),
                }
            }
            JobKind::Unregister(key) => {
                let there = self.registrations.get(&key).is_some_and(|registration| !registration.unregistered);
                self.answer_job(&job.home, &job.scope, &Ok(Answer::Flag(there)));
                self.unregister(&key);
                self.job_done(&job.home, job.scope.as_str());
            }
        }
    }

    fn fetch_for_job(&mut self, home: Home, scope: &Scope, script_url: String) {
        let (source, takes) = self.fetch_script(&script_url);
        let fetch = ScriptFetch { home, scope: scope.as_str().to_owned(), script_url, source };
        self.scheduled.push_back(Scheduled { at: self.elapsed() + takes, what: Later::Script(Box::new(fetch)) });
    }

    /// What is to be done in a partition that is closed is not done, be its script under way.
    pub(super) fn forget_jobs(&mut self, partition: Partition) {
        self.jobs.retain(|(home, _), _| home.partition != partition);
        self.scheduled.retain(|scheduled| match &scheduled.what {
            Later::Script(fetch) => fetch.home.partition != partition,
            Later::Answer { .. } | Later::Overdue { .. } => true,
        });
    }

    fn job(&mut self, home: &Home, scope: &str) -> Option<&mut Job> {
        self.jobs.get_mut(&(home.clone(), scope.to_owned()))?.front_mut()
    }

    fn answer_job(&mut self, home: &Home, scope: &Scope, answer: &Result<Answer, DomError>) {
        let Some(job) = self.job(home, scope.as_str()) else { return };
        job.answered = true;
        for (realm, call) in std::mem::take(&mut job.replies) {
            self.settle_call(realm, call, answer.clone());
        }
    }

    fn job_failed(&mut self, home: &Home, scope: &Scope, error: &DomError) {
        self.answer_job(home, scope, &Err(error.clone()));
        self.job_done(home, scope.as_str());
    }

    /// The running job of a scope is done; the next begins.
    pub(super) fn job_done(&mut self, home: &Home, scope: &str) {
        let place = (home.clone(), scope.to_owned());
        let Some(queue) = self.jobs.get_mut(&place) else { return };
        queue.pop_front();
        match queue.front().cloned() {
            Some(next) => self.run_job(next),
            None => drop(self.jobs.remove(&place)),
        }
    }

    /// A script has arrived: for a new registration, or for one that has another script, or the same one.
    pub(super) fn script_arrived(&mut self, fetch: ScriptFetch) {
        let ScriptFetch { home, scope, script_url, source } = fetch;
        let Some(job) = self.job(&home, &scope).cloned() else { return };
        let source = match source {
            Ok(source) => source,
            Err(why) => return self.job_failed(&home, &job.scope, &DomError::type_error(&why)),
        };
        let now = self.clock.wall();
        let (key, is_new) = match (self.registrations.find(&home, &scope), &job.kind) {
            (Some(registration), _) => (registration.key.clone(), registration.is_empty()),
            (None, JobKind::Register { update_via_cache, .. }) => {
                (self.registrations.add(&home, job.scope.clone(), *update_via_cache, now), true)
            }
            (None, JobKind::Update(_) | JobKind::Unregister(_)) => {
                return self.job_failed(&home, &job.scope, &DomError::type_error("the registration is gone"));
            }
        };
        if !self.take_over(&key, &job.kind, now, &script_url, &source) {
            let info = self.registrations.get(&key).map(Registration::info);
            let answer = info.map(|info| Answer::Registration(Box::new(info))).ok_or_else(gone);
            self.answer_job(&home, &job.scope, &answer);
            return self.job_done(&home, &scope);
        }
        if let Err(error) =
            self.install(&key, &job, Source { script_url: script_url.clone(), scripts: [(script_url, source)].into() })
        {
            let error = self.script_failed(&error);
            if is_new {
                self.registrations.remove(&key);
            }
            self.job_failed(&home, &job.scope, &error);
        }
    }

    /// Notes the look at the script. Says whether there is a new worker to install.
    fn take_over(
        &mut self,
        key: &RegistrationKey,
        kind: &JobKind,
        now: WallTime,
        script_url: &str,
        source: &str,
    ) -> bool {
        let changed =
            self.registrations.get(key).is_none_or(|registration| self.has_changed(registration, script_url, source));
        if let Some(registration) = self.registrations.get_mut(key) {
            registration.checked = now;
            if let JobKind::Register { update_via_cache, .. } = kind {
                registration.update_via_cache = *update_via_cache;
            }
        }
        changed
    }

    /// Whether a script, or one that it imports, is not what the registration's newest worker has.
    fn has_changed(&self, registration: &Registration, script_url: &str, source: &str) -> bool {
        let Some(newest) = registration.newest() else { return true };
        let changed = |(url, kept): (&String, &String)| match self.fetch_script(url).0 {
            Ok(now) => now != *kept,
            Err(_) => false,
        };
        let imported = || newest.source.scripts.iter().filter(|(url, _)| *url != script_url);
        newest.source.script_url != script_url
            || newest.source.scripts.get(script_url).is_none_or(|kept| kept != source)
            || imported().any(changed)
    }

    /// A new worker starts for the first time, and installs.
    fn install(&mut self, key: &RegistrationKey, job: &Job, source: Source) -> Result<(), ScriptError> {
        let worker = self.registrations.new_worker(source, ServiceWorkerState::Installing);
        let id = worker.id;
        let Some(registration) = self.registrations.get_mut(key) else { return Ok(()) };
        let first = registration.is_empty();
        registration.installing = Some(worker);
        let realm = match self.start_worker(id) {
            Ok(realm) => realm,
            Err(error) => {
                if let Some(registration) = self.registrations.get_mut(key) {
                    registration.installing = None;
                }
                return Err(error);
            }
        };
        if !first {
            self.tell(Who::Worker, format!("{} has a new worker", key.scope()), "its script has changed");
        }
        self.life_changed(key, false);
        if let Some(info) = self.registrations.get(key).map(Registration::info) {
            self.answer_job(&job.home, &job.scope, &Ok(Answer::Registration(Box::new(info))));
        }
        self.life_changed(key, true);
        self.fire_lifecycle(realm, Lifecycle::Install);
        Ok(())
    }

    fn script_failed(&mut self, error: &ScriptError) -> DomError {
        let message = format!("the service worker's script failed: {error}");
        self.tell(Who::Trouble, message.clone(), "it is not registered");
        DomError::type_error(&message)
    }

    /// Workers that are being installed when their data is cleared are not installed.
    pub(super) fn give_up_installing(&mut self, key: &RegistrationKey) {
        let installing = self.registrations.get(key).and_then(|registration| registration.installing.as_ref());
        if let Some(id) = installing.map(|worker| worker.id) {
            let reason = "its site data was cleared".to_owned();
            self.install_ended(key, id, EventOutcome::Rejected { reason });
        }
    }
}

fn gone() -> DomError {
    DomError::type_error("the registration is gone")
}
