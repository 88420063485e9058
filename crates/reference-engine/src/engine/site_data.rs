//! What a storage key keeps besides its service workers: databases and caches.

use background_sync::policy::{Origin, Partition};

use super::home::Home;
use super::{Engine, Who};
use crate::script::{Caches, IndexedDb};

impl Engine {
    /// The databases of a storage key, opened when they are first used. A third party's are not kept.
    pub(super) fn databases_of(&mut self, home: &Home) -> IndexedDb {
        if let Some(databases) = self.databases.get(home) {
            return databases.clone();
        }
        let (databases, trouble) = match home.storage_key.is_third_party() {
            true => (IndexedDb::in_memory(), None),
            false => self.profile.open_databases(home.partition, home.origin()),
        };
        if let Some(trouble) = trouble {
            self.tell(Who::Trouble, trouble, "");
        }
        self.databases.insert(home.clone(), databases.clone());
        databases
    }

    /// The caches of a storage key, opened when they are first used. A third party's are not kept.
    pub(super) fn caches_of(&mut self, home: &Home) -> Caches {
        if let Some(caches) = self.caches.get(home) {
            return caches.clone();
        }
        let (caches, troubles) = match home.storage_key.is_third_party() {
            true => (Caches::in_memory(), Vec::new()),
            false => self.profile.open_caches(home.partition, home.origin()),
        };
        for trouble in troubles {
            self.tell(Who::Trouble, trouble, "");
        }
        self.caches.insert(home.clone(), caches.clone());
        caches
    }

    /// Removes both of an origin, also from the disk. Pages and workers that still run go on with what is kept no more.
    pub(super) fn forget_site_data(&mut self, partition: Partition, origin: &Origin) {
        let here = |home: &Home| home.partition == partition && home.origin() == origin;
        self.databases.iter().filter(|(home, _)| here(home)).for_each(|(_, databases)| databases.detach());
        self.databases.retain(|home, _| !here(home));
        self.caches.iter().filter(|(home, _)| here(home)).for_each(|(_, caches)| caches.detach());
        self.caches.retain(|home, _| !here(home));
        for (what, forgotten) in [
            ("databases", self.profile.forget_databases(partition, origin)),
            ("caches", self.profile.forget_caches(partition, origin)),
        ] {
            if let Err(error) = forgotten {
                self.tell(Who::Trouble, format!("the {what} of {origin} can't be removed: {error}"), "");
            }
        }
    }
}
