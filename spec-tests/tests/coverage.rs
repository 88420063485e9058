//! Nothing is left out: every id has a fixture, every step a citation, and no id is misspelt.

use std::collections::{BTreeMap, BTreeSet};

use background_sync_simulator::timeline::Timeline;
use background_sync_spec_tests::{Catalogue, Citations, CornerCases, ExpectedFailures, Fixture, Shown};

fn catalogue() -> Catalogue {
    Catalogue::read().unwrap_or_else(|error| panic!("steps.toml: {error}"))
}

fn fixtures() -> Vec<(Fixture, Timeline)> {
    let (all, catalogue) = (Fixture::all().expect("the folder of fixtures can be read"), catalogue());
    all.into_iter()
        .map(|fixture| {
            let timeline = fixture.timeline(&catalogue).unwrap_or_else(|error| panic!("{error}"));
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
fn citations_name_only_ids_that_exist() {
    let catalogue = catalogue();
    let citations = Citations::of_the_crates().expect("the source of the crates can be read");
    let unknown =
        citations.iter().filter(|(id, _)| !catalogue.knows(id)).map(|(id, files)| format!("{id} in {files:?}"));
    nothing(&unknown.collect::<Vec<_>>(), "steps.toml does not list");
}

#[test]
fn a_fixture_that_covers_what_there_is_not_is_told_where() {
    let text = "title = \"t\"\ncovers = [\"I1\", \"sync.register.8.22\"]\n[[worker]]\nname = \"a\"\n\
                scope = \"https://a.example/\"\n[[step]]\nexpect.no_event = {}\n";
    let fixture = Fixture { name: "f".to_owned(), path: "f.toml".into(), text: text.to_owned() };
    let told = fixture.timeline(&catalogue()).map_err(|error| error.to_string());
    let expected = "f.toml:2:17: steps.toml has no `sync.register.8.22`; did you mean `sync.register.8.2`?";
    assert_eq!(told.map(|timeline| timeline.title), Err(expected.to_owned()));
}

/// Both specifications, as they stood when the list was made: 63 steps and 85.
#[test]
fn no_step_is_left_out_and_none_is_counted_twice() {
    let catalogue = catalogue();
    let of = |prefix: &str| catalogue.step.keys().filter(|id| id.starts_with(prefix)).count();
    assert_eq!((of("sync."), of("periodic."), catalogue.step.len()), (63, 85, 148));
    let twice: Vec<_> = catalogue.step.keys().filter(|id| catalogue.informative.contains_key(*id)).collect();
    nothing(&twice, "a step and a remark");
    let replaced = catalogue.replaced.iter();
    let wrong =
        replaced.filter(|(step, by)| !catalogue.step.contains_key(*step) || !catalogue.decision.contains_key(*by));
    nothing(&wrong.map(|(step, by)| format!("{step} by {by}")).collect::<Vec<_>>(), "no step replaced by a decision");
}

#[test]
fn no_corner_case_is_left_out_and_every_fixture_it_names_is_there() {
    let cases = CornerCases::read().unwrap_or_else(|error| panic!("corner-cases.toml: {error}"));
    let numbers: Vec<_> = cases.case.iter().map(|case| case.number).collect();
    assert_eq!(numbers, (1..=CornerCases::HOW_MANY).collect::<Vec<_>>());
    let fixtures = fixtures();
    let mut wrong = Vec::new();
    for case in &cases.case {
        match &case.shown {
            Shown::Fixtures(names) if names.is_empty() => wrong.push(format!("{} has no fixture", case.number)),
            Shown::Fixtures(names) => {
                let strange = names.iter().filter(|name| fixtures.iter().all(|(fixture, _)| fixture.name != **name));
                wrong.extend(strange.map(|name| format!("{} names {name}, which is not there", case.number)));
            }
            Shown::NoFixture(why) if why.split(' ').count() < 5 => {
                wrong.push(format!("{} gives no reason", case.number))
            }
            Shown::NoFixture(_) => {}
        }
    }
    nothing(&wrong, "corner-cases.toml");
}

#[test]
fn expected_failures_name_fixtures_that_exist() {
    let fixtures = fixtures();
    let expected = ExpectedFailures::read().unwrap_or_else(|error| panic!("expected_failures.toml: {error}"));
    let strange = expected.iter().filter(|(_, name)| fixtures.iter().all(|(fixture, _)| fixture.name != *name));
    nothing(&strange.map(|(subject, name)| format!("{name} of {subject}")).collect::<Vec<_>>(), "no such fixtures");
}

/// What is drawn is drawn from a seed, and another engine draws otherwise.
#[test]
fn no_fixture_depends_on_what_is_drawn() {
    let expected = ExpectedFailures::read().unwrap_or_else(|error| panic!("expected_failures.toml: {error}"));
    let mut wrong = Vec::new();
    for (fixture, mut timeline) in fixtures() {
        if fixture.name.ends_with("_by_default") || expected.why("machine", &fixture.name).is_some() {
            continue;
        }
        for seed in [0x5EED, 0xFEED] {
            timeline.seed = seed;
            let report = background_sync_simulator::runner::run(&timeline);
            if !report.passed() {
                wrong.push(format!("{}: {report}", fixture.name));
            }
        }
    }
    nothing(&wrong, "fails with another seed");
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
