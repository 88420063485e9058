use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

/// Bytes before the body: one of version, four of checksum.
const HEADER: usize = 5;

/// Puts a record into the form in which it is stored: version, checksum, body.
///
/// The checksum is CRC-32 (little endian) over version and body, so that a record that was cut short,
/// filled with zeros or written for another version is noticed, one by one.
///
/// # Panics
/// When `record` refuses to be serialized, which plain data never does.
#[must_use]
pub fn seal<T: Serialize>(version: u8, record: &T) -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    bytes[0] = version;
    let mut bytes = postcard::to_extend(record, bytes).expect("plain data always serializes");
    let sum = checksum(version, &bytes[HEADER..]);
    bytes[1..HEADER].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// Reads a sealed record of a known version.
///
/// # Errors
/// What is wrong with the bytes. Nothing is guessed: a record is whole or damaged.
pub fn open<T: DeserializeOwned>(version: u8, bytes: &[u8]) -> Result<T, Damage> {
    let (found, body) = unsealed(bytes)?;
    if found != version {
        return Err(Damage::UnknownVersion(found));
    }
    match postcard::take_from_bytes(body) {
        Ok((record, [])) => Ok(record),
        Ok(_) | Err(_) => Err(Damage::Malformed),
    }
}

/// The version and the body of a sealed record, whole as they were written.
pub(crate) fn unsealed(bytes: &[u8]) -> Result<(u8, &[u8]), Damage> {
    let (header, body) = bytes.split_at_checked(HEADER).ok_or(Damage::CutShort)?;
    let version = header[0];
    let sum = u32::from_le_bytes([header[1], header[2], header[3], header[4]]);
    if checksum(version, body) == sum { Ok((version, body)) } else { Err(Damage::Checksum) }
}

fn checksum(version: u8, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[version]);
    hasher.update(body);
    hasher.finalize()
}

/// What is wrong with a stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// It is shorter than any record.
    CutShort,
    /// Its checksum does not fit.
    Checksum,
    /// It is whole, but of a version that this program does not know: most likely a newer one wrote it.
    UnknownVersion(u8),
    /// Its checksum fits and its content makes no sense.
    Malformed,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort => f.write_str("the record is cut short"),
            Self::Checksum => f.write_str("the record's checksum does not fit its content"),
            Self::UnknownVersion(version) => {
                write!(
                    f,
                    "the record is of version {version}, which this program does not know; was it written by a newer one?"
                )
            }
            Self::Malformed => f.write_str("the record's content makes no sense"),
        }
    }
}

impl std::error::Error for Damage {}
