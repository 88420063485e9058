use std::{fmt, ops::Deref, time::Duration};

use background_sync_policy::{Limits, PerKind};
use serde::{Deserialize, Serialize};

use crate::{Condition, Conditions, Preset};

/// How much of a back-off is left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JitterMode {
    /// Half of the delay is fixed, half is drawn.
    Equal,
    /// The delay is what the formula says.
    None,
}

/// On which networks a registration may fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkMode {
    /// On any.
    Any,
    /// Only on the one it was registered on, where the host names networks.
    Same,
    /// On another one only after the host has asked the user.
    AskOnChange,
}

/// Everything the specification leaves to the user agent, in one place.
///
/// Start from a preset, change fields, call [`SyncParameters::validated`]. Field names are Chromium's
/// where it has the parameter.
///
/// # In a file of preferences
/// They are serialized whole, and read from fewer: where a format has names, `preset` says what a field has that is
/// not there (without it, [`Preset::Recommended`]). An unknown field is an error, so that a parameter that is spelled
/// wrong does not stay what it was without a word. `limits` are given whole, and so are `conditions`. Durations are as serde has them.
///
/// ```
/// use background_sync_scheduler::{SyncParameters, ValidParameters};
///
/// let prefs = r#"{ "preset": "private", "max_sync_attempts": 4, "max_age": { "secs": 3600, "nanos": 0 } }"#;
/// let params: ValidParameters = serde_json::from_str(prefs)?;
/// assert_eq!(params.max_sync_attempts, 4);
/// assert_eq!(params.network_mode, SyncParameters::private().network_mode);
/// assert!(serde_json::from_str::<ValidParameters>(r#"{ "max_sync_attempt": 4 }"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SyncParameters {
    /// The preset they were made from; the others say where they differ.
    pub preset: Preset,
    /// Whether there is background sync at all. `false` is the engine's own word, not the user's switch: nothing is
    /// read, written, started or removed, calls are refused, and what an earlier session stored is there again when it
    /// is `true`.
    pub enabled: bool,
    /// Caps on tags and registrations.
    pub limits: Limits,
    /// Attempts a series may be charged with. At least 1.
    pub max_sync_attempts: u32,
    /// Attempts that every series is given whatever its age: an old promise is not given up before it has been
    /// charged with one less than this. More than `max_sync_attempts` counts as that.
    pub min_sync_attempts: u32,
    /// First back-off.
    pub initial_retry_delay: Duration,
    /// Each further back-off is this many times the one before. At least 1.
    pub retry_delay_factor: u32,
    /// No back-off is longer.
    pub max_retry_delay: Duration,
    /// Chance in the back-off.
    pub jitter: JitterMode,
    /// Older than this since the last `register`, the next attempt is the last one, if it is no sooner than the one
    /// that completes `min_sync_attempts`.
    pub max_age: Duration,
    /// After this much running time since the last `register`, it is removed without an attempt.
    pub max_observed_age: Duration,
    /// Execution cap of an event, from its dispatch.
    pub max_sync_event_duration: Duration,
    /// Execution cap of an event that was told `lastChance` (`sync.limit`).
    pub max_last_chance_duration: Duration,
    /// Outcomes in a row that are not charged because the worker could not help them. In all, a series has no more
    /// of them than `max_sync_attempts`.
    pub max_free_outcomes: u32,
    /// Longest time a host may defer an attempt by.
    pub max_deferral: Duration,
    /// Events running or being started at once.
    pub max_concurrent_events: usize,
    /// The same for one origin in one partition.
    pub max_concurrent_events_per_origin: usize,
    /// How long a worker may take from start to ready. An activating one is waited out this long.
    pub max_start_duration: Duration,
    /// Starts an origin without a window may have in a rolling day.
    pub background_starts_per_day: u32,
    /// Event time an origin without a window may have in a rolling day.
    pub background_time_per_day: Duration,
    /// For this long after its last window closed an origin's events count as seen: a navigation is no absence.
    /// The window rule of `register` knows no such grace.
    pub background_grace: Duration,
    /// Less background time than this is as good as none: no event is dispatched with a shorter cap.
    pub min_event_duration: Duration,
    /// Back-offs of an origin that a returning link may end early in a rolling hour.
    pub early_retries_per_hour: u32,
    /// Hold on a link that flapped; doubles with every further flap.
    pub online_hold: Duration,
    /// Longest such hold.
    pub online_hold_max: Duration,
    /// First events after start-up or link return are spread over this time, with a window open.
    pub first_fire_spread: Duration,
    /// The same without a window.
    pub first_fire_spread_in_background: Duration,
    /// Shortest time between the end of an event and the next one of the same tag, when it was
    /// registered again after the event or while waiting; first step of the loop breaker; no back-off is shorter.
    pub min_refire_spacing: Duration,
    /// How long after an event a registration by the worker itself still counts as its doing.
    pub loop_window: Duration,
    /// Whether registering a waiting tag ends its wait (`sync.register.8.1`). `false` is Chromium's
    /// way.
    pub register_ends_wait: bool,
    /// How far the age of a registration may be behind in the store, on either clock. A call that only makes a
    /// registration younger is answered without a write as long as it is less than this, and than 18 hours; zero
    /// writes every one. What the store has decides after a restart, so a promise may seem so much older then.
    pub max_age_behind: Duration,
    /// On which networks to fire.
    pub network_mode: NetworkMode,
    /// What the network and the battery have to be like for an event of each kind, until it has waited for too long.
    pub conditions: PerKind<Conditions>,
    /// Requests that may wait for the thread.
    pub max_queued_requests: usize,
    /// The same for one origin in one partition: its share (invariant I17).
    pub max_queued_requests_per_origin: usize,
    /// Entries the log keeps.
    pub max_log_entries: usize,
    /// Entries about one origin that the log keeps: its share (invariant I17).
    pub max_log_entries_per_origin: usize,
    /// Age of the oldest entry the log keeps.
    pub max_log_age: Duration,
    /// Periodic syncs. Given whole in a file of preferences.
    #[cfg(feature = "periodic")]
    pub periodic: crate::PeriodicParameters,
}

impl SyncParameters {
    /// These parameters with something changed.
    ///
    /// ```
    /// use background_sync_scheduler::SyncParameters;
    ///
    /// let params = SyncParameters::recommended().into_parameters().with(|it| it.max_sync_attempts = 5);
    /// assert!(params.validated().is_ok());
    /// ```
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Looks at the whole set once.
    ///
    /// # Errors
    /// The first field that makes no sense, and why.
    pub fn validated(self) -> Result<ValidParameters, InvalidParameters> {
        let at_least_one = [
            ("max_sync_attempts", u64::from(self.max_sync_attempts)),
            ("min_sync_attempts", u64::from(self.min_sync_attempts)),
            ("retry_delay_factor", u64::from(self.retry_delay_factor)),
            ("max_concurrent_events", self.max_concurrent_events as u64),
            ("max_concurrent_events_per_origin", self.max_concurrent_events_per_origin as u64),
            ("max_queued_requests", self.max_queued_requests as u64),
            ("max_queued_requests_per_origin", self.max_queued_requests_per_origin as u64),
            ("limits.max_registrations_per_worker", self.limits.max_registrations_per_worker as u64),
            ("limits.max_registrations_per_origin", self.limits.max_registrations_per_origin as u64),
        ];
        for (field, value) in at_least_one {
            if value == 0 {
                return Err(InvalidParameters { field, problem: "must be at least 1" });
            }
        }
        let not_zero = [
            ("initial_retry_delay", self.initial_retry_delay),
            ("max_sync_event_duration", self.max_sync_event_duration),
            ("max_last_chance_duration", self.max_last_chance_duration),
            ("max_start_duration", self.max_start_duration),
            // Without it a worker that registers itself again would never be slowed down.
            ("min_refire_spacing", self.min_refire_spacing),
        ];
        for (field, value) in not_zero {
            if value.is_zero() {
                return Err(InvalidParameters { field, problem: "must be longer than nothing" });
            }
        }
        let ordered = [
            ("initial_retry_delay", self.initial_retry_delay, self.max_retry_delay, "is longer than max_retry_delay"),
            // No back-off is shorter than the one and longer than the other.
            ("min_refire_spacing", self.min_refire_spacing, self.max_retry_delay, "is longer than max_retry_delay"),
            ("online_hold", self.online_hold, self.online_hold_max, "is longer than online_hold_max"),
            (
                "max_last_chance_duration",
                self.max_last_chance_duration,
                self.max_sync_event_duration,
                "is longer than max_sync_event_duration",
            ),
        ];
        for (field, lesser, greater, problem) in ordered {
            if lesser > greater {
                return Err(InvalidParameters { field, problem });
            }
        }
        #[cfg(feature = "periodic")]
        self.periodic.check()?;
        self.look_at_conditions()?;
        Ok(ValidParameters(self))
    }

    fn look_at_conditions(&self) -> Result<(), InvalidParameters> {
        for (field, conditions) in
            [("conditions.one_shot", &self.conditions.one_shot), ("conditions.periodic", &self.conditions.periodic)]
        {
            let ages = Condition::ALL.map(|condition| conditions.relaxes_at(condition));
            if ages.into_iter().flatten().any(|age| age.is_zero()) {
                return Err(InvalidParameters { field, problem: "has a condition that relaxes at once" });
            }
        }
        // A promise would be removed that was never tried.
        let one_shot = &self.conditions.one_shot;
        if !one_shot.is_none() && one_shot.latest >= self.max_observed_age {
            let problem = "is no shorter than max_observed_age";
            return Err(InvalidParameters { field: "conditions.one_shot.latest", problem });
        }
        Ok(())
    }
}

/// Parameters that were looked at. The only kind a machine takes; what is deserialized was looked at too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SyncParameters")]
pub struct ValidParameters(pub(crate) SyncParameters);

impl ValidParameters {
    /// The set again, to change fields of it.
    #[must_use]
    pub fn into_parameters(self) -> SyncParameters {
        self.0
    }
}

impl TryFrom<SyncParameters> for ValidParameters {
    type Error = InvalidParameters;

    fn try_from(parameters: SyncParameters) -> Result<Self, InvalidParameters> {
        parameters.validated()
    }
}

impl Deref for ValidParameters {
    type Target = SyncParameters;

    fn deref(&self) -> &SyncParameters {
        &self.0
    }
}

/// A field of [`SyncParameters`] that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidParameters {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl fmt::Display for InvalidParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)
    }
}

impl std::error::Error for InvalidParameters {}
