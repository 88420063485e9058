//! How a timeline spells the enums of other crates.

use background_sync::policy::SyncKind;

/// For `skip_serializing_if`.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The same behind a reference.
pub(crate) fn is_default_ref<T: Default + PartialEq>(value: &&T) -> bool {
    **value == T::default()
}

/// The kind that is meant where a timeline names none.
pub(crate) const fn one_shot() -> SyncKind {
    SyncKind::OneShot
}

/// Whether a timeline need not name it.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) fn is_one_shot(kind: &SyncKind) -> bool {
    *kind == one_shot()
}

macro_rules! spelled {
    ($module:ident, $option:ident, $type:ty { $($variant:path = $word:literal,)* }) => {
        pub(crate) mod $module {
            use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

            pub(crate) const WORDS: &[&str] = &[$($word,)*];

            pub(crate) fn word(value: &$type) -> &'static str {
                match value { $($variant => $word,)* }
            }

            #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
            pub(crate) fn serialize<S: Serializer>(value: &$type, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(word(value))
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                match String::deserialize(deserializer)?.as_str() {
                    $($word => Ok($variant),)*
                    other => Err(D::Error::unknown_variant(other, WORDS)),
                }
            }
        }

        pub(crate) mod $option {
            use serde::{Deserializer, Serializer};

            #[allow(clippy::ref_option, reason = "serde hands over a reference")]
            pub(crate) fn serialize<S: Serializer>(value: &Option<$type>, serializer: S) -> Result<S::Ok, S::Error> {
                match value {
                    Some(value) => super::$module::serialize(value, serializer),
                    None => serializer.serialize_none(),
                }
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<$type>, D::Error> {
                super::$module::deserialize(deserializer).map(Some)
            }
        }
    };
}

spelled!(kind, kind_option, background_sync::policy::SyncKind {
    background_sync::policy::SyncKind::OneShot = "one_shot",
    background_sync::policy::SyncKind::Periodic = "periodic",
});

spelled!(permission, permission_option, background_sync::policy::PermissionState {
    background_sync::policy::PermissionState::Granted = "granted",
    background_sync::policy::PermissionState::Prompt = "prompt",
    background_sync::policy::PermissionState::Denied = "denied",
});

spelled!(switch, switch_option, background_sync::policy::UserSwitch {
    background_sync::policy::UserSwitch::On = "on",
    background_sync::policy::UserSwitch::Off = "off",
});

spelled!(active_worker, active_worker_option, background_sync::policy::WorkerState {
    background_sync::policy::WorkerState::NotLoaded = "not_loaded",
    background_sync::policy::WorkerState::NoSuchRegistration = "no_such_registration",
    background_sync::policy::WorkerState::None = "none",
    background_sync::policy::WorkerState::Activating = "activating",
    background_sync::policy::WorkerState::Active = "active",
});

spelled!(terminate_reason, terminate_reason_option, background_sync::TerminateReason {
    background_sync::TerminateReason::Timeout = "timeout",
    background_sync::TerminateReason::SwitchedOff = "switched_off",
    background_sync::TerminateReason::PartitionClosed = "partition_closed",
    background_sync::TerminateReason::Shutdown = "shutdown",
});

/// A `minInterval`: milliseconds as a number, or a length of time.
pub(crate) mod min_interval {
    use std::fmt;

    use background_sync::registration::MinInterval;
    use serde::de::{Error, Unexpected, Visitor};
    use serde::{Deserializer, Serializer};

    use crate::timeline::Time;

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub(crate) fn serialize<S: Serializer>(value: &MinInterval, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Time::millis(value.ms()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MinInterval, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = MinInterval;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of milliseconds, or a length of time such as \"12h\"")
            }

            fn visit_i64<E: Error>(self, ms: i64) -> Result<MinInterval, E> {
                let ms = u64::try_from(ms).map_err(|_| E::invalid_value(Unexpected::Signed(ms), &self))?;
                Ok(MinInterval::from_ms(ms))
            }

            fn visit_u64<E: Error>(self, ms: u64) -> Result<MinInterval, E> {
                Ok(MinInterval::from_ms(ms))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<MinInterval, E> {
                let time = Time::parse(text).map_err(E::custom)?;
                Ok(MinInterval::from_ms(u64::try_from(time.0.as_millis()).unwrap_or(u64::MAX)))
            }
        }
        deserializer.deserialize_any(Written)
    }
}

/// The same where it may be absent.
pub(crate) mod min_interval_option {
    use background_sync::registration::MinInterval;
    use serde::{Deserializer, Serializer};

    #[allow(clippy::ref_option, reason = "serde hands over a reference")]
    pub(crate) fn serialize<S: Serializer>(value: &Option<MinInterval>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::min_interval::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MinInterval>, D::Error> {
        super::min_interval::deserialize(deserializer).map(Some)
    }
}
