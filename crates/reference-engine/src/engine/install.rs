//! A worker's script has arrived: is there a new worker, and does it install?

use background_sync::policy::RegistrationKey;
use background_sync::registration::WallTime;

use super::jobs::{Job, JobKind, ScriptFetch};
use super::registrations::{Registration, Source};
use super::{Engine, Who};
use crate::script::{Answer, DomError, EventOutcome, Lifecycle, ScriptError, ServiceWorkerState};

impl Engine {
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
                let key = match self.name_of_lost_worker(&home, &job.scope) {
                    Some(key) => {
                        self.registrations.insert(key.clone(), *update_via_cache, now);
                        key
                    }
                    None => self.registrations.add(&home, &job.scope, *update_via_cache, now),
                };
                (key, true)
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
