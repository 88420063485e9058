//! The engine in Python that shares nothing with the crates, on the fixtures; and the page that describes how it is asked.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::time::Duration;

use background_sync_simulator::timeline::Timeline;
use background_sync_spec_tests::own::{Ask, Engine, LineEngine, Outcome, Reply, Results, Trouble, play};
use background_sync_spec_tests::{Catalogue, ExpectedFailures, Fixture};

const PATIENCE: Duration = Duration::from_secs(30);

/// How many pass, fail and are not run. Who changes the engine or adds a fixture says so here.
const COUNTS: (usize, usize, usize) = (132, 6, 129);

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn engine() -> LineEngine {
    LineEngine::new(&format!("python3 '{}'", folder().join("own-engine/engine.py").display()), PATIENCE)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Without Python nothing is tested here, and that must not look like passing.
fn needs_python() {
    let version = std::process::Command::new("python3").arg("--version").output();
    assert!(
        version.is_ok_and(|output| output.status.success()),
        "python3 is needed for the engine in spec-tests/own-engine; on Debian: apt-get install python3"
    );
}

#[test]
fn the_engine_in_python_passes_what_it_can_do() {
    needs_python();
    let catalogue = Catalogue::read().unwrap();
    let fixtures = Fixture::all().unwrap();
    let mut engine = engine();
    let mut played = |fixture: &Fixture| play(&mut engine, &fixture.name, &fixture.timeline(&catalogue).unwrap());
    let results = Results::new("own", fixtures.iter().map(|fixture| (fixture, played(fixture))).collect());
    let known = ExpectedFailures::parse(&read("own-engine/known.toml")).unwrap();
    assert_eq!(results.surprises(&known), Vec::<String>::new());
    assert_eq!(results.counts(), COUNTS, "passed, failed, not run");
}

/// An engine that writes down what it is asked.
struct Noted(LineEngine, Vec<String>);

impl Engine for Noted {
    fn ask(&mut self, ask: &Ask) -> Result<Reply, Trouble> {
        self.1.push(serde_json::to_string(ask).unwrap());
        self.0.ask(ask)
    }
}

fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, from) = page.split_once(&format!("```{language}\n")).unwrap();
    from.split_once("```").unwrap().0
}

fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

#[test]
fn the_dialogue_of_the_page_is_what_is_said() {
    needs_python();
    let page = read("docs/own-engine.md");
    let timeline = Timeline::parse("docs/own-engine.md", block(&page, "toml")).unwrap();
    let mut noted = Noted(engine(), Vec::new());
    assert_eq!(play(&mut noted, "dialogue", &timeline), Outcome::Passed);
    let dialogue = block(&page, "text");
    let said =
        |mark: &str| -> Vec<_> { dialogue.lines().filter_map(|line| line.strip_prefix(mark)).map(json).collect() };
    assert_eq!(said("> "), noted.1.iter().map(|line| json(line)).collect::<Vec<_>>());
    assert_eq!(said("< "), answers(&noted.1));
}

/// What the engine answers, as it stands.
fn answers(questions: &[String]) -> Vec<serde_json::Value> {
    use std::io::Write as _;
    let mut child = std::process::Command::new("python3")
        .arg(folder().join("own-engine/engine.py"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    questions.iter().for_each(|line| writeln!(input, "{line}").unwrap());
    drop(input);
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap().lines().map(json).collect()
}

fn said_by(command: &str, patience: Duration) -> Outcome {
    let page = read("docs/own-engine.md");
    let timeline = Timeline::parse("docs/own-engine.md", block(&page, "toml")).unwrap();
    play(&mut LineEngine::new(command, patience), "dialogue", &timeline)
}

#[test]
fn an_engine_that_does_not_answer_is_named_with_the_line() {
    let failed = |what: &str| Outcome::Failed(vec![what.to_owned()]);
    let soon = Duration::from_secs(1);
    assert_eq!(said_by("true", PATIENCE), failed("line 1: `start`: the engine ended"));
    assert_eq!(said_by("sleep 60", soon), failed("line 1: `start`: the engine said nothing for 1 s"));
    let Outcome::Failed(found) = said_by("sed -u 's/.*/hello/'", PATIENCE) else { panic!("hello is no answer") };
    assert!(found[0].starts_with("line 1: `start`: the engine said `hello`, which is no answer"), "{found:?}");
    let only_ok = said_by("sed -u 's/.*/{\"ok\":{}}/'", PATIENCE);
    assert_eq!(only_ok, failed("line 11: `look` is answered with `seen` or `cannot`, and was not"));
    let cannot = said_by("sed -u 's/.*/{\"cannot\":\"not here\"}/'", PATIENCE);
    assert_eq!(cannot, Outcome::NotRun("`start`: not here".to_owned()));
}
