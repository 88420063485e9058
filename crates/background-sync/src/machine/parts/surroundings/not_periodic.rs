//! An engine without periodic syncs keeps what is stored of them.

use background_sync_registration::WallTime;
use background_sync_scheduler::SyncParameters;

/// What was stored of the periodic syncs of all origins, as it was.
#[derive(Debug, Default)]
pub(super) struct PeriodicProfile(Vec<u8>);

impl PeriodicProfile {
    pub(super) fn restore(&mut self, bytes: &[u8], _: WallTime, _: &SyncParameters) {
        self.0 = bytes.to_vec();
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        self.0.clone()
    }
}
