//! What a person is told who makes a mistake in a timeline: what is wrong, where, what to do.

use background_sync_simulator::timeline::{Step, Timeline};

/// A timeline that begins well, and what its author then got wrong.
fn told(mistake: &str) -> String {
    let text = format!("title = \"t\"\n[[worker]]\nname = \"chat\"\nscope = \"https://chat.example/\"\n{mistake}");
    match Timeline::<Step>::parse("t.toml", &text) {
        Ok(_) => "nothing wrong".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_mistake_is_answered_with_a_place_and_a_remedy() {
    let cases = [
        ("[[step]]\nat = \"1s\"", "nothing wrong"),
        (
            "[[step]]\nregster = { worker = \"chat\", tag = \"a\" }",
            "t.toml:6:1: unknown field `regster`; did you mean `register`?",
        ),
        (
            "[[step]]\nregister = { worker = \"chat\", tga = \"a\" }",
            "t.toml:6:31: unknown field `tga`; did you mean `tag`?",
        ),
        ("[[step]]\nexpect.evnt = 1", "t.toml:6:8: unknown field `evnt`; did you mean `event`?"),
        ("[[step]]\nnetwork = \"ofline\"", "t.toml:6:11: unknown word `ofline`; did you mean `offline`?"),
        ("[[step]]\nsystem = \"restart\"", "t.toml:6:10: unknown word `restart`; known here: sleep, wake"),
        (
            "[[step]]\nat = \"5m\"",
            "t.toml:6:6: `5m` is no length of time; write a number and one of d, h, min, s, ms, such as \"90s\" or \"1h 30min\"",
        ),
        (
            "[[step]]\nat = \"5s\"\n[[step]]\nat = \"4s\"",
            "t.toml:7:1: this step is at 4s, the one before it at 5s; times never go backwards",
        ),
        ("[[step]]\nclock = \"3h\"", "t.toml:6:9: `3h` has no direction; write \"+3h\" or \"-3h\""),
        (
            "[[step]]\nclose = \"secret\"",
            "t.toml:6:9: `secret` is no partition; write \"profile\", \"private\" or \"private:2\"",
        ),
        (
            "[[step]]\nwindows = { origin = \"chat\" }",
            "t.toml:6:22: not an absolute URL; write something like https://chat.example",
        ),
        (
            "[[worker]]\nname = \"chat\"\nscope = \"https://a.example/\"",
            "t.toml:5:1: a second worker `chat`; names are used once",
        ),
        (
            "[parameters]\nmax_sync_attemts = 1",
            "t.toml:6:1: unknown field `max_sync_attemts`; did you mean `max_sync_attempts`?",
        ),
        (
            "[parameters]\nmax_sync_attempts = 0",
            "t.toml:5:1: max_sync_attempts must be at least 1; change it under [parameters]",
        ),
        ("seed = ", "t.toml:5:8: string values must be quoted, expected literal string"),
    ];
    for (mistake, expected) in cases {
        assert_eq!(told(mistake), expected, "{mistake}");
    }
}

#[test]
fn a_missing_field_is_named() {
    assert!(told("[[step]]\nregister = { worker = \"chat\" }").contains("missing field `tag`"));
}

#[test]
fn what_is_written_reads_back() {
    let read = |text: &str| Timeline::<Step>::parse("example.toml", text).expect("the example is right");
    let mut first = read(include_str!("../src/timeline/example.toml"));
    let mut second = read(&first.to_toml().expect("the example can be written"));
    for step in first.steps.iter_mut().chain(&mut second.steps) {
        step.line = 0;
    }
    assert_eq!(first, second);
}
