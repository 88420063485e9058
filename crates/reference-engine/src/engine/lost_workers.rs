//! Syncs whose service workers were lost with the list of them.
//!
//! A list that is damaged or gone must cost no sync. Background sync is told of a worker that is not in such a list that it
//! is not loaded, and the syncs wait. When their site registers the worker again it gets the name that they have, and they
//! go on.

use std::collections::BTreeSet;

use background_sync::policy::{RegistrationKey, Scope};

use super::Engine;
use super::home::Home;
use super::story::Who;

impl Engine {
    /// After the start: what waits for a lost worker, if the list was not whole.
    pub(super) fn tell_of_lost_workers(&mut self, damage: Option<String>) {
        if let Some(damage) = damage {
            self.tell(Who::Trouble, damage, "the sites that are visited register their workers again");
        }
        let lost = self.take_stock_of_workers();
        for key in lost {
            let what = format!("the syncs of {} wait: its service worker is not known any more", key.scope());
            self.tell(Who::Trouble, what, "a visit to the site registers it again");
        }
    }

    /// The workers that syncs wait for and that are not known. Once there are none the list is whole again.
    pub(super) fn take_stock_of_workers(&mut self) -> BTreeSet<RegistrationKey> {
        if !self.mirror.borrow().workers_lost {
            return BTreeSet::new();
        }
        let registered: BTreeSet<_> = self.driver.machine().registrations().map(|view| view.key).collect();
        let kept = registered.into_iter().filter(|key| !key.partition().is_private());
        let (known, lost): (BTreeSet<_>, BTreeSet<_>) = kept.partition(|key| self.registrations.get(key).is_some());
        for key in known.iter().chain(&lost) {
            self.registrations.number_after(key.incarnation());
        }
        self.mirror.borrow_mut().workers_lost = !lost.is_empty();
        lost
    }

    /// The name that the syncs of a lost worker have, for the registration that takes its place.
    pub(super) fn name_of_lost_worker(&mut self, home: &Home, scope: &Scope) -> Option<RegistrationKey> {
        let lost = self.take_stock_of_workers();
        lost.into_iter().rfind(|key| home.holds(key) && key.scope() == scope)
    }
}
