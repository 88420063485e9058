//! Names that expectations compare with, as the types of the machine have them.

use std::fmt;

use background_sync::policy::Refusal;
use background_sync::scheduler::{Condition, PeriodicHold};
use background_sync::{
    CancelError, EventName, GetTagsError, MetadataName, RegisterError, RemovalError, UnregisterError, WhyNot,
};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer};

use super::Nonsense;
use super::known::{one_of, parts};

/// Exceptions that pages see.
pub(super) fn exceptions() -> Vec<String> {
    let mut names: Vec<_> = Refusal::ALL.iter().map(|refusal| refusal.dom_exception().name().to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Rules that refuse, and everything else that rejects.
pub(super) fn refusals() -> Vec<String> {
    let mut names: Vec<_> = Refusal::ALL.iter().map(|refusal| format!("{refusal:?}")).collect();
    let errors = [
        variants::<RegisterError>(),
        variants::<GetTagsError>(),
        variants::<CancelError>(),
        variants::<UnregisterError>(),
        variants::<RemovalError>(),
    ];
    names.extend(errors.concat().into_iter().filter(|name| *name != "Refused").map(str::to_owned));
    names.sort_unstable();
    names.dedup();
    names
}

/// Reasons why something does not fire now. What is periodic and what is a condition has names of its own.
pub(super) fn reasons() -> Vec<String> {
    let all = [variants::<WhyNot>(), variants::<PeriodicHold>(), variants::<Condition>()].concat();
    all.into_iter().filter(|name| !["periodic", "condition"].contains(name)).map(pascal).collect()
}

/// Events of the log.
pub(super) fn events() -> Vec<String> {
    EventName::ALL.iter().map(|event| event.name().to_owned()).collect()
}

/// Details of its lines.
pub(super) fn details() -> Vec<String> {
    MetadataName::ALL.iter().map(|detail| detail.name().to_owned()).collect()
}

/// A name is one of these.
pub(super) fn is_one(name: &str, known: &[String], path: &[&'static str], what: &str) -> Result<(), Nonsense> {
    if known.iter().any(|known| known == name) {
        return Ok(());
    }
    let help = one_of(name, known.iter().map(String::as_str), "");
    Err(Nonsense::value(parts(path), format!("`{name}` is no {what}"), help.trim_end_matches("; or ")))
}

fn pascal(snake: &str) -> String {
    let mut name = String::new();
    for part in snake.split('_') {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.extend(letters);
    }
    name
}

/// The words that serde writes an enum's variants with: a type cannot gain one and keep it from this list.
fn variants<T: DeserializeOwned>() -> &'static [&'static str] {
    let asked: StrDeserializer<'_, Variants> = "no such variant".into_deserializer();
    T::deserialize(asked).err().map(|variants| variants.0).unwrap_or_default()
}

#[derive(Debug)]
struct Variants(&'static [&'static str]);

impl Error for Variants {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

impl fmt::Display for Variants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

impl std::error::Error for Variants {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_what_the_machine_says() {
        assert!(reasons().contains(&"NetworkUnknown".to_owned()) && reasons().contains(&"ReaderAway".to_owned()));
        assert!(reasons().contains(&"BatteryNotLow".to_owned()) && !reasons().contains(&"Periodic".to_owned()));
        assert!(refusals().contains(&"NoWindow".to_owned()) && refusals().contains(&"HostPanicked".to_owned()));
        assert!(exceptions().contains(&"UnknownError".to_owned()), "{:?}", exceptions());
        assert!(events().contains(&"Registered sync".to_owned()) && details().len() > 5);
    }
}
