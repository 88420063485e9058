//! The example of the format's documentation does what it says.

use background_sync_simulator::runner::run;
use background_sync_simulator::timeline::Timeline;

const EXAMPLE: &str = include_str!("../src/timeline/example.toml");

#[test]
fn the_documented_example_passes() {
    let timeline = Timeline::parse("example.toml", EXAMPLE).expect("the example is right");
    let report = run(&timeline);
    assert!(report.passed(), "{report}");
}

#[test]
fn a_wrong_expectation_is_shown_with_its_line() {
    let wrong = EXAMPLE.replace("at = \"42s\" }", "at = \"43s\" }");
    let timeline = Timeline::parse("example.toml", &wrong).expect("it reads");
    let report = run(&timeline);
    assert_eq!(report.failures.len(), 1, "{report}");
    let failure = &report.failures[0];
    let line = 1 + wrong.lines().position(|line| line.contains("at = \"43s\"")).expect("it is there");
    assert_eq!(failure.line, line - 2, "the line of the step");
    assert!(failure.actual.contains("at 42s"), "{failure}");
    assert!(failure.context.iter().any(|line| line.to_string().contains("dispatch \"outbox\"")), "{failure}");
}

#[test]
fn a_name_that_is_not_there_is_explained() {
    let wrong = EXAMPLE.replace("register = { worker = \"widget\"", "register = { worker = \"wigdet\"");
    let report = run(&Timeline::parse("example.toml", &wrong).expect("it reads"));
    assert!(report.to_string().contains("there is no worker `wigdet`; did you mean `widget`?"), "{report}");
}

/// A commit that is held holds its reply, and nobody is to blame.
#[test]
fn a_reply_that_a_held_commit_holds_is_not_missed() {
    let held = "title = \"t\"\n[[worker]]\nname = \"a\"\nscope = \"https://a.example/\"\n\
        [[step]]\nstore = \"holds\"\nregister = { worker = \"a\", tag = \"x\", top_level = 1, id = \"r\" }\n\
        expect.reply = { to = \"r\", ok = false }";
    let report = run(&Timeline::parse("t.toml", held).expect("it reads"));
    assert!(report.passed(), "{report}");
}
