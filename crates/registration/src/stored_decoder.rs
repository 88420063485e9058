use std::{collections::HashMap, sync::Arc};

use background_sync_policy::{Incarnation, Partition, RegistrationKey};
use serde::Deserialize;

use crate::{Damage, StoredRegistration, stored_versions};

/// Reads many stored registrations, and makes each key once.
///
/// The registrations of one service worker registration have the same bytes for a key. Reading them again costs a
/// look-up instead of two URLs to be parsed, and all of them share one [`RegistrationKey`]. What comes out, and
/// what is damage, is the same as with [`StoredRegistration::decode`]. Keys that were seen stay in memory as long
/// as the decoder does.
///
/// ```
/// use background_sync_registration::{Damage, StoredDecoder, StoredRegistration};
///
/// let mut decoder = StoredDecoder::default();
/// assert_eq!(decoder.decode(b"\0"), Err(Damage::CutShort));
/// assert_eq!(StoredRegistration::decode(b"\0"), Err(Damage::CutShort));
/// ```
#[derive(Clone, Debug, Default)]
pub struct StoredDecoder {
    /// By the bytes they are stored as. Sites choose some of those, so the hash is one that they cannot foresee.
    keys: HashMap<Arc<[u8]>, RegistrationKey>,
}

impl StoredDecoder {
    /// Reads stored bytes of any version.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<StoredRegistration, Damage> {
        stored_versions::read(bytes, |bytes| self.key(bytes))
    }

    /// Takes the key off the front of the bytes.
    fn key(&mut self, bytes: &mut &[u8]) -> Result<RegistrationKey, Damage> {
        let whole = *bytes;
        let _: KeyShape<'_> = stored_versions::take(bytes)?;
        let mut of_key = &whole[..whole.len() - bytes.len()];
        if let Some(key) = self.keys.get(of_key) {
            return Ok(key.clone());
        }
        let stored: Arc<[u8]> = of_key.into();
        let key: RegistrationKey = stored_versions::take(&mut of_key)?;
        self.keys.insert(stored, key.clone());
        Ok(key)
    }
}

/// What a stored key looks like, to find its end. Whether it makes sense is seen when it is read.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only its length is wanted")]
struct KeyShape<'b> {
    partition: Partition,
    origin: &'b [u8],
    partitioned_by: Option<&'b [u8]>,
    scope: &'b [u8],
    incarnation: Incarnation,
}
