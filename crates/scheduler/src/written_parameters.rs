//! How parameters are read: whole where a format has no names, and over a preset where it has.

use std::{fmt, time::Duration};

use background_sync_policy::{Limits, PerKind};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[cfg(feature = "periodic")]
use crate::PeriodicParameters;
use crate::{Conditions, JitterMode, NetworkMode, Preset, SyncParameters};

macro_rules! parameters {
    ($($(#[$only:meta])* $field:ident: $type:ty,)*) => {
        const FIELDS: &[&str] = &["preset", $($(#[$only])* stringify!($field),)*];

        /// Every field, in the order in which they are written.
        #[derive(Deserialize)]
        struct Whole { preset: Preset, $($(#[$only])* $field: $type,)* }

        /// Those that somebody named.
        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        struct Named { preset: Preset, $($(#[$only])* $field: Option<$type>,)* }

        impl From<Whole> for SyncParameters {
            fn from(whole: Whole) -> Self {
                Self { preset: whole.preset, $($(#[$only])* $field: whole.$field,)* }
            }
        }

        impl From<Named> for SyncParameters {
            fn from(named: Named) -> Self {
                let preset = named.preset.parameters().into_parameters();
                Self { preset: named.preset, $($(#[$only])* $field: named.$field.unwrap_or(preset.$field),)* }
            }
        }
    };
}

parameters! {
    enabled: bool,
    limits: Limits,
    max_sync_attempts: u32,
    min_sync_attempts: u32,
    initial_retry_delay: Duration,
    retry_delay_factor: u32,
    max_retry_delay: Duration,
    jitter: JitterMode,
    max_age: Duration,
    max_observed_age: Duration,
    max_sync_event_duration: Duration,
    max_last_chance_duration: Duration,
    max_free_outcomes: u32,
    max_deferral: Duration,
    max_concurrent_events: usize,
    max_concurrent_events_per_origin: usize,
    max_start_duration: Duration,
    background_starts_per_day: u32,
    background_time_per_day: Duration,
    background_grace: Duration,
    min_event_duration: Duration,
    early_retries_per_hour: u32,
    online_hold: Duration,
    online_hold_max: Duration,
    first_fire_spread: Duration,
    first_fire_spread_in_background: Duration,
    min_refire_spacing: Duration,
    loop_window: Duration,
    register_ends_wait: bool,
    max_age_behind: Duration,
    network_mode: NetworkMode,
    conditions: PerKind<Conditions>,
    max_queued_requests: usize,
    max_queued_requests_per_origin: usize,
    max_log_entries: usize,
    max_log_entries_per_origin: usize,
    max_log_age: Duration,
    #[cfg(feature = "periodic")]
    periodic: PeriodicParameters,
}

impl<'de> Deserialize<'de> for SyncParameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("SyncParameters", FIELDS, Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = SyncParameters;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parameters of background sync")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, fields: A) -> Result<SyncParameters, A::Error> {
        Whole::deserialize(SeqAccessDeserializer::new(fields)).map(SyncParameters::from)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<SyncParameters, A::Error> {
        Named::deserialize(MapAccessDeserializer::new(fields)).map(SyncParameters::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ValidParameters;

    fn read(json: &str) -> Result<SyncParameters, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    fn odd() -> SyncParameters {
        Preset::Chromium.parameters().into_parameters().with(|it| {
            it.max_sync_event_duration = Duration::new(u64::MAX, 999_999_999);
            it.max_last_chance_duration = Duration::from_nanos(1);
            it.background_grace = Duration::MAX;
            it.network_mode = NetworkMode::AskOnChange;
            it.max_log_entries = usize::MAX;
            it.max_free_outcomes = u32::MAX;
            it.enabled = false;
            it.conditions.one_shot.charging = Some(Duration::from_nanos(1));
            it.conditions.periodic.latest = Duration::MAX;
        })
    }

    #[test]
    fn parameters_come_back_as_they_were() {
        let presets = Preset::ALL.iter().map(|preset| preset.parameters().into_parameters());
        for parameters in presets.chain([odd()]) {
            let json = serde_json::to_string(&parameters).unwrap();
            assert_eq!(read(&json).as_ref(), Ok(&parameters));
            let value = serde_json::to_value(&parameters).unwrap();
            assert_eq!(serde_json::from_value::<SyncParameters>(value).ok().as_ref(), Some(&parameters));
            let bytes = postcard::to_allocvec(&parameters).unwrap();
            assert_eq!(postcard::from_bytes::<SyncParameters>(&bytes).as_ref(), Ok(&parameters));
        }
    }

    #[test]
    fn what_is_not_named_is_the_presets() {
        assert_eq!(read("{}"), Ok(SyncParameters::recommended().into_parameters()));
        let expected = SyncParameters::chromium().into_parameters().with(|it| it.max_sync_attempts = 4);
        assert_eq!(read(r#"{ "max_sync_attempts": 4, "preset": "chromium" }"#), Ok(expected));
    }

    #[test]
    fn what_is_spelled_wrong_is_an_error() {
        for (json, problem) in [
            (r#"{ "max_sync_attempt": 4 }"#, "unknown field `max_sync_attempt`"),
            (r#"{ "preset": "Private" }"#, "unknown variant `Private`"),
            (r#"{ "limits": { "max_tag_length": 4 } }"#, "missing field `max_registrations_per_worker`"),
            (r#"{ "limits": { "max_tags": 4 } }"#, "unknown field `max_tags`"),
            (r#"{ "jitter": "some" }"#, "unknown variant `some`"),
            (r#"{ "conditions": { "one_shot": { "metered": null } } }"#, "unknown field `metered`"),
            (r#"{ "conditions": { "one_shot": {} } }"#, "missing field `latest`"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(problem), "{json}: {error}");
        }
    }

    #[test]
    fn nonsense_is_not_read_as_valid() {
        let error = serde_json::from_str::<ValidParameters>(r#"{ "max_sync_attempts": 0 }"#).unwrap_err();
        assert!(error.to_string().contains("max_sync_attempts must be at least 1"), "{error}");
        let bytes = postcard::to_allocvec(&odd().with(|it| it.min_refire_spacing = Duration::ZERO)).unwrap();
        assert!(postcard::from_bytes::<ValidParameters>(&bytes).is_err());
    }
}
