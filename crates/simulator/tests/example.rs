//! The example of the format's documentation does what it says.

use background_sync_simulator::runner::run;
use background_sync_simulator::timeline::{Step, Timeline};

const EXAMPLE: &str = include_str!("../src/timeline/example.toml");

#[test]
fn the_documented_example_passes() {
    let timeline = Timeline::parse("example.toml", EXAMPLE).expect("the example is right");
    let report = run(&timeline);
    assert!(report.passed(), "{report}");
}

#[test]
fn a_wrong_expectation_is_shown_with_its_line() {
    let wrong = EXAMPLE.replace("at = \"42s\" }", "at = \"41s\" }");
    let timeline = Timeline::parse("example.toml", &wrong).expect("it reads");
    let report = run(&timeline);
    assert_eq!(report.failures.len(), 1, "{report}");
    let failure = &report.failures[0];
    let line = 1 + wrong.lines().position(|line| line.contains("at = \"41s\"")).expect("it is there");
    assert_eq!((failure.place.line, failure.place.column), (line, 8), "where the expectation stands");
    assert!(failure.actual.contains("at 42s"), "{failure}");
    assert!(failure.context.iter().any(|line| line.to_string().contains("dispatch \"outbox\"")), "{failure}");
}

/// What only a run can tell: nothing to end, nothing to repeat, nobody to tell what to do.
#[test]
fn what_turns_out_to_do_nothing_fails_the_run() {
    let cases = [
        ("finish = { worker = \"a\", tag = \"x\", how = \"reject\" }", "line 11:1", "no event \"x\" of a runs"),
        ("odd = \"repeat_ready\"", "line 11:1", "nothing was said that `odd` could repeat: RepeatReady"),
        (
            "behave = { worker = \"a\", does = \"reject\" }",
            "line 11:1",
            "`a` was told what to do with an event, and none came",
        ),
    ];
    for (act, place, what) in cases {
        let text = format!(
            "title = \"t\"\n[[worker]]\nname = \"a\"\nscope = \"https://a.example/\"\n\
             [[step]]\nat = \"0s\"\nnetwork = \"offline\"\n\
             register = {{ worker = \"a\", tag = \"x\", top_level = 1, id = \"r\" }}\nexpect.reply = {{ to = \"r\", ok = true }}\n\n\
             [[step]]\n{act}\nexpect.no_event = {{}}\n"
        );
        let report = run(&Timeline::parse("t.toml", &text).expect("it reads"));
        assert!(report.to_string().contains(place) && report.to_string().contains(what), "{report}");
        let drawn = format!("drawn = true\n{text}");
        assert!(run(&Timeline::parse("t.toml", &drawn).expect("it reads")).passed(), "{act}");
    }
}

#[test]
fn a_name_that_is_not_there_is_explained() {
    let wrong = EXAMPLE.replace("register = { worker = \"widget\"", "register = { worker = \"wigdet\"");
    let error = Timeline::<Step>::parse("example.toml", &wrong).expect_err("nothing is called so");
    assert!(error.to_string().contains("there is no worker `wigdet`; did you mean `widget`?"), "{error}");
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
