//! `authorize` against [`rules`](super::rules).

use arbitrary::{Result, Unstructured};
use background_sync_policy::{
    Incarnation, Limits, Origin, Partition, PartitionId, RegistrationCounts, RegistrationKey, RegistrationRequest,
    StorageKey, SyncKind, authorize,
};

use super::{draw, rules};

/// Judges the calls that the bytes stand for, one after the other.
///
/// # Panics
/// When the two tellings of the rules differ.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    while !bytes.is_empty() && judge(&mut bytes).is_ok() {}
}

/// Of origins whose contexts can be secure, and of such whose cannot.
const ORIGINS: [&str; 8] = [
    "https://a.example",
    "https://a.example:8443",
    "http://a.example",
    "http://localhost.a.example",
    "http://a.localhost:8080",
    "http://127.0.0.1",
    "http://[::1]",
    "http://[::2]",
];

fn judge(bytes: &mut Unstructured<'_>) -> Result<()> {
    let key = if bytes.ratio(3, 4)? { draw::key(bytes)? } else { key_of(bytes.choose(&ORIGINS)?) };
    let kind = *bytes.choose(&SyncKind::ALL)?;
    let facts = draw::facts(bytes)?;
    let mut limits = Limits::default();
    limits.max_tag_length = number(bytes)?;
    limits.max_registrations_per_worker = number(bytes)?;
    limits.max_registrations_per_origin = number(bytes)?;
    limits.max_tag_bytes_per_origin = number(bytes)?;
    limits.max_tag_bytes_per_profile = number(bytes)?;
    let tag_length = number(bytes)?;
    let counts = match bytes.arbitrary()? {
        true => Some(RegistrationCounts::new(number(bytes)?, number(bytes)?, number(bytes)?, number(bytes)?)),
        false => None,
    };
    let request = RegistrationRequest::new(&key, kind, tag_length, counts);
    match (authorize(&request, &facts, &limits), rules::first_broken(&request, &facts, &limits)) {
        (Ok(permit), None) => assert_eq!(permit.into_parts(), (key, kind), "I1: a permit names its key"),
        (Err(refusal), Some((broken, exception))) => {
            assert_eq!(refusal, broken, "{request:?} {facts:?} {limits:?}");
            assert_eq!(refusal.dom_exception(), exception, "{refusal:?}");
        }
        (said, expected) => panic!("{said:?} instead of {expected:?}: {request:?} {facts:?} {limits:?}"),
    }
    Ok(())
}

fn key_of(origin: &str) -> RegistrationKey {
    let (partition, origin) = (Partition::Profile(PartitionId(0)), Origin::parse(origin).expect("an origin"));
    let scope = format!("{origin}/");
    RegistrationKey::new(partition, StorageKey::first_party(origin), &scope, Incarnation(0))
        .expect("a scope of its own")
}

/// Small, so that caps are met and just not met, or as large as can be.
fn number(bytes: &mut Unstructured<'_>) -> Result<usize> {
    Ok(match bytes.int_in_range(0..=9)? {
        7 => bytes.arbitrary()?,
        8 => usize::MAX - 1,
        9 => usize::MAX,
        small => small,
    })
}
