//! What a person is told who makes a mistake in a timeline: what is wrong, where, what to do.

use background_sync_simulator::timeline::{Place, Step, Timeline};

/// A timeline that begins well, and what its author then got wrong.
fn told(mistake: &str) -> String {
    let text = format!("title = \"t\"\n[[worker]]\nname = \"chat\"\nscope = \"https://chat.example/\"\n{mistake}");
    match Timeline::<Step>::parse("t.toml", &text) {
        Ok(_) => "nothing wrong".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// The same in the middle of a timeline in which something is registered, and after which something is expected.
fn told_within(mistake: &str) -> String {
    told(&format!(
        "[[step]]\nat = \"10s\"\nregister = {{ worker = \"chat\", tag = \"a\", id = \"r\" }}\nexpect.reply = {{ to = \"r\", ok = true }}\n\
         {mistake}\n[[step]]\nexpect.no_event = {{}}\n"
    ))
}

#[test]
fn every_mistake_is_answered_with_a_place_and_a_remedy() {
    let cases = [
        ("[[step]]\nexpect.no_event = {}", "nothing wrong"),
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
        ("[[step]]\nat = \"1s\"\nafter = \"1s\"", "t.toml:5:1: a step has `at` or `after`, not both; leave one out"),
        (
            "[[step]]\nat = \"213503982334d\"\n[[step]]\nafter = \"1d\"",
            "t.toml:7:1: this step is later than 213503982334d 14h 25min 51s 615ms; that is the last moment there is",
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
            "t.toml:6:8: a second worker `chat`; names are used once",
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
fn what_toml_complains_of_is_answered_with_a_remedy() {
    let cases = [
        ("[step]\nat = \"1s\"", "t.toml:5:1: invalid type: map, expected a sequence; write [[step]] or [[worker]]"),
        (
            "[[step]]\nregister = { worker = \"chat\", tag = 5 }",
            "t.toml:6:37: invalid type: integer `5`, expected a string or { utf16 = [0xD800] }",
        ),
        (
            "[[step]]\nregister = { worker = \"chat\", tag = { utf16 = [70000] } }",
            "t.toml:6:48: invalid value: integer `70000`, expected u16",
        ),
        (
            "[[step]]\nregister = { worker = \"chat\", tag = \"\\uD800\" }",
            "t.toml:6:40: invalid value, expected unicode hexadecimal value; a lone surrogate is written { utf16 = [0xD800] }",
        ),
        (
            "[[step]]\nexpect.running = 1\nexpect.running = 2",
            "t.toml:7:8: duplicate key; a step holds each word once; what happens or is expected again stands in another [[step]]",
        ),
    ];
    for (mistake, expected) in cases {
        assert_eq!(told(mistake), expected, "{mistake}");
    }
}

#[test]
fn a_file_that_shows_nothing_is_refused() {
    let nothing = "t.toml:1:1: nothing is expected, so this cannot fail; write `expect.WORD = VALUE` into a step, or \
                   `drawn = true` at the top if only the invariants count";
    assert_eq!(told("[[step]]\nnetwork = \"online\""), nothing);
    assert_eq!(told(""), nothing);
    assert_eq!(
        told("[[step]]\nexpect.no_event = {}\n[[step]]\nnetwork = \"online\""),
        "t.toml:8:1: `network` happens, and nothing is expected after it; expect something in this step or a later one, or \
         leave it out"
    );
    assert_eq!(
        told("[[step]]\nat = \"1s\"\n[[step]]\nexpect.no_event = {}"),
        "t.toml:5:1: an empty step; say what happens or what is expected; time passes by itself"
    );
}

/// What chance has drawn may do nothing, and has to name what is there all the same.
#[test]
fn what_is_drawn_need_not_show_anything() {
    let text = |worker: &str| {
        format!(
            "title = \"t\"\ndrawn = true\n[[worker]]\nname = \"a\"\nscope = \"https://a.example/\"\n\
             [[step]]\nprocess = \"thaw\"\nfinish = {{ worker = \"{worker}\", tag = \"none\", how = \"fulfil\" }}\n"
        )
    };
    let read = |worker| Timeline::<Step>::parse("t.toml", &text(worker)).map(|timeline| timeline.drawn);
    assert_eq!(read("a"), Ok(true));
    assert_eq!(read("b").map_err(|error| error.message), Err("there is no worker `b`".to_owned()));
}

#[test]
fn names_that_nothing_has_are_refused() {
    let cases = [
        ("register = { worker = ¦\"caht\", tag = \"a\" }", "there is no worker `caht`; did you mean `chat`?"),
        ("unregister = ¦\"caht\"", "there is no worker `caht`; did you mean `chat`?"),
        (
            "expect.no_event = { worker = ¦\"mail\" }",
            "there is no worker `mail`; known here: chat; or give a scope its name with [[worker]]",
        ),
        ("expect.events = { tag = ¦\"b\", count = 0 }", "nothing registers the tag \"b\"; did you mean `a`?"),
        (
            "expect.registered = { worker = \"chat\", tags = [\"a\", ¦\"bcd\"] }",
            "nothing registers the tag \"bcd\" of `chat`; known here: a; or register it in a step before",
        ),
        (
            "finish = { worker = \"chat\", tag = ¦\"bcd\", how = \"reject\" }",
            "nothing registers the tag \"bcd\" of `chat`; known here: a; or register it in a step before",
        ),
        ("expect.reply = { to = ¦\"rr\", ok = true }", "no request is called `rr` by now; did you mean `r`?"),
        (
            "windows = { origin = ¦\"https://caht.example\" }",
            "no worker of the partition `profile` has the origin https://caht.example; did you mean `https://chat.example`?",
        ),
        (
            "windows = { origin = \"https://chat.example\", partition = ¦\"private\" }",
            "no worker is in the partition `private`; known here: profile; or declare one with [[worker]]",
        ),
        (
            "origin_network = { origin = ¦\"https://x.example\", state = \"online\" }",
            "no worker has the origin https://x.example; did you mean `https://chat.example`?",
        ),
        (
            "close = ¦\"private\"",
            "no worker is in the partition `private`; known here: profile; or declare one with [[worker]]",
        ),
        (
            "expect.no_log = ¦\"sync event faild\"",
            "`sync event faild` is no event of the log; did you mean `sync event failed`?",
        ),
        (
            "expect.log = { event = \"Registered sync\", metadata = ¦{ Raeson = \"x\" } }",
            "`Raeson` is no detail of the log; did you mean `Reason`?",
        ),
        (
            "expect.reply = { to = \"r\", error = ¦\"AbortError\" }",
            "`AbortError` is no exception; known here: InvalidAccessError, InvalidStateError, NotAllowedError, QuotaExceededError, SecurityError, UnknownError",
        ),
        (
            "expect.reply = { to = \"r\", refusal = ¦\"NoWindows\" }",
            "`NoWindows` is no rule that refuses; did you mean `NoWindow`?",
        ),
        (
            "expect.why_not = { worker = \"chat\", tag = \"a\", contains = [¦\"Ofline\"] }",
            "`Ofline` is no reason; did you mean `Offline`?",
        ),
    ];
    all_are_told(cases);
}

/// Every mistake, with a bar before the very word, is answered with the place of that word and what may stand there.
fn all_are_told<'a>(cases: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (marked, expected) in cases {
        let before = marked.split('¦').next().unwrap_or_default();
        let (line, column) =
            (10 + before.matches('\n').count(), 1 + before.lines().last().unwrap_or_default().chars().count());
        let mistake = format!("[[step]]\n{}", marked.replace('¦', ""));
        let column = if before.ends_with('\n') { 1 } else { column };
        assert_eq!(told_within(&mistake), format!("t.toml:{line}:{column}: {expected}"), "{marked}");
    }
}

#[test]
fn steps_that_do_nothing_are_refused() {
    let cases = [
        ("process = ¦\"thaw\"", "this does nothing: the process is not frozen; it can `freeze`, `shutdown` or `crash`"),
        ("process = ¦\"start\"", "the process is there already; let it crash before it starts again"),
        ("system = ¦\"wake\"", "this does nothing: the system is awake; it can `sleep`"),
        (
            "process = \"crash\"\n[[step]]\nprocess = ¦\"crash\"",
            "this does nothing: there is no process; it can `start`",
        ),
        (
            "network = \"online\"\n[[step]]\n¦network = \"online\"",
            "this does nothing: it is \"online\" already; leave it out",
        ),
        (
            "unregister = \"chat\"\n[[step]]\n¦unregister = \"chat\"",
            "this does nothing: it is so already; leave it out",
        ),
        ("get_tags = { worker = \"chat\", id = ¦\"r\" }", "a second request `r`; names of requests are used once"),
        (
            "get_tags = { worker = \"chat\", ¦id = \"list\" }",
            "nothing looks at the answer to `list`; expect `reply = { to = \"list\" }` with an answer, or leave `id` out",
        ),
        ("behave = { worker = \"chat\", times = ¦0 }", "for no event at all; write 1 or more, or leave it out"),
        ("¦clock = \"+0s\"", "this does nothing: the clock is set to what it shows; write another value"),
        ("¦store = { fails_next = 0 }", "this does nothing: this is for no commit at all; write another value"),
        ("¦odd = { ticks = 0 }", "this does nothing: this is said no times; write another value"),
        ("clear = { since = ¦\"11s\" }", "11s has not come yet: this step is at 10s; expect it in a later step"),
        (
            "cancel = { worker = \"chat\", tag = ¦\"bcd\" }",
            "nothing registers the tag \"bcd\" of `chat`; known here: a; or register it in a step before",
        ),
    ];
    all_are_told(cases);
}

#[test]
fn expectations_that_cannot_fail_are_refused() {
    let cases = [
        ("¦reply = { to = \"r\" }", "no answer is expected, so this cannot fail; write one of ok, error, refusal"),
        ("reply = { to = \"r\", ¦tags = [] }", "`r` is never answered with `tags`; write one of ok, error, refusal"),
        (
            "reply = { to = \"r\", ok = true, ¦refusal = \"NoWindow\" }",
            "a second answer to one request; write one of ok, error, refusal",
        ),
        ("¦events = {}", "no number is expected, so this cannot fail; write one of count, at_least, at_most, at"),
        ("events = { at_least = ¦0 }", "there are never fewer than 0; write one of count, at_least, at_most, at"),
        (
            "events = { from = \"9s\", until = ¦\"8s\", count = 0 }",
            "from 9s until 8s is no time at all; write a moment after `from`",
        ),
        (
            "events = { until = ¦\"11s\", count = 0 }",
            "11s has not come yet: this step is at 10s; expect it in a later step",
        ),
        ("events = { at = ¦[\"11s\"] }", "11s has not come yet: this step is at 10s; expect it in a later step"),
        (
            "event = { worker = \"chat\", tag = \"a\", at = ¦\"12s\" }",
            "12s has not come yet: this step is at 10s; expect it in a later step",
        ),
        ("event = { worker = \"chat\", tag = \"a\", at = \"2s\", ¦until = \"3s\" }", "`at` says it all; leave it out"),
        (
            "starts = { ¦tag = \"a\", count = 1 }",
            "which tag a start is for is not known; leave it out, or expect `events`",
        ),
        (
            "registration = { worker = \"chat\", tag = \"a\", state = \"absent\", ¦attempts = 7 }",
            "what is absent has no `attempts`; leave it out",
        ),
        (
            "registration = { worker = \"chat\", tag = \"a\", state = \"waiting\", until = ¦\"9s\" }",
            "9s has gone by: this step is at 10s; expect it in an earlier step, or write a later moment",
        ),
        (
            "¦why_not = { worker = \"chat\", tag = \"a\" }",
            "no reason is named; write `contains = [...]` or `exactly = [...]`",
        ),
        (
            "why_not = { worker = \"chat\", tag = \"a\", exactly = [\"Offline\"], until = ¦\"1s\" }",
            "1s has gone by: this step is at 10s; expect it in an earlier step, or write a later moment",
        ),
        ("wake_up = { armed = false, ¦latest = \"1h\" }", "what is not asked for has no `latest`; leave it out"),
        (
            "wake_up = { armed = true, latest = ¦\"1s\" }",
            "1s has gone by: this step is at 10s; expect it in an earlier step, or write a later moment",
        ),
    ];
    let cases = cases.map(|(mistake, expected)| (format!("expect.{mistake}"), expected));
    all_are_told(cases.iter().map(|(mistake, expected)| (mistake.as_str(), *expected)));
    let down =
        "[[step]]\nprocess = \"crash\"\nexpect.registration = { worker = \"chat\", tag = \"a\", state = \"absent\" }";
    assert_eq!(
        told_within(down),
        "t.toml:11:8: there is no process that `registration` could be looked at in; expect `stored`, or write `process = \
         \"start\"` first"
    );
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
        step.expect.iter_mut().for_each(|expected| expected.place = Place::default());
    }
    assert_eq!(first, second);
}
