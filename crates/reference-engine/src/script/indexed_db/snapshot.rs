//! The bytes of a snapshot.

use std::collections::BTreeMap;

use crate::script::sealed::{seal, unseal};

const HEADER: &[u8] = b"background-sync-reference-engine IndexedDB 1\n";

/// Part texts by key.
pub(super) type Parts = BTreeMap<String, String>;

pub(super) fn encode<'a>(parts: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<u8>, String> {
    seal(HEADER, &parts.collect::<Vec<_>>())
}

/// The parts, or why there are none.
pub(super) fn decode(bytes: &[u8]) -> Result<Parts, String> {
    Ok(unseal::<Vec<(String, String)>>(HEADER, bytes)?.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn parts_survive_and_damage_is_noticed() {
        let parts = [("[\"a\",\"s\"]", "records \u{1F600}"), ("[\"a\"]", "schema")];
        let bytes = encode(parts.into_iter()).unwrap();
        let read: Vec<_> = decode(&bytes).unwrap().into_iter().collect();
        assert_eq!(read, parts.map(|(key, text)| (key.to_owned(), text.to_owned())));
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0x20;
            assert!(decode(&damaged).is_err(), "damaged at {place}");
        }
    }
}
