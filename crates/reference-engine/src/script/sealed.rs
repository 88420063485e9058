//! The bytes of what is kept: a line that names the format, a checksum, the content.

use serde::Serialize;
use serde::de::DeserializeOwned;

const CHECKSUM: usize = size_of::<u32>();

pub(super) fn seal(header: &[u8], content: &impl Serialize) -> Result<Vec<u8>, String> {
    let body = postcard::to_allocvec(content).map_err(|error| error.to_string())?;
    let mut bytes = header.to_vec();
    bytes.extend(crc32fast::hash(&body).to_le_bytes());
    bytes.extend(body);
    Ok(bytes)
}

/// The content, or why there is none.
pub(super) fn unseal<T: DeserializeOwned>(header: &[u8], bytes: &[u8]) -> Result<T, String> {
    let rest = bytes.strip_prefix(header).ok_or("it does not begin as it should")?;
    let (sum, body) = rest.split_first_chunk::<CHECKSUM>().ok_or("it ends within its checksum")?;
    if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
        return Err("its checksum is wrong".to_owned());
    }
    postcard::from_bytes(body).map_err(|error| format!("its content cannot be read: {error}"))
}
