//! `bgsync inspect`: what a store holds, shown without changing a byte.

use std::path::Path;

use serde_json::Value;

use super::real_time::{kill, until};
use super::support::{Folder, GOOD_WORKER, OPEN_A, Said, bgsync, snapshot};

const REJECTING: &str = "addEventListener('sync', event => event.waitUntil(Promise.reject(new Error('no'))));";
const ENDLESS: &str = "addEventListener('sync', event => event.waitUntil(new Promise(() => {})));";
/// Two tags without a network, then whatever comes.
const ASKED: &str = "[[step]]\nat = \"1s\"\nnetwork = \"offline\"\nrun = { window = \"a\", script = \"ask('t').then(() => ask('u'))\" }\n";

/// Inspects, and checks that nothing in the folder changed.
#[track_caller]
fn inspect(folder: &Folder, store: &Path, more: &[&str]) -> Said {
    let before = snapshot(&folder.path(""));
    let mut args = vec!["inspect".as_ref(), store.as_os_str()];
    args.extend(more.iter().map(|arg| std::ffi::OsStr::new(*arg)));
    let said = bgsync(args);
    assert_eq!(snapshot(&folder.path("")), before, "nothing is changed");
    said
}

/// What a program gets.
#[track_caller]
fn objects(folder: &Folder, store: &Path, more: &[&str]) -> Vec<Value> {
    let said = inspect(folder, store, &[more, &["--json"]].concat()).exits(0);
    said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A folder whose timeline was run with a store.
fn run(worker: &str, steps: &str) -> (Folder, std::path::PathBuf) {
    let folder = Folder::with_site("a.example", worker);
    let store = folder.store();
    folder.write_timeline(&format!("{OPEN_A}{ASKED}{steps}"));
    let said = folder.run_with_store(&store);
    assert!(steps.contains("\"kill\"") || said.code == Some(0), "{}", said.err);
    (folder, store)
}

#[test]
fn what_waits_for_a_network() {
    let (folder, store) = run(GOOD_WORKER, "");
    inspect(&folder, &store, &[])
        .exits(0)
        .prints("store: 2 registrations, seen from 2026-01-05 09:00:01 UTC, the last moment it notes")
        .prints_in_order(&[
            "https://a.example/",
            "  t\n",
            "kind        one-shot\n",
            "state       pending; 0 of 12 attempts used",
        ])
        .prints_in_order(&["registered  2026-01-05 09:00:01 UTC\n", "next        waits for a network\n", "  u\n"]);
    inspect(&folder, &store, &["--network", "online"]).exits(0).prints("fires as soon as a browser runs");
    inspect(&folder, &store, &["--parameters", "chromium"]).exits(0).prints("0 of 3 attempts used");
}

#[test]
fn a_program_gets_every_field_that_help_promises() {
    let (folder, store) = run(GOOD_WORKER, "");
    let objects = objects(&folder, &store, &["--at", "2026-01-05T10:00:00Z"]);
    let expected = serde_json::json!({
        "partition": 0, "origin": "https://a.example", "scope": "https://a.example/", "kind": "one-shot",
        "tag": "t", "instance_id": 1,
        "state": "pending", "resumes_as": "pending", "removed": null, "attempts": 0, "max_attempts": 12,
        "free_in_a_row": 0, "last_chance": false, "last_chance_because": null, "registered_at": 1_767_603_601.0,
        "min_interval": null, "anchor": null, "not_before": null,
        "why_not": [{ "reason": "network_unknown", "until": null }], "background_starts": 0, "background_time": 0.0,
        "at": 1_767_607_200.0,
    });
    assert_eq!(objects[0], expected);
    assert_eq!((objects.len(), &objects[1]["tag"]), (2, &Value::from("u")));
    let help = bgsync(["inspect", "--help"]).exits(0).out;
    for field in expected.as_object().unwrap().keys() {
        assert!(
            help.contains(&format!("  {field} "))
                || help.contains(&format!(" {field},"))
                || help.contains(&format!(", {field} ")),
            "{field}"
        );
    }
}

#[test]
fn a_back_off_with_its_end_and_the_budget_it_cost() {
    let (folder, store) = run(
        REJECTING,
        "[[step]]\nat = \"2s\"\nclose = \"a\"\n[[step]]\nat = \"3s\"\nnetwork = \"online\"\n[[step]]\nat = \"70s\"\n",
    );
    let seen = objects(&folder, &store, &[]);
    let waiting = &seen[0];
    assert_eq!((&waiting["state"], &waiting["attempts"]), (&Value::from("waiting"), &Value::from(1)), "{waiting}");
    let (at, not_before) = (waiting["at"].as_f64().unwrap(), waiting["not_before"].as_f64().unwrap());
    assert!(not_before > at && not_before < at + 31.0, "{waiting}");
    assert_eq!(waiting["why_not"][0], serde_json::json!({ "reason": "back_off", "until": not_before }));
    assert_eq!(waiting["background_starts"], 2, "{waiting}");
    inspect(&folder, &store, &[])
        .exits(0)
        .prints("waiting; 1 of 12 attempts used")
        .prints("waits for the end of its back-off (2026-01-05 09:0")
        .prints("later), and for a network; a link that comes back may end the back-off")
        .prints("https://a.example used 2 of 60 background starts");
    let later = &objects(&folder, &store, &["--at", "+5h"])[0];
    assert_eq!((&later["resumes_as"], &later["not_before"]), (&Value::from("pending"), &Value::Null), "{later}");
    let much_later = &objects(&folder, &store, &["--at", "+2d"])[0];
    assert_eq!(much_later["background_starts"], 0, "a day is over");
}

#[test]
fn an_origin_that_used_up_its_background_starts() {
    let (folder, store) = run(GOOD_WORKER, "");
    let reload = "open = { window = \"b\", url = \"https://a.example/\" }\n";
    let cycle = |n: u32| {
        let (offline, online) = (n * 600 + 1, n * 600 + 10);
        format!(
            "[[step]]\nat = \"{offline}s\"\nnetwork = \"offline\"\n{reload}[[step]]\nat = \"{}s\"\nrun = {{ window = \"b\", script = \"ask('t')\" }}\nclose = \"b\"\n[[step]]\nat = \"{online}s\"\nnetwork = \"online\"\n",
            offline + 1
        )
    };
    let steps: String = (0..13).map(cycle).collect();
    folder.write_timeline(&format!("{steps}[[step]]\nat = \"8400s\"\nnetwork = \"offline\"\n{reload}run = {{ window = \"b\", script = \"ask('last')\" }}\n"));
    folder.run_with_store(&store).exits(0);
    // Online, or the preset's condition would be said first.
    let online = ["--parameters", "private", "--network", "online"];
    let seen = objects(&folder, &store, &online);
    let reasons: Vec<_> =
        seen[0]["why_not"].as_array().unwrap().iter().map(|why| why["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["budget"], "{seen:?}");
    inspect(&folder, &store, &online).exits(0).prints("or for background budget (some at 2026-01-06");
}

#[test]
fn a_browser_that_died_in_mid_event() {
    let died = "[[step]]\nat = \"2s\"\nnetwork = \"online\"\n[[step]]\nat = \"10s\"\nprocess = \"kill\"\n";
    let (folder, store) = run(ENDLESS, died);
    inspect(&folder, &store, &[])
        .exits(0)
        .prints("firing, pending when a browser starts; 0 of 12 attempts used, and 1 free of charge; the browser ended in mid-event");
}

#[test]
fn a_browser_that_died_in_the_last_attempt() {
    let died = "[[step]]\nat = \"8d\"\nnetwork = \"online\"\n[[step]]\nat = \"8d 10s\"\nprocess = \"kill\"\n\
                [parameters]\nmin_sync_attempts = 1\n";
    let (folder, store) = run(ENDLESS, died);
    let said = inspect(&folder, &store, &[]).exits(0);
    said.prints("none: removed when a browser starts, because of: the process died in the last attempt");
    let seen = &objects(&folder, &store, &[])[0];
    assert_eq!((&seen["state"], &seen["resumes_as"]), (&Value::from("firing"), &Value::Null));
    assert_eq!(seen["removed"], "the process died in the last attempt");
}

#[test]
fn one_that_is_old_has_its_last_chance() {
    let young = run(GOOD_WORKER, "");
    assert_eq!(objects(&young.0, &young.1, &["--at", "+8d"])[0]["last_chance"], false, "nothing was tried yet");
    // Two attempts fail before the third is due.
    let failing = "[[step]]\nat = \"10s\"\nnetwork = \"online\"\n[[step]]\nat = \"1min\"\nnetwork = \"offline\"\n";
    let (folder, store) = run(REJECTING, failing);
    let last = |at| {
        let seen = &objects(&folder, &store, &["--at", at])[0];
        (seen["last_chance"].clone(), seen["last_chance_because"].clone())
    };
    assert_eq!(last("+6d"), (Value::from(false), Value::Null));
    assert_eq!(last("+8d"), (Value::from(true), Value::from("age")));
    let words = "waits for a network; its last chance, as it is older than 7d\n";
    inspect(&folder, &store, &["--at", "+8d"]).exits(0).prints(words);
    assert_eq!(objects(&folder, &store, &["--at", "now"])[0]["last_chance"], true, "virtual time is long ago");
}

#[test]
fn one_that_used_up_its_attempts_but_one_has_its_last_chance() {
    let failing = "[[step]]\nat = \"10s\"\nnetwork = \"online\"\n[[step]]\nat = \"10min\"\nnetwork = \"offline\"\n";
    // As Chromium: five minutes between two of three attempts.
    let (folder, store) = run(REJECTING, &format!("{failing}[parameters]\ninitial_retry_delay = \"5min\"\n"));
    let seen = &objects(&folder, &store, &["--parameters", "chromium"])[0];
    assert_eq!(
        (&seen["attempts"], &seen["last_chance_because"]),
        (&Value::from(2), &Value::from("attempts")),
        "{seen}"
    );
    inspect(&folder, &store, &["--parameters", "chromium"])
        .exits(0)
        .prints("; its last chance, as no more attempts are left\n");
}

#[test]
fn nothing_registered_and_tags_of_all_kinds() {
    let folder = Folder::with_site("a.example", GOOD_WORKER).timeline(OPEN_A);
    let store = folder.store();
    folder.run_with_store(&store).exits(0);
    inspect(&folder, &store, &[]).exits(0).prints("store: nothing is registered\n");
    assert_eq!(objects(&folder, &store, &[]), [Value::Null; 0]);
    folder.write_timeline(&format!(
        "{OPEN_A}[[step]]\nnetwork = \"offline\"\nrun = {{ window = \"a\", script = 'ask(\"\").then(() => ask(\"\\u001b[31mred\")).then(() => ask(\"\\ud800\"))' }}\n"
    ));
    folder.run_with_store(&store).exits(0);
    let said =
        inspect(&folder, &store, &[]).exits(0).prints_in_order(&["(the empty tag)", "\\u{1b}[31mred", "\\uD800"]);
    said.prints_no("\u{1b}");
    let tags: Vec<_> = objects(&folder, &store, &[]).into_iter().map(|object| object["tag"].clone()).collect();
    assert_eq!(tags, [Value::from(""), Value::from("\u{1b}[31mred"), serde_json::json!({ "utf16": [0xD800] })]);
}

#[test]
fn a_store_in_use() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"2h\"\n"));
    let store = folder.store();
    let owner = until(&folder, &["--store", store.to_str().unwrap()], &["is active"]);
    bgsync(["inspect".as_ref(), store.as_os_str()])
        .exits(3)
        .complains("it is in use; close the other program, or the other store, that has it open");
    kill(owner);
    inspect(&folder, &store, &[]).exits(0);
}

#[test]
fn what_is_no_store() {
    let folder = Folder::new().file("text", "Dear diary,");
    let refused = |name: &str, why: &str| {
        inspect(&folder, &folder.path(name), &[]).exits(3).complains(why).complains(name).prints_no("registr");
    };
    refused("gone", "there is no such file; check the name");
    refused("text/store", "there is no such file; check the name");
    refused("text", "it is no store, or its beginning is gone");
    std::fs::create_dir(folder.path("folder")).unwrap();
    refused("folder", "it is not a file; name a file");
}

#[test]
fn a_store_that_is_newer_or_damaged() {
    let (folder, store) = run(GOOD_WORKER, "");
    let sound = std::fs::read(&store).unwrap();
    let mut newer = sound.clone();
    (newer[64], newer[192]) = (4, 4);
    std::fs::write(&store, &newer).unwrap();
    inspect(&folder, &store, &[]).exits(3).complains("a newer version of this program made it").prints_no("registr");
    // A wrong bit in every record.
    let mut damaged = sound;
    let scope = b"https://a.example/";
    let places: Vec<_> =
        (0..damaged.len() - scope.len()).filter(|at| &damaged[*at..*at + scope.len()] == scope).collect();
    assert!(!places.is_empty());
    for at in places {
        damaged[at] ^= 1;
    }
    std::fs::write(&store, &damaged).unwrap();
    inspect(&folder, &store, &[])
        .exits(3)
        .complains("store: the file is damaged: ")
        .complains("what could be read is shown; a browser that opens the store keeps that");
}

#[test]
fn moments_that_make_no_sense() {
    bgsync(["inspect", "store", "--at", "soon"])
        .exits(2)
        .complains("write last, now, a time after the last such as +2h");
    bgsync(["inspect"]).exits(2).complains("<STORE>");
}
