//! What background sync adds to the lock file of whoever has Servo's crates already. The adapter's lock file says; nothing
//! of Servo is built for it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

/// A package of the lock file: its name and version.
type Package = (String, String);

/// Servo's crates that the adapter is made for. What it needs besides, for its tests, is not Servo's.
const SERVO: [&str; 4] = ["servo-base", "servo-constellation-traits", "servo-embedder-traits", "servo-url"];

/// Most names of others that background sync may add to those.
const MOST_ADDED: usize = 3;

fn lock() -> BTreeMap<Package, Vec<String>> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/servo-adapter/Cargo.lock")).unwrap();
    let lock: toml::Table = text.parse().unwrap();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let package = |package: &toml::Value| {
        let dependencies = package.get("dependencies").and_then(toml::Value::as_array);
        let dependencies = dependencies.into_iter().flatten().map(text).collect();
        ((text(&package["name"]), text(&package["version"])), dependencies)
    };
    lock["package"].as_array().unwrap().iter().map(package).collect()
}

/// The package that a line of `dependencies` means: a name, and a version where there are several.
fn named(lock: &BTreeMap<Package, Vec<String>>, dependency: &str) -> Package {
    let mut words = dependency.split(' ');
    let (name, version) = (words.next().unwrap(), words.next());
    let is_it = |package: &&Package| package.0 == name && version.is_none_or(|version| package.1 == version);
    lock.keys().find(is_it).unwrap_or_else(|| panic!("{dependency} is not locked")).clone()
}

/// What these packages bring, themselves included.
fn brought(lock: &BTreeMap<Package, Vec<String>>, names: &[&str]) -> BTreeSet<Package> {
    let mut todo: Vec<_> = names.iter().map(|name| named(lock, name)).collect();
    let mut found = BTreeSet::new();
    while let Some(package) = todo.pop() {
        if found.insert(package.clone()) {
            todo.extend(lock[&package].iter().map(|dependency| named(lock, dependency)));
        }
    }
    found
}

#[test]
fn it_adds_few_names_and_no_second_version() {
    let lock = lock();
    let servo = brought(&lock, &SERVO);
    let ours = brought(&lock, &["background-sync"]);
    assert!(servo.len() > 400 && ours.len() > 20, "the search found too little: {}, {}", servo.len(), ours.len());

    let added: Vec<_> = ours.difference(&servo).collect();
    let of_others: Vec<_> = added.iter().filter(|(name, _)| !name.starts_with("background-sync")).collect();
    println!("beside Servo's {}: {of_others:?}, and {} of our own", servo.len(), added.len() - of_others.len());
    assert!(of_others.len() <= MOST_ADDED, "background sync adds {of_others:?}");

    let second: Vec<_> = added.iter().filter(|(name, _)| servo.iter().any(|(theirs, _)| theirs == name)).collect();
    assert!(second.is_empty(), "Servo has another version of {second:?}");
}
