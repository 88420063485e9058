use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrayvec::ArrayString;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::memory;

/// Bytes of text that a tag holds itself. Longer ones are rare, and lie elsewhere.
const SHORT: usize = 24;

/// The tag of a sync registration: a `DOMString`, any sequence of UTF-16 code units.
///
/// Lone surrogates and the empty string are ordinary tags. Tags are compared code unit by code unit;
/// nothing is normalised. Cheap to clone. Their order is some total order, good for sorted collections.
///
/// In formats that people read it is a string, or `{ "utf16": [55296] }` when it is not well-formed.
#[derive(Clone, PartialEq, Eq)]
pub struct Tag(Units);

/// One sequence of code units has exactly one form, so that derived equality is equality of tags.
#[derive(Clone, PartialEq, Eq)]
enum Units {
    /// Text of at most [`SHORT`] bytes, and no other is longer.
    Short(ArrayString<SHORT>),
    /// Longer text.
    Long(Arc<str>),
    /// Has at least one lone surrogate.
    IllFormed(Arc<[u16]>),
}

/// The same without a look at how long it is.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Content<'a> {
    WellFormed(&'a str),
    IllFormed(&'a [u16]),
}

impl Tag {
    /// The tag with these UTF-16 code units.
    #[must_use]
    pub fn from_utf16(units: &[u16]) -> Self {
        match String::from_utf16(units) {
            Ok(text) => Self::from(text.as_str()),
            Err(_) => Self(Units::IllFormed(units.into())),
        }
    }

    fn content(&self) -> Content<'_> {
        match &self.0 {
            Units::Short(text) => Content::WellFormed(text),
            Units::Long(text) => Content::WellFormed(text),
            Units::IllFormed(units) => Content::IllFormed(units),
        }
    }

    /// Its UTF-16 code units.
    #[must_use]
    pub fn to_utf16(&self) -> Vec<u16> {
        match self.content() {
            Content::WellFormed(text) => text.encode_utf16().collect(),
            Content::IllFormed(units) => units.to_vec(),
        }
    }

    /// Number of UTF-16 code units: what the tag length cap counts.
    #[must_use]
    pub fn len_utf16(&self) -> usize {
        match self.content() {
            Content::WellFormed(text) if text.is_ascii() => text.len(),
            Content::WellFormed(text) => text.encode_utf16().count(),
            Content::IllFormed(units) => units.len(),
        }
    }

    /// The tag as text, if it is well-formed UTF-16.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self.content() {
            Content::WellFormed(text) => Some(text),
            Content::IllFormed(_) => None,
        }
    }

    /// Tells a hasher what the tag consists of, and nothing else: for a hasher that is used for tags alone, where no
    /// mark has to say where the tag ends.
    pub(crate) fn hash_alone(&self, hasher: &mut impl Hasher) {
        match self.content() {
            Content::WellFormed(text) => hasher.write(text.as_bytes()),
            Content::IllFormed(units) => units.iter().for_each(|unit| hasher.write_u16(*unit)),
        }
    }

    /// Bytes that it holds on the heap: none up to 24 bytes of text. Its clones share them.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.0 {
            Units::Short(_) => 0,
            Units::Long(text) => memory::of_shared(text.len()),
            Units::IllFormed(units) => memory::of_shared(size_of_val(&**units)),
        }
    }
}

impl From<&str> for Tag {
    fn from(text: &str) -> Self {
        Self(ArrayString::from(text).map_or_else(|_| Units::Long(text.into()), Units::Short))
    }
}

impl Hash for Tag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.content().hash(state);
    }
}

impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tag {
    fn cmp(&self, other: &Self) -> Ordering {
        self.content().cmp(&other.content())
    }
}

impl fmt::Display for Tag {
    /// For logs: lone surrogates as `\uD800`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.content() {
            Content::WellFormed(text) => f.write_str(text),
            Content::IllFormed(units) => {
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

/// The form that people read and write where a string cannot hold it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Units16<'a> {
    utf16: Cow<'a, [u16]>,
}

/// Reads a string, or code units in a table.
struct Readable;

impl<'de> Visitor<'de> for Readable {
    type Value = Tag;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or { utf16 = [0xD800] }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tag, E> {
        Ok(Tag::from(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tag, A::Error> {
        let Units16 { utf16 } = Units16::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Tag::from_utf16(&utf16))
    }
}

/// The form in the store. Variants are numbered by their order.
#[derive(Serialize, Deserialize)]
enum Compact<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Units(Cow<'a, [u16]>),
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (serializer.is_human_readable(), self.content()) {
            (true, Content::WellFormed(text)) => serializer.serialize_str(text),
            (true, Content::IllFormed(units)) => Units16 { utf16: units.into() }.serialize(serializer),
            (false, Content::WellFormed(text)) => Compact::Text(text.into()).serialize(serializer),
            (false, Content::IllFormed(units)) => Compact::Units(units.into()).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Readable)
        } else {
            Ok(match Compact::deserialize(deserializer)? {
                Compact::Text(text) => Self::from(&*text),
                Compact::Units(units) => Self::from_utf16(&units),
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

    #[test]
    fn a_tag_is_as_large_as_the_text_it_holds_itself_and_a_word() {
        assert_eq!((size_of::<Tag>(), size_of::<Option<Tag>>()), (SHORT + 8, SHORT + 8));
        for length in [0, SHORT - 1, SHORT, SHORT + 1] {
            let text = "a".repeat(length);
            let tag = Tag::from(text.as_str());
            assert_eq!((tag.as_str(), tag.len_utf16()), (Some(text.as_str()), length));
            assert_eq!(matches!(tag.0, Units::Short(_)), length <= SHORT);
        }
    }

    fn hash(tag: &Tag) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        tag.hash(&mut hasher);
        hasher.finish()
    }

    /// Text of lengths about that at which it lies elsewhere, often the beginning of another.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[ab]{20,28}", "\\PC{0,12}"]
    }

    proptest! {
        #[test]
        fn tags_are_in_the_order_of_their_text_however_long_and_those_that_are_none_come_last(
            [a, b] in [text(), text()],
            lone in 0xD800_u16..0xE000,
        ) {
            let [of_a, of_b] = [&a, &b].map(|text| Tag::from(text.as_str()));
            prop_assert_eq!(of_a.cmp(&of_b), a.cmp(&b));
            prop_assert_eq!((of_a == of_b, hash(&of_a) == hash(&of_b)), (a == b, a == b));
            prop_assert!(of_a < Tag::from_utf16(&[lone]));
        }

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
