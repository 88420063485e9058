//! Reasons in a person's words.

use background_sync_registration::WallTime;
use background_sync_scheduler::Condition;

#[cfg(feature = "periodic")]
use background_sync_scheduler::PeriodicHold;

use super::WhyNot;

impl WhyNot {
    /// When it is over by itself, if that is known.
    #[must_use]
    pub const fn until(&self) -> Option<WallTime> {
        match self {
            Self::ReplyNotDelivered { until }
            | Self::BackOff { until }
            | Self::Spacing { until }
            | Self::Deferred { until }
            | Self::NetworkHold { until }
            | Self::Spread { until }
            | Self::Budget { until }
            | Self::WakeUp { until }
            | Self::Condition { condition: _, until }
            | Self::Store { until } => Some(*until),
            #[cfg(feature = "periodic")]
            Self::Periodic { until, .. } => *until,
            Self::NotRegistered
            | Self::KindNotRun
            | Self::SwitchedOff
            | Self::Loading
            | Self::Commit
            | Self::Starting
            | Self::Running
            | Self::WorkerNotLoaded
            | Self::WorkersNotKnown
            | Self::NoActiveWorker
            | Self::NetworkUnknown
            | Self::Offline
            | Self::Captive
            | Self::OriginNetwork
            | Self::OtherNetwork
            | Self::Concurrency
            | Self::OriginConcurrency
            | Self::SystemRestricted
            | Self::Suspended
            | Self::Shutdown => None,
        }
    }

    /// What has to come, as a person reads it after "waits for". `moment` writes a time the way that this
    /// person is shown times.
    #[must_use]
    pub fn waits_for(&self, moment: impl FnOnce(WallTime) -> String) -> String {
        let text = match self {
            Self::ReplyNotDelivered { until } => {
                return format!("its page to hear that it is registered ({} at the latest)", moment(*until));
            }
            Self::BackOff { until } => return format!("the end of its back-off ({})", moment(*until)),
            Self::Spacing { until } => return format!("some distance from its last event ({})", moment(*until)),
            Self::Deferred { until } => return format!("the time the browser put it off to ({})", moment(*until)),
            Self::NetworkHold { until } => return format!("a network that stays for a while ({})", moment(*until)),
            Self::Spread { until } => return format!("its turn among the first events ({})", moment(*until)),
            Self::Budget { until } => {
                return format!("a window of its origin, or for background budget (some at {})", moment(*until));
            }
            Self::WakeUp { until } => {
                return format!(
                    "a window of its origin, or for more time than is left of the wake-up ({})",
                    moment(*until)
                );
            }
            Self::Store { until } => return format!("the store to take writes (tried again at {})", moment(*until)),
            #[cfg(feature = "periodic")]
            Self::Periodic { why, until } => {
                let what = periodic_wait(*why);
                return until.map_or_else(|| what.to_owned(), |until| format!("{what} ({})", moment(until)));
            }
            Self::Condition { condition, until } => {
                let what = match condition {
                    Condition::Unmetered => "a network that is not paid by volume",
                    Condition::NotRoaming => "a network of the user's own operator",
                    Condition::Charging => "the charger",
                    Condition::BatteryNotLow => "a battery that is not low",
                };
                return format!("{what} ({} at the latest)", moment(*until));
            }
            Self::NotRegistered => "a page to register it",
            Self::KindNotRun => "a browser that runs periodic syncs",
            Self::SwitchedOff => "background sync to be switched on",
            Self::Loading => "the store to be read",
            Self::Commit => "the store to keep it",
            Self::Starting => "its worker, which is being started",
            Self::Running => "the end of its event, which runs",
            Self::WorkerNotLoaded => "the browser to read which service workers it has",
            Self::WorkersNotKnown => {
                "the browser to say that it knows all its service workers, of which it is none so far"
            }
            Self::NoActiveWorker => "an active service worker",
            Self::NetworkUnknown => "word of the network, of which nothing is known yet",
            Self::Offline => "a network",
            Self::Captive => "a network without a portal that answers in its place",
            Self::OriginNetwork => "a network that reaches its origin",
            Self::OtherNetwork => "the network it was registered on",
            Self::Concurrency => "the end of another event, as no more may run at once",
            Self::OriginConcurrency => "the end of another event of its origin, as no more of them may run at once",
            Self::SystemRestricted => "the system to allow background work again",
            Self::Suspended => "the system to wake up, or the browser to go on",
            Self::Shutdown => "a browser to be started",
        };
        text.to_owned()
    }
}

#[cfg(feature = "periodic")]
const fn periodic_wait(why: PeriodicHold) -> &'static str {
    match why {
        PeriodicHold::MinInterval => "the interval that its page asked for to be over",
        PeriodicHold::OriginInterval => "the shortest time between two events of its origin to be over",
        PeriodicHold::Slot => "the time shortly before the next visit",
        PeriodicHold::Clock => "its next turn by the clock",
        PeriodicHold::AcrossOrigins => "another wake-up, as a day may have no more of them",
        PeriodicHold::Budget => "more of what its origin may use in a day",
        PeriodicHold::OtherEvent => "its turn, after another event of its origin",
        PeriodicHold::ReaderAway => "a visit, as the user stays away",
        PeriodicHold::NoEngagement => "a visit, as the user has nothing to do with its site any more",
        PeriodicHold::Paused => "the user to let it go on",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_the_reader_is_used_to() {
        let until = WallTime::from_unix_ms(90_000);
        let shown = |at: WallTime| format!("{} s", at.unix_ms() / 1_000);
        assert_eq!(WhyNot::BackOff { until }.waits_for(shown), "the end of its back-off (90 s)");
        assert_eq!(WhyNot::Offline.waits_for(shown), "a network");
    }

    #[test]
    fn what_is_over_by_itself_says_when() {
        let until = WallTime::from_unix_ms(90_000);
        for why in [
            WhyNot::ReplyNotDelivered { until },
            WhyNot::BackOff { until },
            WhyNot::Spacing { until },
            WhyNot::Deferred { until },
            WhyNot::NetworkHold { until },
            WhyNot::Spread { until },
            WhyNot::Budget { until },
            WhyNot::WakeUp { until },
            WhyNot::Condition { condition: Condition::Unmetered, until },
            WhyNot::Condition { condition: Condition::NotRoaming, until },
            WhyNot::Condition { condition: Condition::Charging, until },
            WhyNot::Condition { condition: Condition::BatteryNotLow, until },
            WhyNot::Store { until },
        ] {
            assert_eq!(why.until(), Some(until), "{why:?}");
            assert!(why.waits_for(|at| format!("<{}>", at.unix_ms())).contains("<90000>"), "{why:?}");
        }
    }
}
