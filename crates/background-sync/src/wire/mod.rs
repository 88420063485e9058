//! Tests: whatever an engine sends between its processes arrives as it was, in a text format and in a binary one.

mod inputs;
mod other_process;
mod outputs;
#[cfg(feature = "periodic")]
mod periodic;
mod samples;
#[cfg(feature = "thread")]
mod seen_from_afar;
mod sent_by_hosts;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Fails with the first value that comes back as another one, or not at all.
fn come_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(values: &[T]) {
    assert!(!values.is_empty());
    for value in values {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&text).as_ref().ok(), Some(value), "{text}");
        let json = serde_json::to_value(value).unwrap();
        assert_eq!(serde_json::from_value::<T>(json).as_ref().ok(), Some(value));
        let bytes = postcard::to_allocvec(value).unwrap();
        assert_eq!(postcard::from_bytes::<T>(&bytes).as_ref(), Ok(value));
    }
}

/// Every variant is among the values. One that is added later does not compile before it is named.
macro_rules! every_variant_is_among {
    ($values:expr, $type:ident { $($(#[$only:meta])* $variant:ident),* $(,)? }) => {
        let name = |value: &$type| match value { $($(#[$only])* $type::$variant { .. } => stringify!($variant),)* };
        let met: std::collections::BTreeSet<_> = $values.iter().map(name).collect();
        assert_eq!(met, std::collections::BTreeSet::from_iter([$($(#[$only])* stringify!($variant)),*]));
    };
}
use every_variant_is_among;
