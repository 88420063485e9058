//! What Chromium's own tests check: no row is left out, and the preset's docs tell the same differences.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use background_sync_spec_tests::{Catalogue, ChromiumScenarios, Fixture, Scenario};

fn scenarios() -> ChromiumScenarios {
    ChromiumScenarios::read().unwrap_or_else(|error| panic!("chromium-scenarios.toml: {error}"))
}

fn nothing(wrong: &[String], what: &str) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

fn is_a_reason(text: &str) -> bool {
    text.split(' ').count() >= 5
}

/// The names in bold that begin the items of a list.
fn names_of_items(text: &str) -> BTreeSet<String> {
    let items =
        text.lines().filter_map(|line| line.trim_start().trim_start_matches("///").trim_start().strip_prefix("* **"));
    items.filter_map(|item| item.split_once("**")).map(|(name, _)| name.to_owned()).collect()
}

/// What stands in a file of the workspace between two lines that begin so.
fn between(file: &str, begins: &str, ends: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (_, text) = text.split_once(begins).unwrap_or_else(|| panic!("{file} has no `{begins}`"));
    text.split_once(ends).map_or_else(|| text.to_owned(), |(text, _)| text.to_owned())
}

#[test]
fn no_row_is_left_out() {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for id in scenarios().row.keys() {
        let (suite, number) = id.split_once('-').unwrap_or_else(|| panic!("{id} is no id"));
        let digits = number.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
        assert!(digits.len() == 3 && number.len() <= 4 && digits.parse::<u16>().is_ok(), "{id} is no id");
        *rows.entry(suite.to_owned()).or_default() += 1;
    }
    let expected = ChromiumScenarios::SUITES.map(|(suite, count)| (suite.to_owned(), count));
    assert_eq!(rows, expected.into_iter().collect());
}

#[test]
fn every_row_has_fixtures_or_a_reason_and_names_differences_that_there_are() {
    let scenarios = scenarios();
    let mut wrong = Vec::new();
    for (id, row) in &scenarios.row {
        match row {
            Scenario::NotOurs { reason, .. } if !is_a_reason(reason) => wrong.push(format!("{id} gives no reason")),
            Scenario::Same { fixtures, .. } | Scenario::Differs { fixtures, .. } if fixtures.is_empty() => {
                wrong.push(format!("{id} has no fixture"));
            }
            Scenario::Differs { differs, .. } if differs.is_empty() => wrong.push(format!("{id} differs in nothing")),
            Scenario::Same { .. } | Scenario::Differs { .. } | Scenario::NotOurs { .. } => {}
        }
        if row.what().is_empty() {
            wrong.push(format!("{id} is about nothing"));
        }
        let strange = row.differs().iter().filter(|name| !scenarios.difference.contains_key(*name));
        wrong.extend(strange.map(|name| format!("{id} names the difference `{name}`, which is not there")));
    }
    for (name, difference) in &scenarios.difference {
        if !is_a_reason(&difference.how) {
            wrong.push(format!("`{name}` does not say how and why"));
        }
        if difference.fixtures.is_empty() {
            wrong.push(format!("nothing pins `{name}`"));
        }
    }
    nothing(&wrong, "chromium-scenarios.toml");
}

#[test]
fn every_fixture_named_is_there_and_plays_with_the_preset_or_says_why_not() {
    let (scenarios, catalogue) = (scenarios(), Catalogue::read().expect("steps.toml is as it should be"));
    let with_the_preset: BTreeMap<_, _> = Fixture::all()
        .expect("the folder of fixtures can be read")
        .into_iter()
        .map(|fixture| {
            let timeline = fixture.timeline(&catalogue).unwrap_or_else(|error| panic!("{error}"));
            (fixture.name, timeline.preset.name() == "chromium")
        })
        .collect();
    let of_rows = scenarios.row.values().flat_map(Scenario::fixtures);
    let of_differences = scenarios.difference.values().flat_map(|difference| &difference.fixtures);
    let named: BTreeSet<_> = of_rows.chain(of_differences).collect();
    let mut wrong = Vec::new();
    for name in &named {
        match (with_the_preset.get(*name), scenarios.other_preset.get(*name)) {
            (None, _) => wrong.push(format!("{name} is not there")),
            (Some(true), Some(_)) => wrong.push(format!("{name} plays with the preset, and says why not")),
            (Some(true), None) => {}
            (Some(false), Some(why)) if is_a_reason(why) => {}
            (Some(false), _) => wrong.push(format!("{name} plays with another preset, and does not say why")),
        }
    }
    let strange = scenarios.other_preset.keys().filter(|name| !named.contains(name));
    wrong.extend(strange.map(|name| format!("{name} says why, and nothing names it")));
    let idle = with_the_preset.keys().filter(|name| name.starts_with("chromium/") && !named.contains(name));
    wrong.extend(idle.map(|name| format!("no row names {name}")));
    nothing(&wrong, "chromium-scenarios.toml");
}

#[test]
fn the_docs_of_the_preset_and_the_design_chapter_tell_the_same_differences() {
    let listed: BTreeSet<_> = scenarios().difference.into_keys().collect();
    let docs = between("crates/scheduler/src/presets.rs", "Chromium 156", "pub fn chromium()");
    assert_eq!(names_of_items(&docs), listed, "the docs of `SyncParameters::chromium`");
    let chapter = between("crates/background-sync/docs/design.md", "\n# What does Chromium do otherwise", "\n# ");
    assert_eq!(names_of_items(&chapter), listed, "the chapter of the design");
}
