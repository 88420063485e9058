//! An engine without periodic syncs keeps what is stored of them.

use std::time::Duration;

use background_sync_registration::{Now, WallTime, memory};
use background_sync_scheduler::SyncParameters;

/// What was stored of the periodic syncs of an origin, as it was.
#[derive(Debug, Default)]
pub(super) struct Periodic(Vec<u8>);

impl Periodic {
    pub(super) fn restored(bytes: &[u8], _: WallTime) -> Self {
        Self(bytes.to_vec())
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        self.0.clone()
    }

    /// Nobody here can tell when it is out of date.
    pub(super) fn remembers_for(&self, _: Now, _: &SyncParameters) -> Option<Duration> {
        const UNTIL_LOOKED_AT_AGAIN: Duration = Duration::from_secs(86_400);
        (!self.0.is_empty()).then_some(UNTIL_LOOKED_AT_AGAIN)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        memory::of_vec(&self.0)
    }
}
