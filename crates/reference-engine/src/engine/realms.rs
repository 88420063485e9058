//! Whose realm is whose.

use super::running::RealmId;
use super::{Engine, Who};
use crate::script::{Answer, CallId, DomError, Realm};

impl Engine {
    pub(super) fn settle_call(&mut self, id: RealmId, call: CallId, answer: Result<Answer, DomError>) {
        if let Some(realm) = self.realm(id) {
            realm.settle(call, answer);
        }
    }

    pub(super) fn realm(&mut self, id: RealmId) -> Option<&mut Realm> {
        self.realms_mut().find(|(other, _)| *other == id).map(|(_, realm)| realm)
    }

    /// Pages first, then their workers, then service workers.
    pub(super) fn realms_mut(&mut self) -> impl Iterator<Item = (RealmId, &mut Realm)> {
        let pages = self.pages.values_mut().map(|page| &mut page.client);
        let clients = pages.chain(self.client_workers.values_mut().map(|worker| &mut worker.client));
        let workers = self.running.values_mut().map(|running| (running.id, &mut running.realm));
        clients.map(|client| (client.id, &mut client.realm)).chain(workers)
    }

    pub(super) fn who(&self, id: RealmId) -> Who {
        match self.page_of(id) {
            Some((window, _)) => Who::Page(window.clone()),
            None if self.client_workers.contains_key(&id) => Who::PageWorker,
            None => Who::Worker,
        }
    }
}
