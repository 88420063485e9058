//! Whose realm is whose.

use background_sync::policy::{Origin, Partition, RegistrationKey};

use super::running::{RealmId, RunningWorker};
use super::{Engine, Who};
use crate::script::{Answer, CallId, DomError, Realm};

impl Engine {
    pub(super) fn settle_call(&mut self, id: RealmId, call: CallId, answer: Result<Answer, DomError>) {
        if let Some(realm) = self.realm(id) {
            realm.settle(call, answer);
        }
    }

    pub(super) fn realm(&mut self, id: RealmId) -> Option<&mut Realm> {
        if let Some(window) = self.page_ids.get(&id) {
            return self.pages.get_mut(window).map(|page| &mut page.realm);
        }
        let updates = self.updates.values_mut().map(|update| &mut update.worker);
        let mut workers = self.running.values_mut().chain(updates);
        workers.find(|worker| worker.id == id).map(|worker| &mut worker.realm)
    }

    /// Pages first, then workers, then workers that are to replace others.
    pub(super) fn realms_mut(&mut self) -> impl Iterator<Item = (RealmId, &mut Realm)> {
        let pages = self.pages.values_mut().map(|page| (page.id, &mut page.realm));
        let updates = self.updates.values_mut().map(|update| &mut update.worker);
        pages.chain(self.running.values_mut().chain(updates).map(|worker| (worker.id, &mut worker.realm)))
    }

    /// A worker, with the registration it belongs to.
    pub(super) fn worker_of(&self, id: RealmId) -> Option<(&RegistrationKey, &RunningWorker)> {
        let updates = self.updates.iter().map(|(key, update)| (key, &update.worker));
        self.running.iter().chain(updates).find(|(_, worker)| worker.id == id)
    }

    pub(super) fn partition_of(&self, id: RealmId) -> Option<(Partition, Origin)> {
        if let Some(page) = self.page_ids.get(&id).and_then(|window| self.pages.get(window)) {
            return Some((page.partition, page.origin.clone()));
        }
        let (key, _) = self.worker_of(id)?;
        Some((key.partition(), key.origin().clone()))
    }

    pub(super) fn who(&self, id: RealmId) -> Who {
        self.page_ids.get(&id).map_or(Who::Worker, |window| Who::Page(window.clone()))
    }
}
