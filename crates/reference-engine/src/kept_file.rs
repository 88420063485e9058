//! Small files of JSON that are replaced whole, with a checksum in their last line.
//!
//! A file without that line is one that an earlier version wrote.

use std::path::Path;
use std::{fs, io};

use serde::Serialize;
use serde::de::DeserializeOwned;

const BEFORE_CHECKSUM: &[u8] = b"\ncrc32 ";

/// What is kept in a file, if it is there.
///
/// # Errors
/// When the file is there and can't be read, or is not as it was written.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> io::Result<Option<T>> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    serde_json::from_slice(checked(&bytes)?).map(Some).map_err(invalid)
}

/// Replaces a file durably.
///
/// # Errors
/// When it can't be written; it is as it was then.
pub(crate) fn write(file: &Path, kept: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(kept).map_err(io::Error::other)?;
    let checksum = format!("{:08x}\n", crc32fast::hash(&bytes));
    bytes.extend_from_slice(BEFORE_CHECKSUM);
    bytes.extend_from_slice(checksum.as_bytes());
    crate::durable::write(file, &bytes)
}

/// Whether an error of [`read`] says that the file is damaged, and not that it can't be reached.
pub(crate) fn is_damage(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData
}

/// A file that is not as it was written.
pub(crate) fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The JSON, if its checksum fits. JSON as we write it has no line breaks.
fn checked(bytes: &[u8]) -> io::Result<&[u8]> {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return Ok(bytes) };
    let (json, line) = bytes.split_at(end);
    let sum = line.strip_prefix(BEFORE_CHECKSUM).and_then(|rest| rest.strip_suffix(b"\n"));
    if sum == Some(format!("{:08x}", crc32fast::hash(json)).as_bytes()) {
        Ok(json)
    } else {
        Err(invalid("its checksum is wrong"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_flipped_bit_and_no_missing_end_goes_unnoticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept.json");
        let kept = vec![("a".to_owned(), 17), ("b\n".to_owned(), 4)];
        write(&file, &kept).unwrap();
        assert_eq!(read(&file).unwrap(), Some(kept.clone()));
        let sound = fs::read(&file).unwrap();
        for bit in 0..sound.len() * 8 {
            let mut damaged = sound.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            fs::write(&file, &damaged).unwrap();
            let error = read::<Vec<(String, i32)>>(&file).expect_err(&format!("bit {bit}"));
            assert!(is_damage(&error), "{error}");
        }
        let json = serde_json::to_vec(&kept).unwrap().len();
        for end in (0..sound.len()).filter(|end| *end != json) {
            fs::write(&file, &sound[..end]).unwrap();
            assert!(read::<Vec<(String, i32)>>(&file).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn a_file_without_a_checksum_is_an_earlier_versions_and_a_missing_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept.json");
        assert_eq!(read::<u32>(&file).unwrap(), None);
        fs::write(&file, "7").unwrap();
        assert_eq!(read::<u32>(&file).unwrap(), Some(7));
    }
}
