//! Nothing is left out: every id has a fixture, every step a citation, and no id is misspelt.

use std::collections::{BTreeMap, BTreeSet};

use background_sync_simulator::timeline::Timeline;
use background_sync_spec_tests::{Catalogue, Citations, Fixture};

fn catalogue() -> Catalogue {
    Catalogue::read().unwrap_or_else(|error| panic!("steps.toml: {error}"))
}

fn fixtures() -> Vec<(Fixture, Timeline)> {
    let all = Fixture::all().expect("the folder of fixtures can be read");
    all.into_iter()
        .map(|fixture| {
            let timeline = fixture.timeline().unwrap_or_else(|error| panic!("{error}"));
            (fixture, timeline)
        })
        .collect()
}

fn nothing<T: AsRef<str>>(wrong: &[T], what: &str) {
    let list: String = wrong.iter().map(|line| format!("\n  {}", line.as_ref())).collect();
    assert!(wrong.is_empty(), "{what}:{list}");
}

#[test]
fn every_step_invariant_and_decision_has_a_fixture() {
    let (catalogue, fixtures) = (catalogue(), fixtures());
    let covered: BTreeSet<_> = fixtures.iter().flat_map(|(_, timeline)| &timeline.covers).map(String::as_str).collect();
    let missing: Vec<_> = catalogue.to_cover().filter(|id| !covered.contains(id)).collect();
    nothing(&missing, "no fixture covers");
}

#[test]
fn every_step_is_cited_where_it_is_implemented() {
    let citations = Citations::of_the_crates().expect("the source of the crates can be read");
    let catalogue = catalogue();
    let missing: Vec<_> = catalogue.step.keys().filter(|id| !citations.has(id)).collect();
    nothing(&missing, "no comment in the crates cites");
}

#[test]
fn fixtures_and_citations_name_only_ids_that_exist() {
    let catalogue = catalogue();
    let mut unknown = Vec::new();
    for (fixture, timeline) in fixtures() {
        let names = timeline.covers.iter().filter(|id| !catalogue.knows(id));
        unknown.extend(names.map(|id| format!("{id} in {}", fixture.path.display())));
    }
    let citations = Citations::of_the_crates().expect("the source of the crates can be read");
    unknown.extend(
        citations.iter().filter(|(id, _)| !catalogue.knows(id)).map(|(id, files)| format!("{id} in {files:?}")),
    );
    nothing(&unknown, "steps.toml does not list");
}

#[test]
fn every_fixture_says_what_it_shows_and_expects_something() {
    let mut wrong = Vec::new();
    let mut titles = BTreeMap::new();
    for (fixture, timeline) in fixtures() {
        if timeline.covers.is_empty() {
            wrong.push(format!("{} covers nothing", fixture.name));
        }
        if timeline.steps.iter().all(|step| step.expect.is_empty()) {
            wrong.push(format!("{} expects nothing", fixture.name));
        }
        if let Some(other) = titles.insert(timeline.title, fixture.name.clone()) {
            wrong.push(format!("{} has the title of {other}", fixture.name));
        }
    }
    nothing(&wrong, "unclear fixtures");
}
