//! The parameters, and the one source of chance.

#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

#[cfg(feature = "periodic")]
use background_sync_registration::Charge;
use background_sync_registration::{Series, WallTime};
use background_sync_scheduler::{Jitter, ValidParameters};

use super::session::Session;
use crate::NetworkSecret;

/// What was chosen, and what is drawn.
pub(in crate::machine) struct Rules {
    params: ValidParameters,
    jitter: Jitter,
    /// The half of the seed that nothing else is made of.
    secret: [u64; 2],
    /// What the numbers of a session are told apart by.
    session_key: [u64; 2],
}

impl Rules {
    pub(in crate::machine) fn new(params: ValidParameters, seed: [u8; 32]) -> Self {
        let half = |from: usize| std::array::from_fn(|n| seed[from + n]);
        let number = |from: usize| u64::from_le_bytes(std::array::from_fn(|n| seed[from + n]));
        Self {
            params,
            jitter: Jitter::seeded(half(0)),
            secret: [number(16), number(24)],
            session_key: [number(0), number(8)],
        }
    }

    pub(in crate::machine) fn params(&self) -> &ValidParameters {
        &self.params
    }

    /// What tells the numbers of a session whose store was read at this time from those of others.
    pub(in crate::machine) fn session(&self, read_at: WallTime) -> Session {
        Session::of(self.session_key, read_at)
    }

    /// The wait after so many attempts, drawn.
    pub(in crate::machine) fn back_off(&mut self, attempts: u32) -> Duration {
        self.params.back_off(attempts, &mut self.jitter)
    }

    /// The wait after a start that came to nothing, drawn.
    pub(in crate::machine) fn back_off_of_start(&mut self, series: Series) -> Duration {
        self.params.back_off_of_start(series, &mut self.jitter)
    }

    /// The wait before a periodic sync event is tried again, drawn; `None` when it is not. A failure that is free may be
    /// tried again however often the event was.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn periodic_retry(&mut self, series: Series, charge: Charge) -> Option<Duration> {
        let before = match charge {
            Charge::Charged => series,
            Charge::Free => Series::default(),
        };
        self.params.periodic.retry_delay(before, self.params.jitter, &mut self.jitter)
    }

    /// Up to so much, drawn.
    pub(in crate::machine) fn up_to(&mut self, most: Duration) -> Duration {
        self.jitter.up_to(most)
    }

    /// A secret, made of all of the seed. Pages see something of what is drawn; what they could infer from that is
    /// hidden by the half of the seed that shows nowhere else.
    pub(in crate::machine) fn secret(&mut self) -> NetworkSecret {
        NetworkSecret::from(self.secret.map(|half| half ^ self.jitter.next_u64()))
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("params", &self.params).finish_non_exhaustive()
    }
}
