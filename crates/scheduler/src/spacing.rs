use std::time::Duration;

use background_sync_registration::{MonotonicTime, Now, RegistrationState, SyncRegistration, Wait};
use serde::{Deserialize, Serialize};

use crate::SyncParameters;

/// Which global called `register`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AskedBy {
    /// A window, or a worker of one.
    Page,
    /// The service worker itself. Its registrations count for the loop breaker.
    Worker,
}

/// A call of `register` as far as spacing goes. Whoever asks has to say all of it: what is left out would not be waited
/// for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpacedCall {
    /// Who called.
    pub asked_by: AskedBy,
    /// What the loop breaker said of it.
    pub hop: Duration,
    /// The event of the tag was running when the call was made; how often in a row it had been registered again by
    /// then.
    pub while_firing: Option<u32>,
}

impl SyncParameters {
    /// How far the event that a call asks for has to stay from the one before. `existing` is what is registered under
    /// its tag, `recent_end` when an event of the tag ended, if that was in the last second.
    #[must_use]
    pub fn spacing(
        &self,
        call: SpacedCall,
        existing: Option<&SyncRegistration>,
        recent_end: Option<MonotonicTime>,
        now: Now,
    ) -> Option<Wait> {
        let refire = self.min_refire_spacing;
        let hop = (!call.hop.is_zero()).then(|| Wait::starting(now, call.hop));
        let Some(registration) = existing else {
            let after_end = match (call.while_firing, recent_end) {
                (Some(count), Some(ended)) => Wait::since(ended, self.in_a_row(call, count), now),
                (None, Some(ended)) => Wait::since(ended, refire.max(call.hop), now),
                (_, None) => None,
            };
            return Wait::later(after_end, hop.filter(|_| call.while_firing.is_none()));
        };
        match registration.state() {
            // A page with a window open need not wait for what a worker's loop or a failed start cost.
            RegistrationState::Pending { .. } => match call.asked_by {
                AskedBy::Worker => None,
                AskedBy::Page => {
                    let ended = registration.last_attempt_ended().max(recent_end);
                    let after_end = ended.and_then(|ended| Wait::since(ended, refire, now));
                    Some(after_end.unwrap_or(Wait::starting(now, Duration::ZERO)))
                }
            },
            RegistrationState::Waiting { .. } => {
                let after_end = registration.last_attempt_ended().and_then(|ended| match call.while_firing {
                    Some(count) => Wait::since(ended, self.in_a_row(call, count), now),
                    None => Wait::since(ended, refire, now),
                });
                Wait::later(after_end, hop)
            }
            RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {
                Some(Wait::starting(now, self.in_a_row(call, registration.reregistered_in_a_row())))
            }
        }
    }

    /// The event after so many that were each registered again while they ran.
    fn in_a_row(&self, call: SpacedCall, count: u32) -> Duration {
        match (call.asked_by, count) {
            (AskedBy::Worker, _) => call.hop,
            (AskedBy::Page, 0) => Duration::ZERO,
            (AskedBy::Page, _) => self.min_refire_spacing,
        }
    }
}
