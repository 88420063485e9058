use background_sync::policy::{Origin, Partition, RegistrationKey};

/// An origin in a partition, the granularity of windows, permissions and budgets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Site {
    /// The partition.
    pub partition: Partition,
    /// The origin.
    pub origin: Origin,
}

impl Site {
    /// Where a service worker registration belongs.
    #[must_use]
    pub fn of(key: &RegistrationKey) -> Self {
        Self { partition: key.partition(), origin: key.origin().clone() }
    }

    /// Whether a service worker registration belongs here.
    #[must_use]
    pub fn holds(&self, key: &RegistrationKey) -> bool {
        self.partition == key.partition() && self.origin == *key.origin()
    }
}
