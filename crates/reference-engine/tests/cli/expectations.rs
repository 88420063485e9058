//! What timelines with pages may expect of background sync.

use std::path::Path;

use super::support::{Folder, GOOD_WORKER, OPEN_A, Said, bgsync};

fn run(steps: &str) -> Said {
    let timeline = format!(
        "{OPEN_A}[[step]]\nat = \"1s\"\nnetwork = \"offline\"\nrun = {{ window = \"a\", script = \"ask('t')\" }}\n{steps}"
    );
    Folder::with_site("a.example", GOOD_WORKER).timeline(&timeline).run()
}

#[test]
fn all_of_them_can_be_met() {
    run(r#"
[[step]]
expect.registration = { worker = "a", tag = "t", state = "pending", attempts = 0 }
expect.why_not = { worker = "a", tag = "t", contains = ["Offline"] }
expect.no_event = { worker = "a" }
expect.log = { event = "Registered sync", worker = "a", tag = "t" }
expect.no_log = "Dispatched sync event"
expect.running = 0
expect.keep_alive = false
expect.wake_up = { armed = true, network = true }
expect.starts = { worker = "a", count = 0 }
[[step]]
expect.commits = 1
expect.store_ops = 2
[[step]]
expect.commits = 0
[[step]]
at = "10min"
network = "online"
[[step]]
at = "20min"
expect.event = { worker = "a", tag = "t", last_chance = false, background = false, cap = "3min", from = "10min" }
expect.no_event = {}
expect.events = { worker = "a", count = 1 }
expect.starts = { worker = "a", count = 1 }
expect.abandoned = 0
expect.registration = { worker = "a", tag = "t", state = "absent" }
expect.why_not = { worker = "a", tag = "t", contains = ["NotRegistered"] }
"#)
    .exits(0);
}

#[test]
fn a_difference_says_where_and_what_instead() {
    run("[[step]]\nexpect.registration = { worker = \"a\", tag = \"t\", state = \"firing\" }\n")
        .exits(1)
        .prints_in_order(&["not as expected", "timeline.toml:16", "expected expect.registration = "])
        .prints_in_order(&["state = \"firing\"", "found pending, 0 attempts", "1 not as expected"]);
    run("[[step]]\nexpect.event = { worker = \"a\", tag = \"t\" }\n").exits(1).prints("found no such event");
    run("[[step]]\nexpect.log = { event = \"Sync completed\" }\n")
        .exits(1)
        .prints("not in the log; it has Store loaded");
}

#[test]
fn what_cannot_be_looked_at_is_refused_before_anything_runs() {
    for (expectation, instead) in [
        ("reply = { to = \"x\", ok = true }", "`expect.reply` can't be looked at with real pages; use `run`"),
        ("stored = 1", "`expect.stored` can't be looked at with real pages; restart with"),
        ("wake_done = true", "`expect.wake_done` can't be looked at with real pages; this engine is never woken"),
    ] {
        run(&format!("[[step]]\nexpect.{expectation}\n"))
            .exits(2)
            .complains(&format!("timeline.toml:17: {instead}"))
            .prints_no("opens");
    }
}

#[test]
fn names_are_known_before_anything_runs() {
    run("[[step]]\nexpect.no_event = { worker = \"aa\" }\n")
        .exits(2)
        .complains("there is no worker `aa`; did you mean `a`?")
        .prints_no("opens");
}

#[test]
fn workers_are_names_here() {
    let worker = "[[worker]]\nname = \"x\"\nscope = \"https://x.example/\"\nstate = \"none\"\n";
    Folder::new().timeline(worker).run().exits(2).complains("worker `x`: here [[worker]] only gives a name to a scope");
}

#[test]
fn what_a_server_was_sent_is_compared_whole() {
    let run = |sent: &str| {
        let fetch = "fetch('/orders', { method: 'PUT', body: 'tea', headers: { 'X-Id': '7' } }).then(() => null)";
        Folder::with_site("a.example", GOOD_WORKER)
            .timeline(&format!(
                "{OPEN_A}server = {{ origin = \"https://a.example\", path = \"/orders\" }}\n\
                 [[step]]\nrun = {{ window = \"a\", script = \"{fetch}\" }}\n\
                 [[step]]\nexpect_server = {{ origin = \"https://a.example\", path = \"/orders\", sent = [{sent}] }}\n"
            ))
            .run()
    };
    run(r#"{ method = "PUT", body = "tea", headers = { x-id = "7" } }"#).exits(0);
    run("{}").exits(0);
    for wrong in ["", "{}, {}", r#"{ method = "POST" }"#, r#"{ body = "te" }"#, r#"{ headers = { x-id = "8" } }"#] {
        run(wrong)
            .exits(1)
            .prints(r#"requests = 1: PUT {"content-type": "text/plain;charset=UTF-8", "x-id": "7"} "tea""#);
    }
    run("{ path = \"/\" }").exits(2).complains("unknown field `path`");
}

#[test]
fn several_lines_can_be_expected_in_their_order() {
    let printing =
        "[[step]]\nrun = { window = \"a\", script = \"['one', 'two', 'three'].forEach(x => console.log(x))\" }\n";
    run(&format!("{printing}[[step]]\nexpect_console = [\"on\", \"thr\"]\n")).exits(0);
    run(&format!("{printing}[[step]]\nexpect_console = [\"two\", \"one\"]\n"))
        .exits(1)
        .prints("expected a line with \"one\"")
        .prints("found the last lines are [\"three\"]");
}

#[test]
fn the_same_timeline_tells_the_same_story_whatever_the_disk_does() {
    let chatty = "addEventListener('sync', event => event.waitUntil((async () => {
      for (let i = 0; i < 3; i++) await registration.sync.register(`${event.tag}${i}`).catch(e => console.log(e.name));
      console.log((await registration.sync.getTags()).join());
    })()));";
    let folder = Folder::with_site("a.example", chatty).timeline(&format!(
        "{OPEN_A}[[step]]\nat = \"1s\"\nrun = {{ window = \"a\", script = \"Promise.all(['x', 'y', 'z'].map(ask)).then(tags)\" }}\n[[step]]\nat = \"20s\"\n"
    ));
    let story = |args: &[&Path]| {
        let place = folder.path("");
        let all = [Path::new("run"), &place, Path::new("--json")].into_iter().chain(args.iter().copied());
        bgsync(all).exits(0).out
    };
    let in_memory = story(&[]);
    for name in ["one", "two", "three"] {
        let store = folder.store().with_file_name(name);
        assert_eq!(story(&[Path::new("--store"), &store]), in_memory);
    }
}
