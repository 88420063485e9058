use std::{collections::HashMap, sync::Arc};

use background_sync_policy::{Incarnation, Partition, RegistrationKey};
use serde::Deserialize;

use crate::{
    Damage, STORED_REGISTRATION_VERSION, StoredRegistration, fields::Fields, sealed::unsealed, stored_versions,
};

/// Reads many stored registrations quickly, and makes each key once.
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
    /// The last one, which most often is the next one too.
    last: Option<(Arc<[u8]>, RegistrationKey)>,
}

impl StoredDecoder {
    /// Reads stored bytes of any version.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<StoredRegistration, Damage> {
        let (version, body) = unsealed(bytes)?;
        if version != STORED_REGISTRATION_VERSION {
            return stored_versions::read(version, body, |bytes| self.key(bytes));
        }
        let mut fields = Fields::of(body);
        let sequence = fields.sequence()?;
        let mut rest = fields.rest();
        let key = self.key(&mut rest)?;
        let mut fields = Fields::of(rest);
        let registration = StoredRegistration {
            sequence,
            key,
            kind: fields.kind()?,
            tag: fields.tag()?,
            state: fields.state()?,
            series: fields.series()?,
            registered: fields.observed()?,
            network: fields.network()?,
            schedule: fields.schedule()?,
        };
        fields.end()?;
        Ok(registration)
    }

    /// Takes the key off the front of the bytes.
    fn key(&mut self, bytes: &mut &[u8]) -> Result<RegistrationKey, Damage> {
        // The bytes of a key say where it ends, so whatever begins with them begins with that key.
        if let Some((stored, key)) = &self.last
            && let Some(rest) = bytes.strip_prefix(&**stored)
        {
            *bytes = rest;
            return Ok(key.clone());
        }
        let whole = *bytes;
        let _: KeyShape<'_> = stored_versions::take(bytes)?;
        let of_key = &whole[..whole.len() - bytes.len()];
        let met = self.keys.get_key_value(of_key).map(|(stored, key)| (stored.clone(), key.clone()));
        let (stored, key) = match met {
            Some(met) => met,
            None => self.new_key(of_key)?,
        };
        self.last = Some((stored, key.clone()));
        Ok(key)
    }

    fn new_key(&mut self, mut of_key: &[u8]) -> Result<(Arc<[u8]>, RegistrationKey), Damage> {
        let stored: Arc<[u8]> = of_key.into();
        let key: RegistrationKey = stored_versions::take(&mut of_key)?;
        self.keys.insert(stored.clone(), key.clone());
        Ok((stored, key))
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
