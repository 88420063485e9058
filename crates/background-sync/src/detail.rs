//! What an entry of the log says besides what it is about: values, written out only when somebody reads them.

use std::fmt;
use std::time::Duration;

use background_sync_policy::Refusal;
use background_sync_registration::Charge;
use background_sync_scheduler::LastChance;
use serde::{Deserialize, Serialize};

use crate::names::names;
use crate::{NotStarted, RegisterError};

/// A detail of a [`LogEntry`](crate::LogEntry). [Its name](Self::name) and its value as text, which is its `Display`,
/// are what people and `DevTools` are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Detail {
    /// Whether it was the last chance.
    LastChance(bool),
    /// Why it was.
    LastChanceReason(LastChance),
    /// After how long the next attempt may follow. Shown in whole milliseconds.
    NextAttemptDelay(Duration),
    /// Why an attempt failed.
    FailureReason(FailureReason),
    /// How a registration was done with.
    Status(Status),
    /// Why something was refused, not started or ignored.
    Reason(Reason),
    /// Attempts charged so far.
    Attempts(u32),
    /// Whether the attempt counts.
    Charge(Charge),
    /// A number of things; how often in a row the same thing happened.
    Count(u64),
    /// Damaged or missing rows.
    Lost(u64),
}

impl Detail {
    /// What it is.
    #[must_use]
    pub const fn name(&self) -> MetadataName {
        match self {
            Self::LastChance(_) => MetadataName::LastChance,
            Self::LastChanceReason(_) => MetadataName::LastChanceReason,
            Self::NextAttemptDelay(_) => MetadataName::NextAttemptDelay,
            Self::FailureReason(_) => MetadataName::FailureReason,
            Self::Status(_) => MetadataName::Status,
            Self::Reason(_) => MetadataName::Reason,
            Self::Attempts(_) => MetadataName::Attempts,
            Self::Charge(_) => MetadataName::Charge,
            Self::Count(_) => MetadataName::Count,
            Self::Lost(_) => MetadataName::Lost,
        }
    }
}

impl fmt::Display for Detail {
    /// The value as text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LastChance(yes) => f.write_str(if *yes { "Yes" } else { "No" }),
            Self::LastChanceReason(why) => f.write_str(why.as_str()),
            Self::NextAttemptDelay(delay) => write!(f, "{}", delay.as_millis()),
            Self::FailureReason(why) => write!(f, "{why}"),
            Self::Status(status) => write!(f, "{status}"),
            Self::Reason(why) => write!(f, "{why}"),
            Self::Attempts(number) => write!(f, "{number}"),
            Self::Charge(charge) => write!(f, "{charge:?}"),
            Self::Count(number) | Self::Lost(number) => write!(f, "{number}"),
        }
    }
}

names! {
    /// What a detail of an event is.
    MetadataName {
        /// Yes or No.
        LastChance = "Last Chance",
        /// Why it was the last chance: attempts or age.
        LastChanceReason = "Last Chance Reason",
        /// Milliseconds.
        NextAttemptDelay = "Next Attempt Delay (ms)",
        /// Why an attempt failed.
        FailureReason = "Failure Reason",
        /// How a registration was done with.
        Status = "Status",
        /// Why something was refused or ignored.
        Reason = "Reason",
        /// Attempts charged so far.
        Attempts = "Attempts",
        /// Whether the attempt counts: Charged or Free.
        Charge = "Charge",
        /// A number of things; how often in a row the same thing happened.
        Count = "Count",
        /// Damaged or missing rows.
        Lost = "Lost",
    }
}

names! {
    /// Why an attempt failed, in the words `DevTools` uses where it has any.
    FailureReason {
        /// A promise passed to `waitUntil` was rejected.
        Rejected = "waitUntil rejected",
        /// The host ended the event.
        Terminated = "aborted",
        /// The worker died.
        Crashed = "failed",
        /// It reached its execution cap.
        TimedOut = "timeout",
        /// The engine shut down.
        Shutdown = "shutdown",
        /// The host wanted another attempt later.
        Deferred = "deferred",
        /// The process died while it ran.
        ProcessDied = "the process died",
        /// A periodic sync could not be tried again in time.
        NotInTime = "no retry in time",
    }
}

names! {
    /// Why a registration went without its promise being kept.
    RemovalReason {
        /// The engine or `DevTools` took it away.
        Cancelled = "cancelled",
        /// A page or worker unregistered it.
        UnregisteredTag = "unregistered by its site",
        /// Its service worker registration went.
        Unregistered = "unregistered",
        /// The permission was revoked.
        Revoked = "permission revoked",
        /// The user switched it off.
        SwitchedOff = "switched off",
        /// It was too old.
        Expired = "expired",
        /// Site data was cleared.
        Cleared = "cleared",
        /// Its private partition was closed.
        PartitionClosed = "partition closed",
        /// The process died in the last attempt, which counts as told.
        ProcessDied = "the process died in the last attempt",
    }
}

/// How a registration was done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Its event was fulfilled.
    Succeeded,
    /// Its last attempt failed.
    Failed(FailureReason),
    /// It was taken away.
    Removed(RemovalReason),
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Succeeded => "succeeded",
            Self::Failed(why) => why.name(),
            Self::Removed(why) => why.name(),
        })
    }
}

/// Why something was refused, not started or ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reason {
    /// A rule refused a call.
    Refused(Refusal),
    /// A call could not be made durable.
    Rejected(RegisterError),
    /// The host could not start the worker.
    NotStarted(NotStarted),
    /// The worker took longer to start than it may.
    TookTooLong,
    /// The worker ran, and something else stood in the way.
    Obstacle(Obstacle),
    /// An input made no sense.
    Ignored(Ignored),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "{refusal:?}"),
            Self::Rejected(error) => write!(f, "{error:?}"),
            Self::NotStarted(why) => write!(f, "{why:?}"),
            Self::TookTooLong => f.write_str("the worker took too long to start"),
            Self::Obstacle(obstacle) => write!(f, "{obstacle}"),
            Self::Ignored(why) => write!(f, "{why}"),
        }
    }
}

names! {
    /// Why nothing comes of a start, found out at the last moment.
    Obstacle {
        /// The registration is gone, or another one took its tag.
        Gone = "Gone",
        /// What was written about `lastChance` is no longer so; another start writes what is.
        OtherPromise = "OtherPromise",
        /// The service worker registration is gone.
        Unregistered = "Unregistered",
        /// The worker is not there any more.
        NoActiveWorker = "NoActiveWorker",
        /// The host has not read its own registrations yet.
        WorkerNotLoaded = "WorkerNotLoaded",
        /// The permission was revoked.
        Revoked = "Revoked",
        /// The user switched it off.
        SwitchedOff = "SwitchedOff",
        /// The operating system restricts background work: it waits until that ends.
        SystemRestricted = "SystemRestricted",
        /// I4: not online at this moment.
        Offline = "Offline",
        /// Another network than it may fire on.
        OtherNetwork = "OtherNetwork",
        /// The user pays for the network by volume, and it may still wait for another one.
        Metered = "Metered",
        /// The network is another operator's, and it may still wait.
        Roaming = "Roaming",
        /// The device is not on the charger, and it may still wait for that.
        NotCharging = "NotCharging",
        /// The battery is low, and it may still wait.
        BatteryLow = "BatteryLow",
        /// I13: it would run in the background, and its time is not booked: the last window has just closed, or a
        /// clock that jumped a day ahead made the budget forget. Another start books it, in its commit.
        NotBooked = "NotBooked",
        /// It would run in the background, and what is left of the wake-up is too little for it.
        WakeUpTooShort = "WakeUpTooShort",
        /// The system sleeps or the process is frozen.
        Suspended = "Suspended",
        /// It is periodic, and its origin was suspended meanwhile.
        OriginSuspended = "OriginSuspended",
    }
}

names! {
    /// Why an input made no sense.
    Ignored {
        /// Background sync is off, and the machine asked for nothing.
        SwitchedOff = "background sync is off",
        /// The store was read already.
        StoreWasRead = "the store was read already",
        /// Too many notices wait for the store.
        TooMuchWaits = "too much waits for the store already",
        /// It speaks of what there can't be before the store was read.
        NothingStarted = "nothing was started or committed yet",
        /// Only private partitions are closed.
        PartitionOfTheProfile = "a partition of the profile can't be closed",
        /// No such commit is in flight.
        NotInFlight = "a commit that is not in flight",
        /// There is no such attempt to be ready.
        ReadyUnknown = "ready for an unknown attempt",
        /// The attempt was ready already, or is over.
        ReadyTooLate = "ready twice, or too late",
        /// There is no such attempt that could fail to start.
        NotStartedUnknown = "an unknown attempt did not start",
        /// The attempt was past its start.
        NotStartedTooLate = "an attempt that was not starting did not start",
        /// There is no such attempt to finish.
        FinishedUnknown = "an unknown attempt finished",
        /// Its event was not dispatched yet.
        FinishedTooEarly = "an attempt finished that was not dispatched",
        /// It was asked to end, and the host never said that it has.
        NeverEnded = "the host never said that a terminated event has ended",
        /// The user was not asked, or the question is over.
        NobodyAsked = "an answer nobody waits for",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_a_few_words_of_memory() {
        assert_eq!(size_of::<Detail>(), 16);
    }

    #[test]
    fn a_detail_is_shown_as_tools_compare_it() {
        let shown = |detail: Detail| format!("{}: {detail}", detail.name());
        let delay = Detail::NextAttemptDelay(Duration::from_micros(1_500));
        assert_eq!(shown(delay), "Next Attempt Delay (ms): 1");
        assert_eq!(shown(Detail::LastChance(false)), "Last Chance: No");
        assert_eq!(shown(Detail::Charge(Charge::Free)), "Charge: Free");
        let refused = RegisterError::Refused(Refusal::NoWindow);
        assert_eq!(shown(Detail::Reason(Reason::Rejected(refused))), "Reason: Refused(NoWindow)");
        let died = Status::Removed(RemovalReason::ProcessDied);
        assert_eq!(shown(Detail::Status(died)), "Status: the process died in the last attempt");
    }
}
