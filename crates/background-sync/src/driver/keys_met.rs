use std::collections::BTreeSet;

use background_sync_policy::RegistrationKey;
use background_sync_registration::StoredRegistration;
use rustc_hash::FxHashMap;

/// The keys that occur in what a store holds.
///
/// By their addresses, since in a store of many rows each key occurs often, and a store that makes each once lets
/// them be told apart without a look at what is in them. One that does not costs the time of a set, not more.
#[derive(Default)]
pub(super) struct KeysMet(FxHashMap<usize, RegistrationKey>);

impl KeysMet {
    pub(super) fn note(&mut self, registrations: &[StoredRegistration]) {
        // Rows of one key mostly lie side by side.
        for same in registrations.chunk_by(|a, b| a.key.address() == b.key.address()) {
            if let Some(stored) = same.first() {
                self.0.entry(stored.key.address()).or_insert_with(|| stored.key.clone());
            }
        }
    }

    /// Each once. None is noted any more.
    pub(super) fn take(&mut self) -> BTreeSet<RegistrationKey> {
        std::mem::take(&mut self.0).into_values().collect()
    }
}
