//! The parameters, and the one source of chance.

use std::time::Duration;

use background_sync_scheduler::{Jitter, ValidParameters};

/// What was chosen, and what is drawn.
#[derive(Debug)]
pub(in crate::machine) struct Rules {
    params: ValidParameters,
    jitter: Jitter,
}

impl Rules {
    pub(in crate::machine) fn new(params: ValidParameters, seed: u64) -> Self {
        Self { params, jitter: Jitter::seeded(seed) }
    }

    pub(in crate::machine) fn params(&self) -> &ValidParameters {
        &self.params
    }

    /// The wait after so many attempts, drawn.
    pub(in crate::machine) fn back_off(&mut self, attempts: u32) -> Duration {
        self.params.back_off(attempts, &mut self.jitter)
    }

    /// Up to so much, drawn.
    pub(in crate::machine) fn up_to(&mut self, most: Duration) -> Duration {
        self.jitter.up_to(most)
    }

    /// A secret, drawn.
    pub(in crate::machine) fn secret(&mut self) -> [u64; 2] {
        [self.jitter.next_u64(), self.jitter.next_u64()]
    }
}
