use std::time::Duration;

use background_sync_registration::{Damage, Sequence, open, seal};
use serde::{Deserialize, Serialize};

/// Version of the stored form of the profile record.
pub const STORED_PROFILE_VERSION: u8 = 1;

/// The one record of a store that is about the profile as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProfile {
    /// No registration has this number or a larger one yet.
    pub next_sequence: Sequence,
    /// Time this profile has been running, over all its sessions.
    pub running: Duration,
    /// Secret key of the hashes that networks are remembered by.
    pub network_secret: [u64; 2],
}

impl StoredProfile {
    /// The bytes to store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        seal(STORED_PROFILE_VERSION, self)
    }

    /// Reads stored bytes of any version.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        open(STORED_PROFILE_VERSION, bytes)
    }
}
