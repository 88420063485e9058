//! What scripts ask of background sync, handed to it with the facts of the moment.

use std::rc::Rc;

use background_sync::policy::{Facts, Refusal, RegistrationKey, SyncKind};
use background_sync::registration::{MinInterval, Tag};
use background_sync::{Call as SyncCall, OriginHost, ServiceWorkerHost};

use super::Engine;
use super::answers::{Answered, dom_error, registered, tags, unregistered};
use super::mirror::Shared;
use super::running::RealmId;
use crate::script::{Answer, CallId};

impl Engine {
    /// `sync.register(tag)`.
    pub(super) fn sync_register(&mut self, id: RealmId, call: CallId, registration: u64, tag: Tag) {
        let Some((key, made)) = self.sync_call(id, call, registration, SyncKind::OneShot) else { return };
        let answers = self.answers.clone();
        let posted = self.driver.register(key, tag, made, move |result, receipt| {
            answers.push(Answered { realm: id, call, answer: registered(result), receipt });
        });
        posted.unwrap_or_else(|refused| refused.answer());
    }

    /// `periodicSync.register(tag, options)`.
    pub(super) fn periodic_sync_register(
        &mut self,
        id: RealmId,
        call: CallId,
        registration: u64,
        tag: Tag,
        min_interval: MinInterval,
    ) {
        let Some((key, made)) = self.sync_call(id, call, registration, SyncKind::Periodic) else { return };
        let answers = self.answers.clone();
        let posted = self.driver.register_periodic(key, tag, min_interval, made, move |result, receipt| {
            answers.push(Answered { realm: id, call, answer: registered(result), receipt });
        });
        posted.unwrap_or_else(|refused| refused.answer());
    }

    /// `getTags()` of either manager. It asks for no worker, window or permission; where nothing can be, there is none.
    pub(super) fn sync_get_tags(&mut self, id: RealmId, call: CallId, registration: u64, kind: SyncKind) {
        let Some(key) = self.sync_key(id, registration).filter(|_| !self.is_detached(id)) else {
            return self.settle_call(id, call, Ok(Answer::Tags(Vec::new())));
        };
        let answers = self.answers.clone();
        let posted = self.driver.get_tags(key, kind, move |result, receipt| {
            answers.push(Answered { realm: id, call, answer: tags(result), receipt });
        });
        posted.unwrap_or_else(|refused| refused.answer());
    }

    /// `periodicSync.unregister(tag)`. Where nothing can be it has nothing to do (periodic.unregister.1.3).
    pub(super) fn periodic_sync_unregister(&mut self, id: RealmId, call: CallId, registration: u64, tag: Tag) {
        let Some(key) = self.sync_key(id, registration).filter(|_| !self.is_detached(id)) else {
            return self.settle_call(id, call, Ok(Answer::Nothing));
        };
        let answers = self.answers.clone();
        let posted = self.driver.unregister(key, tag, move |result, receipt| {
            answers.push(Answered { realm: id, call, answer: unregistered(result), receipt });
        });
        posted.unwrap_or_else(|refused| refused.answer());
    }

    /// What background sync is asked with by a script that wants to register, unless it cannot be asked at all; the
    /// script has its answer then.
    fn sync_call(
        &mut self,
        id: RealmId,
        call: CallId,
        registration: u64,
        kind: SyncKind,
    ) -> Option<(RegistrationKey, SyncCall)> {
        if self.is_detached(id) {
            self.refuse_detached(id, call);
            return None;
        }
        let Some(key) = self.sync_key(id, registration) else {
            let gone = Refusal::NoSuchRegistration;
            self.settle_call(id, call, Err(dom_error(gone.dom_exception(), gone.message())));
            return None;
        };
        let facts = self.facts(id, &key, kind);
        let by_page = self.clients().any(|client| client.id == id);
        Some((key, if by_page { SyncCall::by_page(facts) } else { SyncCall::by_worker(facts) }))
    }

    /// What trusted code knows of whoever calls, and of the registration, at this moment.
    fn facts(&self, id: RealmId, key: &RegistrationKey, kind: SyncKind) -> Facts {
        let client = self.clients().find(|client| client.id == id);
        let mut mirror = Shared(Rc::clone(&self.mirror));
        let (partition, origin) = (key.partition(), key.origin());
        Facts {
            secure_context: client.is_none_or(|client| !client.insecure),
            fenced: self.page_of(id).is_some_and(|(_, page)| page.fenced),
            worker: ServiceWorkerHost::state(&mut mirror, key),
            windows: mirror.windows(partition, origin),
            permission: mirror.permission(partition, origin, kind),
            switch: mirror.user_switch(partition, origin, kind),
            restriction: mirror.restriction(),
        }
    }

    /// The registration a manager belongs to: sync.attr, periodic.attr. Background sync says what comes of one that was
    /// unregistered.
    fn sync_key(&self, id: RealmId, number: u64) -> Option<RegistrationKey> {
        let home = self.home_of(id)?;
        self.registrations.numbered(&home, number).map(|registration| registration.key.clone())
    }
}
