//! Whose storage a page or a worker uses.

use background_sync::policy::{Origin, Partition, RegistrationKey, StorageKey};

/// A partition and a storage key: what service workers, databases and clients are kept apart by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Home {
    pub(super) partition: Partition,
    pub(super) storage_key: StorageKey,
}

impl Home {
    pub(super) fn of(key: &RegistrationKey) -> Self {
        Self { partition: key.partition(), storage_key: key.storage_key().clone() }
    }

    pub(super) fn origin(&self) -> &Origin {
        self.storage_key.origin()
    }

    pub(super) fn holds(&self, key: &RegistrationKey) -> bool {
        key.partition() == self.partition && *key.storage_key() == self.storage_key
    }
}
