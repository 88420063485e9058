//! How a timeline spells the enums of other crates.

/// For `skip_serializing_if`.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The same behind a reference.
pub(crate) fn is_default_ref<T: Default + PartialEq>(value: &&T) -> bool {
    **value == T::default()
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
