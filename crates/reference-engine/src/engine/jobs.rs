//! Jobs of service worker registrations: register, update, unregister, one at a time for each scope.

use std::collections::{BTreeMap, VecDeque};

use background_sync::policy::{Partition, RegistrationKey, Scope};

use super::Engine;
use super::home::Home;
use super::registrations::Registration;
use super::running::RealmId;
use super::turn::{Later, Scheduled};
use crate::script::{Answer, CallId, DomError, UpdateViaCache};

/// A registration's script is looked at again when an event finds that the last look is older, in ms: a day.
const STALE: i64 = 86_400_000;

/// The jobs of each scope; the first of each runs.
pub(super) type Jobs = BTreeMap<(Home, String), VecDeque<Job>>;

/// Something to do with a scope's registration.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) kind: JobKind,
    pub(super) home: Home,
    pub(super) scope: Scope,
    /// Who waits. Nobody waits for a look whether a script has changed.
    pub(super) replies: Vec<(RealmId, CallId)>,
    /// Its replies are out: one that comes now is another job.
    pub(super) answered: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum JobKind {
    Register { script_url: String, update_via_cache: UpdateViaCache },
    Update(RegistrationKey),
    Unregister(RegistrationKey),
}

/// A worker's script on its way to the job that waits for it.
#[derive(Debug)]
pub(super) struct ScriptFetch {
    pub(super) home: Home,
    pub(super) scope: String,
    pub(super) script_url: String,
    pub(super) source: Result<String, String>,
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

    pub(super) fn schedule_update(&mut self, key: &RegistrationKey, replies: Vec<(RealmId, CallId)>) {
        let (kind, home, scope) = (JobKind::Update(key.clone()), Home::of(key), key.scope().clone());
        self.schedule_job(Job { kind, home, scope, replies, answered: false });
    }

    /// Queues a job; one like the last, which nobody has been answered for, shares its fate.
    pub(super) fn schedule_job(&mut self, job: Job) {
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

    pub(super) fn job(&mut self, home: &Home, scope: &str) -> Option<&mut Job> {
        self.jobs.get_mut(&(home.clone(), scope.to_owned()))?.front_mut()
    }

    pub(super) fn answer_job(&mut self, home: &Home, scope: &Scope, answer: &Result<Answer, DomError>) {
        let Some(job) = self.job(home, scope.as_str()) else { return };
        job.answered = true;
        for (realm, call) in std::mem::take(&mut job.replies) {
            self.settle_call(realm, call, answer.clone());
        }
    }

    pub(super) fn job_failed(&mut self, home: &Home, scope: &Scope, error: &DomError) {
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
}
