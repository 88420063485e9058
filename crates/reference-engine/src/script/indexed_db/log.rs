//! The bytes that databases are kept in: a line that names the format, then pieces, each with its length and its
//! checksum. A piece is changed parts; later ones count. What was damaged costs its own piece.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::script::sealed::unseal;

const HEADER: &[u8] = b"background-sync-reference-engine IndexedDB 2\n";
/// All in one, sealed as a whole, and an object store's records in one part.
const OLDER_HEADER: &[u8] = b"background-sync-reference-engine IndexedDB 1\n";

/// A piece of a whole log has about so many bytes of parts.
const PIECE: usize = 16 << 10;
const LENGTH: usize = size_of::<u32>();
const CHECKSUM: usize = size_of::<u32>();

/// Part texts by key.
pub(super) type Parts = BTreeMap<String, String>;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) parts: Parts,
    /// What is wrong; the parts are those that are whole.
    pub(super) damage: Option<String>,
    /// Whether more can be added to its end.
    pub(super) goes_on: bool,
}

/// All parts, for an empty file.
pub(super) fn whole<'a>(parts: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<u8>, String> {
    let mut bytes = HEADER.to_vec();
    let (mut piece, mut size) = (Vec::new(), 0);
    for (key, text) in parts {
        size += key.len() + text.len();
        piece.push((key, Some(text)));
        if size >= PIECE {
            bytes.extend(one_piece(&piece)?);
            (piece, size) = (Vec::new(), 0);
        }
    }
    if !piece.is_empty() {
        bytes.extend(one_piece(&piece)?);
    }
    Ok(bytes)
}

/// Changed parts, for the end of a file; a part without text goes.
pub(super) fn one_piece(changes: &[(&str, Option<&str>)]) -> Result<Vec<u8>, String> {
    let body = postcard::to_allocvec(changes).map_err(|error| error.to_string())?;
    let length = u32::try_from(body.len()).map_err(|_| "it is too large".to_owned())?.to_le_bytes();
    let mut bytes = length.to_vec();
    bytes.extend(checksum(length, &body).to_le_bytes());
    bytes.extend(body);
    Ok(bytes)
}

fn checksum(length: [u8; LENGTH], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(body);
    hasher.finalize()
}

/// The parts that are whole.
pub(super) fn read(bytes: &[u8]) -> Read {
    if bytes.starts_with(OLDER_HEADER) {
        return match unseal::<Vec<(String, String)>>(OLDER_HEADER, bytes).and_then(taken_over) {
            Ok(parts) => Read { parts, damage: None, goes_on: false },
            Err(why) => Read { parts: Parts::new(), damage: Some(why), goes_on: false },
        };
    }
    let Some(mut rest) = bytes.strip_prefix(HEADER) else {
        let why = "it does not begin as it should".to_owned();
        return Read { parts: Parts::new(), damage: Some(why), goes_on: false };
    };
    let (mut parts, mut pieces, mut damaged) = (Parts::new(), 0, 0);
    while !rest.is_empty() {
        pieces += 1;
        let Some((sound, after)) = next_piece(rest) else {
            damaged += 1;
            break;
        };
        rest = after;
        match sound {
            Some(changes) => apply(&mut parts, changes),
            None => damaged += 1,
        }
    }
    let damage = (damaged > 0).then(|| format!("{damaged} of its {pieces} pieces: not whole"));
    Read { parts, goes_on: damage.is_none(), damage }
}

type Changes = Vec<(String, Option<String>)>;

/// The changes of a piece, if they are whole, and what is behind it. None where it ends too soon.
fn next_piece(bytes: &[u8]) -> Option<(Option<Changes>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH>()?;
    let (sum, rest) = rest.split_first_chunk::<CHECKSUM>()?;
    let (body, after) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let whole = checksum(*length, body) == u32::from_le_bytes(*sum);
    Some((whole.then(|| postcard::from_bytes(body).ok()).flatten(), after))
}

fn apply(parts: &mut Parts, changes: Changes) {
    for (key, text) in changes {
        match text {
            Some(text) => parts.insert(key, text),
            None => parts.remove(&key),
        };
    }
}

/// An object store as an earlier version kept it.
#[derive(Deserialize)]
struct OlderStore<'a> {
    #[serde(borrow)]
    next: &'a RawValue,
    /// `[key, value]`; text, because a number or a lone surrogate must stay what it is.
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

/// What an earlier version kept, with a part for each record.
fn taken_over(older: Vec<(String, String)>) -> Result<Parts, String> {
    let mut parts = Parts::new();
    for (key, text) in older {
        let names = serde_json::from_str::<Vec<&RawValue>>(&key).map_err(|error| error.to_string())?;
        if names.len() == 1 {
            parts.insert(key, text);
            continue;
        }
        let store: OlderStore<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let open = key.strip_suffix(']').unwrap_or(&key);
        for record in store.records {
            let (of_record, _) =
                serde_json::from_str::<(&RawValue, &RawValue)>(record.get()).map_err(|error| error.to_string())?;
            parts.insert(format!("{open},{of_record}]"), record.get().to_owned());
        }
        parts.insert(key, format!(r#"{{"next":{}}}"#, store.next));
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::sealed::seal;

    fn parts(pairs: &[(&str, &str)]) -> Parts {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    /// Three pieces: a database with two records, one more, and one less.
    fn log() -> Vec<u8> {
        let first = parts(&[("[\"a\"]", "schema"), ("[\"a\",\"s\",1]", "one"), ("[\"a\",\"s\",2]", "two \u{1F600}")]);
        let mut bytes = whole(first.iter().map(|(key, text)| (&**key, &**text))).unwrap();
        bytes.extend(one_piece(&[("[\"a\",\"s\",3]", Some("three"))]).unwrap());
        bytes.extend(one_piece(&[("[\"a\",\"s\",1]", None)]).unwrap());
        bytes
    }

    #[test]
    fn later_pieces_count() {
        let expected =
            parts(&[("[\"a\"]", "schema"), ("[\"a\",\"s\",2]", "two \u{1F600}"), ("[\"a\",\"s\",3]", "three")]);
        assert_eq!(read(&log()), Read { parts: expected, damage: None, goes_on: true });
    }

    #[test]
    fn a_damaged_byte_is_noticed_and_costs_its_piece() {
        let (bytes, last) = (log(), one_piece(&[("[\"a\",\"s\",1]", None)]).unwrap().len());
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0x20;
            let read = read(&damaged);
            assert!(read.damage.is_some() && !read.goes_on, "damaged at {place}");
        }
        let mut damaged = bytes.clone();
        let middle = bytes.len() - last - 1;
        damaged[middle] ^= 1;
        let kept = parts(&[("[\"a\"]", "schema"), ("[\"a\",\"s\",2]", "two \u{1F600}")]);
        assert_eq!(read(&damaged).parts, kept, "the piece behind it counts");
        assert_eq!(read(&damaged).damage.as_deref(), Some("1 of its 3 pieces: not whole"));
    }

    #[test]
    fn what_was_cut_off_is_noticed_and_the_rest_is_there() {
        let bytes = log();
        let before_last = bytes.len() - one_piece(&[("[\"a\",\"s\",1]", None)]).unwrap().len();
        let before_second = before_last - one_piece(&[("[\"a\",\"s\",3]", Some("three"))]).unwrap().len();
        let unnoticed = (0..bytes.len()).filter(|cut| read(&bytes[..*cut]).damage.is_none());
        assert_eq!(unnoticed.collect::<Vec<_>>(), [HEADER.len(), before_second, before_last], "between pieces");
        assert_eq!(read(&bytes[..bytes.len() - 1]).parts.len(), 4, "the record whose removal is not whole is there");
        assert!(read(&[]).damage.is_some(), "an empty file is none of ours");
    }

    #[test]
    fn a_large_database_is_several_pieces() {
        let text = "x".repeat(PIECE / 2);
        let many: Parts = (0..9).map(|n| (format!("[{n}]"), text.clone())).collect();
        let mut bytes = whole(many.iter().map(|(key, text)| (&**key, &**text))).unwrap();
        assert_eq!(read(&bytes).parts, many);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        assert_eq!(read(&bytes).parts.len(), 7, "two parts are lost with their piece");
    }

    #[test]
    fn an_earlier_versions_file_is_taken_over() {
        let older = [
            (r#"["d"]"#, "schema"),
            (r#"["d","s"]"#, r#"{"next":3,"records":[["a\ud800",["object","x",0.1]],[["array",1,2],"]"]]}"#),
        ];
        let read = read(&seal(OLDER_HEADER, &older.as_slice()).unwrap());
        let expected = parts(&[
            (r#"["d"]"#, "schema"),
            (r#"["d","s"]"#, r#"{"next":3}"#),
            (r#"["d","s","a\ud800"]"#, r#"["a\ud800",["object","x",0.1]]"#),
            (r#"["d","s",["array",1,2]]"#, r#"[["array",1,2],"]"]"#),
        ]);
        assert_eq!(read, Read { parts: expected, damage: None, goes_on: false });
    }
}
