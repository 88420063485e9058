//! What SECURITY.md and CONTRIBUTING.md name is there.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Folders with tests, as the documents name them.
const SOURCES: [&str; 3] = ["crates", "spec-tests", "fuzz"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What stands between backticks on one line.
fn quoted(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with("```"));
    lines.flat_map(|line| line.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The functions of all sources.
fn functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders: Vec<_> = SOURCES.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !["target", "node_modules"].contains(&name.as_str()) {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                let named = source.lines().filter_map(|line| line.trim_start().strip_prefix("fn ")?.split_once('('));
                names.extend(named.map(|(name, _)| name.to_owned()));
            }
        }
    }
    names
}

/// A test's name is a sentence.
fn is_test(name: &str) -> bool {
    name.matches('_').count() >= 2 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[test]
fn every_answer_in_the_threat_model_names_fixtures_and_tests_that_exist() {
    let text = read("SECURITY.md");
    let names = quoted(&text);
    let fixtures =
        names.iter().filter(|name| name.ends_with(".toml") && name.contains('/') && !name.starts_with("spec-"));
    let fixtures: Vec<_> = fixtures.map(|name| root().join("spec-tests/fixtures").join(name)).collect();
    let tests: Vec<_> = names.iter().filter(|name| is_test(name)).collect();
    assert!(fixtures.len() > 20 && tests.len() > 20, "{} fixtures and {} tests", fixtures.len(), tests.len());
    let missing: Vec<_> = fixtures.iter().filter(|path| !path.is_file()).collect();
    assert!(missing.is_empty(), "no such fixtures: {missing:?}");
    let functions = functions();
    let missing: Vec<_> = tests.iter().filter(|name| !functions.contains(**name)).collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

#[test]
fn every_objection_has_an_answer_that_is_shown() {
    let text = read("SECURITY.md");
    let (_, objections) = text.split_once("## What was objected").unwrap();
    let (objections, _) = objections.split_once("\n## ").unwrap();
    let sections: Vec<_> = objections.split("\n### ").skip(1).collect();
    assert!(sections.len() >= 8, "{} objections", sections.len());
    for section in sections {
        let title = section.lines().next().unwrap_or_default();
        let shown = quoted(section).into_iter().any(|name| name.ends_with(".toml") || is_test(&name));
        assert!(shown, "nothing shows the answer to: {title}");
        assert!(section.contains("\n*"), "nobody is named who objected: {title}");
    }
}

#[test]
fn files_that_contributors_are_sent_to_are_there() {
    let text = read("CONTRIBUTING.md") + &read("README.md");
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let links: Vec<_> = links.filter(|link| !link.starts_with("http")).collect();
    let of_here = quoted(&text).into_iter().filter(|name| {
        let in_a_folder =
            ["crates/", "spec-tests/", "fuzz/", "benches/", ".ci/"].iter().any(|folder| name.starts_with(folder));
        in_a_folder && !name.contains([' ', '{', '*'])
    });
    let all: Vec<_> = links.iter().map(|link| (*link).to_owned()).chain(of_here).collect();
    assert!(all.len() > 10, "{all:?}");
    let missing: Vec<_> = all.iter().filter(|name| !root().join(name).exists()).collect();
    assert!(missing.is_empty(), "no such files: {missing:?}");
}
