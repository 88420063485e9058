//! What must not be there: the architecture's sentences about absence, held against the manifests.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Crates from the bottom up, and what each may depend on, tests apart.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("background-sync-policy", &["serde", "url"]),
    (
        "background-sync-registration",
        &["arrayvec", "background-sync-policy", "crc32fast", "hashbrown", "postcard", "serde", "slab"],
    ),
    (
        "background-sync-scheduler",
        &[
            "background-sync-policy",
            "background-sync-registration",
            "rand_core",
            "rand_pcg",
            "rustc-hash",
            "serde",
            "slab",
        ],
    ),
    (
        "background-sync",
        &[
            "background-sync-policy",
            "background-sync-registration",
            "background-sync-scheduler",
            "crossbeam-channel",
            "parking_lot",
            "rustc-hash",
            "serde",
            "siphasher",
            "slab",
            "tracing",
        ],
    ),
    (
        "background-sync-store",
        &["background-sync", "background-sync-registration", "redb", "serde", "postcard", "crc32fast", "twox-hash"],
    ),
    ("background-sync-host-tests", &["background-sync", "rustc-hash", "url"]),
    ("background-sync-chromium-host", &["rustix", "serde_json", "tempfile", "tungstenite"]),
];

/// What no engine wants to link a second time, or at all.
const NEVER: &[&str] = &["libsqlite3-sys", "rusqlite", "cc", "rquickjs", "rquickjs-sys", "openssl-sys", "tokio"];

fn metadata() -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // What other platforms need may not have been downloaded.
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Direct dependencies of a package that are part of what is published.
fn direct(metadata: &Value, name: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == name).unwrap();
    let ordinary = package["dependencies"].as_array().unwrap().iter().filter(|dependency| dependency["kind"].is_null());
    ordinary.map(|dependency| text(&dependency["name"])).collect()
}

/// All packages an engine gets that depends on `name`.
fn linked(metadata: &Value, name: &str) -> BTreeSet<String> {
    let names: BTreeMap<_, _> =
        metadata["packages"].as_array().unwrap().iter().map(|p| (text(&p["id"]), text(&p["name"]))).collect();
    let nodes: BTreeMap<_, _> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| (text(&node["id"]), node)).collect();
    let mut todo: Vec<_> = names.iter().filter(|(_, found)| *found == name).map(|(id, _)| id.clone()).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        for dependency in nodes[&id]["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            if kinds.iter().any(|kind| kind["kind"].is_null()) {
                todo.push(text(&dependency["pkg"]));
            }
        }
    }
    seen.iter().map(|id| names[id].clone()).collect()
}

#[test]
fn dependencies_point_one_way_and_are_few() {
    let metadata = metadata();
    for (name, allowed) in MAY_DEPEND_ON {
        let allowed: BTreeSet<_> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let found = direct(&metadata, name);
        let more: Vec<_> = found.difference(&allowed).collect();
        assert!(more.is_empty(), "{name} depends on {more:?} too; is that its place?");
    }
}

#[test]
fn what_an_engine_links_has_no_c_and_no_second_sqlite() {
    let metadata = metadata();
    for (name, _) in MAY_DEPEND_ON {
        let linked = linked(&metadata, name);
        assert!(linked.contains(*name), "the search found nothing for {name}");
        let never: Vec<_> = NEVER.iter().filter(|never| linked.contains(**never)).collect();
        assert!(never.is_empty(), "whoever uses {name} links {never:?}");
    }
}

/// Events for `tracing` are for who asks for them.
#[test]
fn nobody_links_tracing_unasked() {
    let metadata = metadata();
    assert!(direct(&metadata, "background-sync").contains("tracing"), "it can be asked for");
    assert!(!linked(&metadata, "background-sync").contains("tracing"), "it was not");
}

#[test]
fn unsafe_is_forbidden_in_every_library() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    for folder in std::fs::read_dir(root).unwrap() {
        let library = folder.unwrap().path().join("src/lib.rs");
        let source = std::fs::read_to_string(&library).unwrap();
        assert!(source.contains("#![forbid(unsafe_code)]"), "{}", library.display());
    }
}

/// A file that grew beyond what one reads at a sitting is several files.
#[test]
fn sources_stay_small() {
    let mut large = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !["tests", "target", "node_modules"].contains(&name.as_str()) {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let lines = std::fs::read_to_string(&path).unwrap().lines().count();
                if lines > 500 {
                    large.push((path, lines));
                }
            }
        }
    }
    assert!(large.is_empty(), "over 500 lines: {large:?}");
}
