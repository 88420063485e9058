use std::time::Duration;

use background_sync_registration::{Damage, WallTime, open, seal};
use serde::{Deserialize, Serialize};

use super::{OriginPace, PeriodicOrigin};
use crate::Budget;
use crate::visits::VisitModel;

/// Version of the stored form of what is kept of an origin for its periodic syncs.
pub const STORED_PERIODIC_ORIGIN_VERSION: u8 = 1;

/// What a restart must not lose. How the engine judges an origin, and whether the user paused it, the host says anew.
#[derive(Serialize, Deserialize)]
struct Stored {
    pace: OriginPace,
    used: Vec<(WallTime, u32, Duration)>,
    visits: Option<Vec<u8>>,
}

impl PeriodicOrigin {
    /// The bytes to store; none where there is nothing to remember.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        if self.pace == OriginPace::default() && self.budget.is_empty() {
            return Vec::new();
        }
        let visits = self.visits.as_ref().map(|model| model.encode());
        seal(STORED_PERIODIC_ORIGIN_VERSION, &Stored { pace: self.pace, used: self.budget.to_entries(), visits })
    }

    /// Reads stored bytes. What was learnt of visits is left out where it makes no sense: it is learnt again.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(bytes: &[u8], now: WallTime) -> Result<Self, Damage> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let Stored { pace, used, visits } = open(STORED_PERIODIC_ORIGIN_VERSION, bytes)?;
        let visits = visits.and_then(|bytes| VisitModel::decode(&bytes).ok()).map(Box::new);
        Ok(Self { pace, budget: Budget::of_entries(used, now), visits, ..Self::default() })
    }
}
