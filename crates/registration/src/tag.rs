use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The tag of a sync registration: a `DOMString`, any sequence of UTF-16 code units.
///
/// Lone surrogates and the empty string are ordinary tags. Tags are compared code unit by code unit;
/// nothing is normalised. Cheap to clone. Their order is some total order, good for sorted collections.
///
/// In formats that people read it is a string, or `{ "utf16": [55296] }` when it is not well-formed.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(Units);

/// One sequence of code units has exactly one form, so that derived equality is equality of tags.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Units {
    WellFormed(Arc<str>),
    /// Has at least one lone surrogate.
    IllFormed(Arc<[u16]>),
}

impl Tag {
    /// The tag with these UTF-16 code units.
    #[must_use]
    pub fn from_utf16(units: &[u16]) -> Self {
        Self(match String::from_utf16(units) {
            Ok(text) => Units::WellFormed(text.into()),
            Err(_) => Units::IllFormed(units.into()),
        })
    }

    /// Its UTF-16 code units.
    #[must_use]
    pub fn to_utf16(&self) -> Vec<u16> {
        match &self.0 {
            Units::WellFormed(text) => text.encode_utf16().collect(),
            Units::IllFormed(units) => units.to_vec(),
        }
    }

    /// Number of UTF-16 code units: what the tag length cap counts.
    #[must_use]
    pub fn len_utf16(&self) -> usize {
        match &self.0 {
            Units::WellFormed(text) if text.is_ascii() => text.len(),
            Units::WellFormed(text) => text.encode_utf16().count(),
            Units::IllFormed(units) => units.len(),
        }
    }

    /// The tag as text, if it is well-formed UTF-16.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Units::WellFormed(text) => Some(text),
            Units::IllFormed(_) => None,
        }
    }
}

impl From<&str> for Tag {
    fn from(text: &str) -> Self {
        Self(Units::WellFormed(text.into()))
    }
}

impl fmt::Display for Tag {
    /// For logs: lone surrogates as `\uD800`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Units::WellFormed(text) => f.write_str(text),
            Units::IllFormed(units) => {
                for unit in char::decode_utf16(units.iter().copied()) {
                    match unit {
                        Ok(c) => write!(f, "{c}")?,
                        Err(lone) => write!(f, "\\u{:04X}", lone.unpaired_surrogate())?,
                    }
                }
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// The form that people read and write.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Readable {
    Text(Arc<str>),
    Units { utf16: Arc<[u16]> },
}

/// The form in the store. Variants are numbered by their order.
#[derive(Serialize)]
enum Compact {
    Text(Arc<str>),
    Units(Arc<[u16]>),
}

/// The same to read: text is copied once, from where it lies.
#[derive(Deserialize)]
enum CompactToRead<'b> {
    Text(#[serde(borrow)] Cow<'b, str>),
    Units(Vec<u16>),
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (serializer.is_human_readable(), self.0.clone()) {
            (true, Units::WellFormed(text)) => Readable::Text(text).serialize(serializer),
            (true, Units::IllFormed(utf16)) => Readable::Units { utf16 }.serialize(serializer),
            (false, Units::WellFormed(text)) => Compact::Text(text).serialize(serializer),
            (false, Units::IllFormed(units)) => Compact::Units(units).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Ok(match Readable::deserialize(deserializer)? {
                Readable::Text(text) => Self(Units::WellFormed(text)),
                Readable::Units { utf16 } => Self::from_utf16(&utf16),
            })
        } else {
            Ok(match CompactToRead::deserialize(deserializer)? {
                CompactToRead::Text(text) => Self::from(&*text),
                CompactToRead::Units(units) => Self::from_utf16(&units),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_lone_surrogate_is_an_ordinary_tag() {
        let lone = Tag::from_utf16(&[0x61, 0xD800]);
        assert_eq!(lone.to_string(), "a\\uD800");
        assert_eq!(lone.len_utf16(), 2);
        assert_eq!(serde_json::to_string(&lone).unwrap(), r#"{"utf16":[97,55296]}"#);
        assert_ne!(lone, Tag::from("a\u{FFFD}"));
    }

    #[test]
    fn tags_are_not_normalised() {
        assert_ne!(Tag::from("\u{e9}"), Tag::from("e\u{301}"));
        assert_eq!(Tag::from_utf16(&[0xD83D, 0xDE00]), Tag::from("\u{1F600}"));
        assert_eq!(Tag::from("").len_utf16(), 0);
    }

    proptest! {
        #[test]
        fn every_sequence_of_units_survives_both_forms(units in prop::collection::vec(any::<u16>(), 0..20)) {
            let tag = Tag::from_utf16(&units);
            prop_assert_eq!(tag.to_utf16(), units);
            let readable = serde_json::to_string(&tag).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Tag>(&readable).unwrap(), &tag);
            let compact = postcard::to_allocvec(&tag).unwrap();
            prop_assert_eq!(&postcard::from_bytes::<Tag>(&compact).unwrap(), &tag);
        }
    }
}
