use crate::{Charge, Now, RegistrationState, Schedule, Series, SyncRegistration, SyncRegistrationLists, TagId, Wait};

/// What is left of a periodic registration after an event of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterPeriodicEvent {
    /// It is pending, and its interval counts from now.
    Pending,
    /// It failed, and the event is tried again when the wait is over.
    Retried,
    /// No event of that tag was running. Nothing changed.
    NotFiring,
}

impl SyncRegistrationLists {
    /// A periodicsync event ended, or was cut short: once round `periodic.fire.6`.
    ///
    /// <https://wicg.github.io/periodic-background-sync/#fire-a-periodicsync-event>
    ///
    /// `retry` is how long the user agent waits before it tries again, if it does that after a failure
    /// (`periodic.fire.6.9`); a worker that was ended from outside has failed. `charge` is what the attempt counted as.
    pub fn periodic_event_ended(
        &mut self,
        tag: TagId,
        succeeded: bool,
        ended: Now,
        charge: Charge,
        retry: Option<Wait>,
    ) -> AfterPeriodicEvent {
        let Some(registration) = self.get_mut(tag) else { return AfterPeriodicEvent::NotFiring };
        let again = match registration.state() {
            RegistrationState::Firing { .. } => registration.reregistered_in_a_row() > 0,
            RegistrationState::ReregisteredWhileFiring { .. } => true,
            RegistrationState::Pending { .. } | RegistrationState::Waiting { .. } => {
                return AfterPeriodicEvent::NotFiring;
            }
        };
        registration.attempt_ended(ended.monotonic);
        match retry {
            // periodic.fire.6.8: one retry more. periodic.fire.6.9: not at once.
            Some(back_off) if !succeeded && !again => {
                registration.book(charge);
                registration.set_state(RegistrationState::Waiting { back_off, deferred: true });
                AfterPeriodicEvent::Retried
            }
            // periodic.fire.6.7.4: it succeeded, or it was tried often enough, or registered again meanwhile.
            Some(_) | None => {
                registration.periodic_event_is_over(ended);
                AfterPeriodicEvent::Pending
            }
        }
    }
}

impl SyncRegistration {
    /// Ends the series of a periodic registration without another event: a start that came to nothing too often, or
    /// what was left of an event when its process died.
    pub fn periodic_event_is_over(&mut self, ended: Now) {
        // periodic.fire.6.7.4.1: pending.
        self.set_state(RegistrationState::Pending { not_before: None });
        // periodic.fire.4: the next event begins without a retry.
        self.set_series(Series::default());
        self.set_reregistered_in_a_row(0);
        // periodic.fire.6.7.4.2: also after a failure. periodic.fire.6.7.4.3: nothing follows.
        if let Some(Schedule { min_interval, .. }) = self.schedule() {
            self.set_schedule(Some(Schedule::new(min_interval, ended.wall)));
        }
    }

    /// The clock was set back: an anchor of the future counts as of now, so that a wrong clock costs one interval and no
    /// more. Says whether it was one.
    pub fn anchor_no_later_than(&mut self, now: Now) -> bool {
        let Some(schedule) = self.schedule().filter(|schedule| schedule.anchor > now.wall) else { return false };
        self.set_schedule(Some(Schedule::new(schedule.min_interval, now.wall)));
        true
    }
}
