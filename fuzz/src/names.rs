//! Tags and keys, out of anything, by every way there is to make one.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use arbitrary::{Result, Unstructured};
use background_sync_policy::{Incarnation, Origin, Partition, PartitionId, RegistrationKey, Scope, StorageKey};
use background_sync_registration::Tag;
use serde_json::{Value, json};
use url::Url;

use super::messages::comes_back;

/// Makes tags and keys of the bytes.
///
/// # Panics
/// When one is accepted in one way and not, or as another, in another way; when it is not read back as it was written;
/// when there is a key whose scope is of another origin.
pub fn run(bytes: &[u8]) {
    of_a_frame(bytes);
    of_json(bytes);
    // When the bytes end, so does what is made of them.
    let _: Result<()> = drawn(&mut Unstructured::new(bytes));
}

/// What another process sends, or a store holds.
fn of_a_frame(bytes: &[u8]) {
    postcard::from_bytes(bytes).into_iter().for_each(tag);
    postcard::from_bytes(bytes).into_iter().for_each(origin);
    postcard::from_bytes(bytes).into_iter().for_each(scope);
    postcard::from_bytes(bytes).into_iter().for_each(storage_key);
    postcard::from_bytes(bytes).into_iter().for_each(key);
}

fn of_json(bytes: &[u8]) {
    serde_json::from_slice(bytes).into_iter().for_each(tag);
    serde_json::from_slice(bytes).into_iter().for_each(origin);
    serde_json::from_slice(bytes).into_iter().for_each(scope);
    serde_json::from_slice(bytes).into_iter().for_each(storage_key);
    serde_json::from_slice(bytes).into_iter().for_each(key);
}

/// Two of each, so that they can be told apart.
fn drawn(bytes: &mut Unstructured<'_>) -> Result<()> {
    match bytes.int_in_range(0..=2)? {
        0 => tags([bytes.arbitrary()?, bytes.arbitrary()?]),
        1 => scopes(text(bytes)?, text(bytes)?),
        _ => origins([text(bytes)?, text(bytes)?], bytes.arbitrary()?),
    }
    Ok(())
}

/// Anything, often with a beginning that makes a URL of it.
fn text(bytes: &mut Unstructured<'_>) -> Result<String> {
    let begins = bytes.choose(&["", "https://", "http://", "app://", "https://a.example", "app://chat"])?;
    Ok(format!("{begins}{}", bytes.arbitrary::<&str>()?))
}

fn tags([left, right]: [Vec<u16>; 2]) {
    let made = [Tag::from_utf16(&left), Tag::from_utf16(&right)];
    assert_eq!(made[0] == made[1], left == right, "{made:?}");
    assert_eq!(made[0].cmp(&made[1]).is_eq(), left == right, "{made:?}");
    for (tag_of_units, units) in made.into_iter().zip([left, right]) {
        assert_eq!(tag_of_units.to_utf16(), units);
        // Units are a way to write any tag.
        let written = json!({ "utf16": units }).to_string();
        assert_eq!(serde_json::from_str::<Tag>(&written).ok().as_ref(), Some(&tag_of_units), "{written}");
        tag(tag_of_units);
    }
}

/// A text that is read as a scope, and one that is read as an origin.
fn scopes(scope_text: String, origin_text: String) {
    let made = [Origin::parse(&origin_text), Origin::try_from(origin_text)];
    for origin in made.into_iter().flatten() {
        let storage_key_of = StorageKey::first_party(origin.clone());
        let new = RegistrationKey::new(Partition::Private(PartitionId(3)), storage_key_of, &scope_text, Incarnation(7));
        match (Scope::parse(&scope_text, &origin), new) {
            (Ok(parsed), Ok(made)) => {
                assert_eq!(*made.scope(), parsed);
                assert!(parsed.is_of(&origin), "{parsed:?} of {origin:?}");
                assert_eq!(Scope::parse(parsed.as_str(), &origin).as_ref(), Ok(&parsed));
                scope(parsed);
                key(made);
            }
            (Err(why), Err(same)) => {
                assert_eq!(why, same);
                // Nor is there another way.
                let read = Scope::try_from(scope_text.clone());
                assert!(!read.is_ok_and(|read| read.is_of(&origin)), "{scope_text:?}: {why:?} of {origin:?}");
            }
            (parsed, made) => panic!("{parsed:?}, but {made:?}"),
        }
    }
    Scope::try_from(scope_text).into_iter().for_each(scope);
}

fn origins([scheme, host]: [String; 2], port: Option<u16>) {
    Origin::from_tuple(&scheme, &host, port).into_iter().for_each(origin);
    Origin::parse(&scheme).into_iter().for_each(origin);
    Origin::try_from(host.clone()).into_iter().for_each(origin);
    if let Ok(url) = Url::parse(&host) {
        Origin::of(&url).into_iter().for_each(origin);
    }
}

fn tag(tag: Tag) {
    comes_back(&tag);
    let units = tag.to_utf16();
    assert_eq!(tag.len_utf16(), units.len());
    let again = Tag::from_utf16(&units);
    assert_eq!((again.cmp(&tag).is_eq(), hash(&again)), (true, hash(&tag)), "{tag:?}");
    let text = String::from_utf16(&units).ok();
    assert_eq!(tag.as_str(), text.as_deref());
    if let Some(text) = text {
        assert_eq!((Tag::from(&*text), tag.to_string()), (tag, text));
    }
}

fn origin(origin: Origin) {
    comes_back(&origin);
    let text = origin.as_str();
    assert_eq!(origin.to_string(), text);
    assert_eq!(Origin::try_from(text.to_owned()).as_ref(), Ok(&origin));
    // It is a URL, and its parts make it again.
    let url = Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let host = url.host_str().unwrap_or_else(|| panic!("{text} has no host"));
    assert_eq!(Origin::from_tuple(url.scheme(), host, url.port()).as_ref(), Ok(&origin));
    // An engine's own scheme is one that the URL standard gives no origin.
    for by_standard in [Origin::parse(text), Origin::of(&url)].into_iter().flatten() {
        assert_eq!(by_standard, origin);
    }
    storage_key(StorageKey::first_party(origin.clone()));
    storage_key(StorageKey::third_party(origin, text_of_another_site(&url)));
}

fn text_of_another_site(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

fn scope(scope: Scope) {
    comes_back(&scope);
    assert_eq!(scope.to_string(), scope.as_str());
    assert_eq!(Scope::try_from(scope.as_str().to_owned()).as_ref(), Ok(&scope));
    // It is of exactly one origin, and that one makes it.
    let url = Url::parse(scope.as_str()).unwrap_or_else(|error| panic!("{scope}: {error}"));
    let host = url.host_str().unwrap_or_else(|| panic!("{scope} has no host"));
    let own = Origin::from_tuple(url.scheme(), host, url.port());
    let own = own.unwrap_or_else(|error| panic!("{scope} is of no origin: {error}"));
    assert!(scope.is_of(&own), "{scope:?} of {own:?}");
    assert_eq!(Scope::parse(scope.as_str(), &own).as_ref(), Ok(&scope));
    let other = Origin::from_tuple(url.scheme(), "other.example.of.nobody", None).expect("an origin");
    assert!(!scope.is_of(&other), "{scope:?} of {other:?}");
    is_refused_with_another_origin(&scope, other);
}

/// However it is put together.
fn is_refused_with_another_origin(scope: &Scope, origin: Origin) {
    let (partition, storage_key) = (Partition::Profile(PartitionId(0)), StorageKey::first_party(origin));
    let made = RegistrationKey::new(partition, storage_key.clone(), scope.as_str(), Incarnation(1));
    assert!(made.is_err(), "{made:?}");
    let parts: Value = json!({
        "partition": partition,
        "storage_key": &storage_key,
        "scope": scope,
        "incarnation": Incarnation(1),
    });
    let read = serde_json::from_value::<RegistrationKey>(parts);
    assert!(read.is_err(), "{read:?}");
    let frame = postcard::to_allocvec(&(partition, &storage_key, scope, Incarnation(1))).expect("a frame");
    let read = postcard::from_bytes::<RegistrationKey>(&frame);
    assert!(read.is_err(), "{read:?}");
}

fn storage_key(storage_key: StorageKey) {
    comes_back(&storage_key);
}

fn key(key: RegistrationKey) {
    comes_back(&key);
    assert!(key.scope().is_of(key.origin()), "{key:?} of {:?}", key.origin());
    let (partition, storage_key) = (key.partition(), key.storage_key().clone());
    let made = RegistrationKey::new(partition, storage_key, key.scope().as_str(), key.incarnation());
    assert_eq!(made.as_ref(), Ok(&key));
    let another_life = key.with_incarnation(Incarnation(key.incarnation().0.wrapping_add(1)));
    assert_ne!(another_life, key);
    assert_eq!(another_life.with_incarnation(key.incarnation()), key);
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
