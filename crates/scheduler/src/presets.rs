use std::{fmt, time::Duration};

use background_sync_policy::{Limits, PerKind};
use serde::{Deserialize, Serialize};

use crate::{Conditions, JitterMode, NetworkMode, SyncParameters, ValidParameters};

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Long enough that nothing of the kind happens.
const NEVER: Duration = Duration::from_secs(1_000 * 365 * DAY);

/// A set of parameters by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preset {
    /// [`SyncParameters::recommended`].
    #[default]
    Recommended,
    /// [`SyncParameters::chromium`].
    Chromium,
    /// [`SyncParameters::private`].
    Private,
}

impl Preset {
    /// Every one of them.
    pub const ALL: &[Self] = &[Self::Recommended, Self::Chromium, Self::Private];

    /// Its name, as it is serialized.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recommended => "recommended",
            Self::Chromium => "chromium",
            Self::Private => "private",
        }
    }

    /// Its parameters.
    #[must_use]
    pub fn parameters(self) -> ValidParameters {
        match self {
            Self::Recommended => SyncParameters::recommended(),
            Self::Chromium => SyncParameters::chromium(),
            Self::Private => SyncParameters::private(),
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl SyncParameters {
    /// What this project recommends: patient with servers, strict with loops and background time.
    #[must_use]
    pub fn recommended() -> ValidParameters {
        ValidParameters(Self {
            preset: Preset::Recommended,
            enabled: true,
            limits: Limits::default(),
            max_sync_attempts: 12,
            min_sync_attempts: 3,
            initial_retry_delay: secs(30),
            retry_delay_factor: 3,
            max_retry_delay: secs(5 * HOUR),
            jitter: JitterMode::Equal,
            max_age: secs(7 * DAY),
            max_observed_age: secs(30 * DAY),
            max_sync_event_duration: secs(3 * MINUTE),
            max_last_chance_duration: secs(MINUTE),
            max_free_outcomes: 3,
            max_deferral: secs(DAY),
            max_concurrent_events: 16,
            max_concurrent_events_per_origin: 3,
            max_start_duration: secs(MINUTE),
            background_starts_per_day: 60,
            background_time_per_day: secs(30 * MINUTE),
            background_grace: secs(2),
            min_event_duration: secs(10),
            early_retries_per_hour: 4,
            online_hold: secs(2),
            online_hold_max: secs(30),
            first_fire_spread: secs(1),
            first_fire_spread_in_background: secs(MINUTE),
            min_refire_spacing: secs(1),
            loop_window: secs(30),
            register_ends_wait: true,
            max_age_behind: secs(HOUR),
            network_mode: NetworkMode::Any,
            conditions: PerKind {
                // Somebody pressed "send": that goes out on any network.
                one_shot: Conditions::none(),
                // Nobody waits for it, and it comes again.
                periodic: Conditions::none().with(|it| {
                    it.unmetered = Some(secs(DAY));
                    it.not_roaming = Some(secs(3 * DAY));
                    it.battery_not_low = Some(secs(3 * DAY));
                    it.latest = secs(3 * DAY);
                }),
            },
            max_queued_requests: 4_096,
            max_queued_requests_per_origin: 256,
            max_log_entries: 1_000,
            max_log_entries_per_origin: 250,
            max_log_age: secs(14 * DAY),
            #[cfg(feature = "periodic")]
            periodic: crate::PeriodicParameters::recommended(),
        })
    }

    /// The timings, attempts and caps of Chromium 156, for comparisons with it.
    ///
    /// Registering a waiting tag changes nothing, as there. What it does otherwise is not a matter of parameters, or on
    /// purpose:
    ///
    /// * **unknown network**: nothing fires before the network is known; there it counts as online.
    /// * **loop breaker**: who registers itself again and again is slowed down.
    /// * **order of events**: that of registration, not that of the tags' bytes.
    /// * **order of refusals**: the permission is judged before the window.
    /// * **errors**: a tag that is too long, a worker that goes meanwhile, an origin that is not secure and an engine that
    ///   is switched off have each an error of their own.
    /// * **execution cap**: an event is stopped at it, not some seconds later.
    /// * **tag length**: 10,240 code units, not bytes.
    /// * **attempts with notifications**: no more than without that permission; there it is one more.
    /// * **failing store**: costs the calls that needed it, and switches nothing off.
    /// * **crash in a last chance**: nothing follows it.
    /// * **crash in a periodic event**: the next turn follows it, no repetition.
    /// * **free outcomes**: a worker that does not start has used no attempt up, three times in a row.
    /// * **silent pages**: a page that never confirms its answer holds its event up for a second.
    /// * **revocation**: a block takes what there is of its kind, for good.
    /// * **undecided permission**: it can be, and refuses periodic syncs alone.
    /// * **round intervals**: none is rounded up to a multiple of 12 hours.
    /// * **changed interval**: changes nothing else.
    /// * **registered again in a periodic event**: it does not fire again at once.
    /// * **pace of an origin**: it waits from its last event; nothing is placed beside its other tags.
    /// * **gap between origins**: between any two events, not between two wake-ups.
    /// * **suspension**: intervals go on in it.
    /// * **offline origin**: its periodic syncs fire with its network too.
    /// * **wake-ups**: are asked for without a network too, and again after one in vain.
    /// * **leftovers**: no count is left wrong.
    /// * **log**: both kinds share the names of lines.
    #[must_use]
    pub fn chromium() -> ValidParameters {
        ValidParameters(Self {
            preset: Preset::Chromium,
            limits: Limits::default().with(|it| {
                it.max_registrations_per_worker = usize::MAX;
                it.max_registrations_per_origin = usize::MAX;
                it.max_tag_bytes_per_origin = usize::MAX;
                it.max_tag_bytes_per_profile = usize::MAX;
            }),
            max_sync_attempts: 3,
            initial_retry_delay: secs(5 * MINUTE),
            retry_delay_factor: 3,
            max_retry_delay: NEVER,
            jitter: JitterMode::None,
            max_age: NEVER,
            max_observed_age: NEVER,
            max_sync_event_duration: secs(3 * MINUTE),
            max_last_chance_duration: secs(3 * MINUTE),
            max_concurrent_events: usize::MAX,
            max_concurrent_events_per_origin: usize::MAX,
            background_starts_per_day: u32::MAX,
            background_time_per_day: NEVER,
            early_retries_per_hour: 0,
            online_hold: Duration::ZERO,
            online_hold_max: Duration::ZERO,
            first_fire_spread: Duration::ZERO,
            first_fire_spread_in_background: Duration::ZERO,
            register_ends_wait: false,
            #[cfg(feature = "periodic")]
            periodic: crate::PeriodicParameters::chromium(),
            // It looks at whether there is a network, and at nothing else.
            conditions: PerKind { one_shot: Conditions::none(), periodic: Conditions::none() },
            ..Self::recommended().0
        })
    }

    /// For users who want background sync and no traces on other networks: the same network only, not in another
    /// operator's for half a day, what is periodic on the charger and without paying by volume, and shorter caps all
    /// round.
    #[must_use]
    pub fn private() -> ValidParameters {
        ValidParameters(Self {
            preset: Preset::Private,
            max_sync_attempts: 5,
            max_age: secs(DAY),
            max_observed_age: secs(2 * DAY),
            max_sync_event_duration: secs(MINUTE),
            max_last_chance_duration: secs(30),
            background_starts_per_day: 12,
            background_time_per_day: secs(5 * MINUTE),
            network_mode: NetworkMode::Same,
            conditions: PerKind {
                one_shot: Conditions::none().with(|it| {
                    it.not_roaming = Some(secs(12 * HOUR));
                    it.latest = secs(12 * HOUR);
                }),
                periodic: Conditions::none().with(|it| {
                    it.unmetered = Some(secs(3 * DAY));
                    it.not_roaming = Some(secs(3 * DAY));
                    it.charging = Some(secs(DAY));
                    it.battery_not_low = Some(secs(3 * DAY));
                    it.latest = secs(3 * DAY);
                }),
            },
            max_log_age: secs(DAY),
            #[cfg(feature = "periodic")]
            periodic: crate::PeriodicParameters::private(),
            ..Self::recommended().0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InvalidParameters;

    #[test]
    fn presets_would_pass_the_look_they_skip() {
        for preset in Preset::ALL.iter().map(|preset| preset.parameters()) {
            assert_eq!(preset.0.clone().validated(), Ok(preset));
        }
    }

    #[test]
    fn a_preset_is_named_in_what_it_gives_and_as_it_is_serialized() {
        for preset in Preset::ALL {
            assert_eq!(preset.parameters().preset, *preset);
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.name());
        }
    }

    #[test]
    fn nonsense_is_named() {
        let nonsense = SyncParameters { max_sync_attempts: 0, ..SyncParameters::recommended().0 };
        let problem = InvalidParameters { field: "max_sync_attempts", problem: "must be at least 1" };
        assert_eq!(nonsense.validated(), Err(problem));
        let nonsense = SyncParameters { max_retry_delay: Duration::ZERO, ..SyncParameters::recommended().0 };
        assert_eq!(nonsense.validated().unwrap_err().to_string(), "initial_retry_delay is longer than max_retry_delay");
        let nonsense = SyncParameters { min_refire_spacing: secs(DAY), ..SyncParameters::recommended().0 };
        assert_eq!(nonsense.validated().unwrap_err().to_string(), "min_refire_spacing is longer than max_retry_delay");
    }

    #[test]
    fn conditions_that_make_no_sense_are_named() {
        let problem = |change: fn(&mut SyncParameters)| {
            let params = SyncParameters::recommended().into_parameters().with(change);
            params.validated().map_err(|error| error.to_string()).map(|_| ())
        };
        let at_once = "has a condition that relaxes at once";
        let nonsense = problem(|it| it.conditions.periodic.unmetered = Some(Duration::ZERO));
        assert_eq!(nonsense, Err(format!("conditions.periodic {at_once}")));
        let nonsense = problem(|it| {
            it.conditions.one_shot.charging = Some(secs(DAY));
            it.conditions.one_shot.latest = Duration::ZERO;
        });
        assert_eq!(nonsense, Err(format!("conditions.one_shot {at_once}")));
        let never_tried = problem(|it| {
            it.conditions.one_shot.charging = Some(secs(DAY));
            it.conditions.one_shot.latest = it.max_observed_age;
        });
        assert_eq!(never_tried, Err("conditions.one_shot.latest is no shorter than max_observed_age".to_owned()));
        assert_eq!(problem(|it| it.conditions.one_shot.latest = NEVER), Ok(()), "no condition uses it");
    }
}
