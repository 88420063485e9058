use background_sync::scheduler::{JitterMode, NetworkMode, SyncParameters};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{PeriodicOverrides, Time, spelled};

/// Turns the written form of a parameter into its own type.
pub(super) trait Written<T> {
    fn plain(self) -> T;
}

impl Written<std::time::Duration> for Time {
    fn plain(self) -> std::time::Duration {
        self.0
    }
}

impl Written<Self> for u32 {
    fn plain(self) -> Self {
        self
    }
}

impl Written<Self> for usize {
    fn plain(self) -> Self {
        self
    }
}

impl Written<Self> for bool {
    fn plain(self) -> Self {
        self
    }
}

impl Written<Self> for JitterMode {
    fn plain(self) -> Self {
        self
    }
}

impl Written<Self> for NetworkMode {
    fn plain(self) -> Self {
        self
    }
}

/// The age at which a condition relaxes: a length of time, or `"off"` where it does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relaxes(pub Option<Time>);

impl Serialize for Relaxes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(age) => age.serialize(serializer),
            None => serializer.serialize_str("off"),
        }
    }
}

impl<'de> Deserialize<'de> for Relaxes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "off" => Ok(Self(None)),
            age => Time::parse(age).map(|age| Self(Some(age))).map_err(serde::de::Error::custom),
        }
    }
}

impl Written<Option<std::time::Duration>> for Relaxes {
    fn plain(self) -> Option<std::time::Duration> {
        self.0.map(|age| age.0)
    }
}

macro_rules! overrides {
    (
        $(#[$doc:meta])* $name:ident of $set:ty {
            $($field:ident: $type:ty => $($place:ident).+,)*
            $(@ $(#[$part_attribute:meta])* $part:ident: $part_type:ty,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        #[allow(missing_docs, reason = "the fields are those of the parameters")]
        pub struct $name { $(pub $field: Option<$type>,)* $($(#[$part_attribute])* pub $part: $part_type,)? }

        impl $name {
            /// Changes a set of parameters.
            pub fn apply(&self, parameters: &mut $set) {
                $(if let Some(value) = self.$field {
                    parameters.$($place).+ = value.plain();
                })*
                $(self.$part.apply(&mut parameters.$part);)?
            }
        }
    };
}
pub(super) use overrides;

overrides! {
    /// Parameters that differ from the preset, by their field names in [`SyncParameters`]; the fields of
    /// its `limits` stand beside the others, and so do its `conditions`, with their kind in front.
    Overrides of SyncParameters {
    enabled: bool => enabled,
    max_tag_length: usize => limits.max_tag_length,
    max_registrations_per_worker: usize => limits.max_registrations_per_worker,
    max_registrations_per_origin: usize => limits.max_registrations_per_origin,
    max_tag_bytes_per_origin: usize => limits.max_tag_bytes_per_origin,
    max_tag_bytes_per_profile: usize => limits.max_tag_bytes_per_profile,
    max_sync_attempts: u32 => max_sync_attempts,
    min_sync_attempts: u32 => min_sync_attempts,
    initial_retry_delay: Time => initial_retry_delay,
    retry_delay_factor: u32 => retry_delay_factor,
    max_retry_delay: Time => max_retry_delay,
    jitter: JitterMode => jitter,
    max_age: Time => max_age,
    max_observed_age: Time => max_observed_age,
    max_sync_event_duration: Time => max_sync_event_duration,
    max_last_chance_duration: Time => max_last_chance_duration,
    max_free_outcomes: u32 => max_free_outcomes,
    max_deferral: Time => max_deferral,
    max_concurrent_events: usize => max_concurrent_events,
    max_concurrent_events_per_origin: usize => max_concurrent_events_per_origin,
    max_start_duration: Time => max_start_duration,
    background_starts_per_day: u32 => background_starts_per_day,
    background_time_per_day: Time => background_time_per_day,
    background_grace: Time => background_grace,
    min_event_duration: Time => min_event_duration,
    early_retries_per_hour: u32 => early_retries_per_hour,
    online_hold: Time => online_hold,
    online_hold_max: Time => online_hold_max,
    first_fire_spread: Time => first_fire_spread,
    first_fire_spread_in_background: Time => first_fire_spread_in_background,
    min_refire_spacing: Time => min_refire_spacing,
    loop_window: Time => loop_window,
    register_ends_wait: bool => register_ends_wait,
    max_age_behind: Time => max_age_behind,
    network_mode: NetworkMode => network_mode,
    one_shot_unmetered: Relaxes => conditions.one_shot.unmetered,
    one_shot_not_roaming: Relaxes => conditions.one_shot.not_roaming,
    one_shot_charging: Relaxes => conditions.one_shot.charging,
    one_shot_battery_not_low: Relaxes => conditions.one_shot.battery_not_low,
    one_shot_latest: Time => conditions.one_shot.latest,
    periodic_unmetered: Relaxes => conditions.periodic.unmetered,
    periodic_not_roaming: Relaxes => conditions.periodic.not_roaming,
    periodic_charging: Relaxes => conditions.periodic.charging,
    periodic_battery_not_low: Relaxes => conditions.periodic.battery_not_low,
    periodic_latest: Time => conditions.periodic.latest,
    max_queued_requests: usize => max_queued_requests,
    max_queued_requests_per_origin: usize => max_queued_requests_per_origin,
    max_log_entries: usize => max_log_entries,
    max_log_entries_per_origin: usize => max_log_entries_per_origin,
    max_log_age: Time => max_log_age,
@ #[serde(skip_serializing_if = "spelled::is_default")] periodic: PeriodicOverrides,
    }
}
