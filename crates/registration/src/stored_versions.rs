//! The stored forms of a registration. All begin with its number and its key; what follows differs.

use background_sync_policy::{RegistrationKey, SyncKind};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Damage, NetworkIdentity, Observed, STORED_REGISTRATION_VERSION, Schedule, Series, StoredRegistration, StoredState,
    Tag,
};

/// Reads the body of a registration of any version. `read_key` takes the key off the front of the bytes.
pub(crate) fn read(
    version: u8,
    mut body: &[u8],
    read_key: impl FnOnce(&mut &[u8]) -> Result<RegistrationKey, Damage>,
) -> Result<StoredRegistration, Damage> {
    let rest_of = match version {
        1 => rest::<Version1>,
        2 => rest::<Version2>,
        3 => rest::<Version3>,
        STORED_REGISTRATION_VERSION => rest::<Version4>,
        unknown => return Err(Damage::UnknownVersion(unknown)),
    };
    let sequence = take(&mut body)?;
    let key = read_key(&mut body)?;
    let Version4 { kind, tag, state, series, registered, network, schedule } = rest_of(body)?;
    Ok(StoredRegistration { sequence, key, kind, tag, state, series, registered, network, schedule })
}

/// Takes a value off the front of the bytes.
pub(crate) fn take<'b, T: Deserialize<'b>>(bytes: &mut &'b [u8]) -> Result<T, Damage> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(|_| Damage::Malformed)?;
    *bytes = rest;
    Ok(value)
}

fn rest<V: DeserializeOwned + Into<Version4>>(mut bytes: &[u8]) -> Result<Version4, Damage> {
    let rest: V = take(&mut bytes)?;
    if bytes.is_empty() { Ok(rest.into()) } else { Err(Damage::Malformed) }
}

/// What is written now.
#[derive(Deserialize)]
struct Version4 {
    kind: SyncKind,
    tag: Tag,
    state: StoredState,
    series: Series,
    registered: Observed,
    network: Option<NetworkIdentity>,
    schedule: Option<Schedule>,
}

/// What was written before periodic syncs had a schedule.
#[derive(Deserialize)]
struct Version3 {
    kind: SyncKind,
    tag: Tag,
    state: StoredState,
    series: Series,
    registered: Observed,
    network: Option<NetworkIdentity>,
}

/// What was written when there were only one-shot syncs.
#[derive(Deserialize)]
struct Version2 {
    tag: Tag,
    state: StoredState,
    series: Series,
    registered: Observed,
    network: Option<NetworkIdentity>,
}

impl From<Version3> for Version4 {
    fn from(old: Version3) -> Self {
        let Version3 { kind, tag, state, series, registered, network } = old;
        Self { kind, tag, state, series, registered, network, schedule: None }
    }
}

impl From<Version2> for Version4 {
    fn from(old: Version2) -> Self {
        let Version2 { tag, state, series, registered, network } = old;
        Version3 { kind: SyncKind::OneShot, tag, state, series, registered, network }.into()
    }
}

/// What was written before free outcomes were counted in all.
#[derive(Deserialize)]
struct Version1 {
    tag: Tag,
    state: StoredState,
    attempts: u32,
    free_in_a_row: u32,
    registered: Observed,
    network: Option<NetworkIdentity>,
}

impl From<Version1> for Version4 {
    fn from(old: Version1) -> Self {
        let Version1 { tag, state, attempts, free_in_a_row, registered, network } = old;
        // At least those in a row are known.
        let series = Series { attempts, free_in_a_row, free_in_all: free_in_a_row };
        Version2 { tag, state, series, registered, network }.into()
    }
}
