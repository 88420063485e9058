//! The bytes of a snapshot: a line that names the format, a checksum, the parts.

use std::collections::BTreeMap;

const HEADER: &[u8] = b"background-sync-reference-engine IndexedDB 1\n";
const CHECKSUM: usize = size_of::<u32>();

/// Part texts by key.
pub(super) type Parts = BTreeMap<String, String>;

pub(super) fn encode<'a>(parts: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<u8>, String> {
    let body = postcard::to_allocvec(&parts.collect::<Vec<_>>()).map_err(|error| error.to_string())?;
    let mut bytes = HEADER.to_vec();
    bytes.extend(crc32fast::hash(&body).to_le_bytes());
    bytes.extend(body);
    Ok(bytes)
}

/// The parts, or why there are none.
pub(super) fn decode(bytes: &[u8]) -> Result<Parts, String> {
    let rest = bytes.strip_prefix(HEADER).ok_or("it does not begin as a snapshot does")?;
    let (sum, body) = rest.split_first_chunk::<CHECKSUM>().ok_or("it ends within its checksum")?;
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return Err("its checksum is wrong".to_owned());
    }
    postcard::from_bytes::<Vec<(String, String)>>(body)
        .map(|parts| parts.into_iter().collect())
        .map_err(|error| format!("its parts cannot be read: {error}"))
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
