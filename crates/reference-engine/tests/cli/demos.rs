//! The demos that come with the command.

use std::path::{Path, PathBuf};

use super::support::{Said, bgsync, command};

fn demo(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demos").join(name)
}

#[test]
fn without_arguments_the_chat_is_shown() {
    let none: [&str; 0] = [];
    bgsync(none)
        .exits(0)
        .prints_in_order(&["Chat: five messages", "offline", "Registered sync: outbox", "closes tab", "online"])
        .prints_in_order(&["it is kept already", "Sync completed: outbox", "All five have arrived, once each"])
        .prints("as expected: 4 sync events and 9 commits, 0 still registered");
}

#[test]
fn the_killed_chat_runs_by_itself_in_three_processes() {
    bgsync(["demo", "chat-killed"])
        .exits(0)
        .prints_in_order(&["process is killed", "process 2 goes on", "process is killed", "process 3 goes on"])
        .prints_in_order(&["the process died", "it is kept already", "Sync completed", "as expected"]);
}

/// The files of the demo, as somebody runs them who copied them.
fn killed_chat(place: &Path) {
    std::fs::create_dir_all(place.join("chat.example")).unwrap();
    std::fs::copy(demo("chat-killed").join("timeline.toml"), place.join("timeline.toml")).unwrap();
    for entry in std::fs::read_dir(demo("chat").join("chat.example")).unwrap() {
        let file = entry.unwrap();
        std::fs::copy(file.path(), place.join("chat.example").join(file.file_name())).unwrap();
    }
}

#[test]
fn the_killed_chat_goes_on_when_the_command_is_run_again_by_hand() {
    let place = tempfile::tempdir().unwrap();
    killed_chat(place.path());
    let store = place.path().join("store");
    let run = || Said::of(&command().arg("run").arg(place.path()).arg("--store").arg(&store).output().unwrap());
    let killed = |said: &Said| assert!(!matches!(said.code, Some(0..=4)), "{:?}: {}", said.code, said.err);
    let first = run();
    killed(&first);
    first.prints_in_order(&["My battery is low", "process is killed"]).prints_no("Dispatched");
    let second = run();
    killed(&second);
    second.prints_in_order(&["process 2 goes on", "Dispatched sync event", "process is killed"]);
    run().exits(0).prints_in_order(&["process 3 goes on", "Both have arrived", "as expected"]);
    assert!(store.exists());
    assert!(!place.path().join("store.progress.json").exists(), "a finished timeline begins anew");
}

/// The folders there are.
fn demos() -> Vec<String> {
    let folders = std::fs::read_dir(demo("")).unwrap();
    let mut names: Vec<_> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_demo_is_listed_and_others_are_refused() {
    let listed = bgsync(["demo"]).exits(0).out;
    let names: Vec<_> = listed.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(names, demos());
    assert!(listed.lines().all(|line| line.len() > 30), "each says what happens in it:\n{listed}");
    let all = format!("invalid value 'chess' for '[NAME]'\n  [possible values: {}]", names.join(", "));
    bgsync(["demo", "chess"]).exits(2).complains(&all);
    bgsync(["demo", "chat-kiled"]).exits(2).complains("a similar value exists: 'chat-killed'");
}

#[test]
fn the_readme_knows_every_demo() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    for name in demos() {
        assert!(readme.contains(&format!("`cargo run --release -- demo {name}`")), "{name}");
    }
}

#[test]
fn a_demo_says_first_what_to_watch_but_not_to_programs() {
    let readme = std::fs::read_to_string(demo("two-tabs").join("README.md")).unwrap();
    let watch = readme.lines().nth(2).unwrap();
    bgsync(["demo", "two-tabs"]).exits(0).prints_in_order(&[watch, "Two tabs: a tag is a tag"]);
    bgsync(["demo", "two-tabs", "--json"]).exits(0).prints_no(watch);
}

#[test]
fn the_notification_comes_when_the_page_is_gone_and_opens_it_again() {
    bgsync(["demo", "notification"])
        .exits(0)
        .prints_in_order(&["lets https://news.example show notifications", "you will be told", "closes tab"])
        .prints_in_order(&["network  online", "Dispatched sync event", "notice  You are online: Click for the news"])
        .prints_in_order(&["clicks \"You are online\"", "opens https://news.example/?from=notification  (in window-1)"])
        .prints("as expected: 1 sync event");
}

#[test]
fn a_tag_from_two_tabs_makes_one_event() {
    bgsync(["demo", "two-tabs"])
        .exits(0)
        .prints_in_order(&["left  refresh()", "Registered sync: album", "right  refresh()", "Reregistered sync: album"])
        .prints_in_order(&["left  => [\"photo-beach\"", "right  => [\"photo-beach\""])
        .prints_in_order(&["photo-beach is done", "photo-dinner is done", "album is done", "Five tags, five events"])
        .prints("as expected: 7 sync events");
}

#[test]
fn an_article_is_fetched_by_the_next_browser_and_read_offline() {
    bgsync(["demo", "article"])
        .exits(0)
        .prints_in_order(&["Registered sync: /articles/bees.txt", "the browser is closed", "Store loaded  (Count: 1"])
        .prints_in_order(&["articles/bees.txt: 200", "notice  Ready to read", "network  offline", "user  clicks"])
        .prints_in_order(&[
            "worker  answers GET",
            "you read \"How bees find the way home\"",
            "The server was asked once",
        ])
        .prints("as expected: 1 sync event");
}

#[test]
fn a_page_without_background_sync_loses_nothing() {
    bgsync(["demo", "fallback"])
        .exits(0)
        .prints_in_order(&["this browser has no background sync", "kept {\"id\":\"milk\"}", "kept {\"id\":\"bread\"}"])
        .prints_in_order(&["Reason: SwitchedOff", "background sync is not allowed here", "kept {\"id\":\"eggs\"}"])
        .prints_in_order(&["Reason: PermissionDenied", "background sync is not allowed here", "kept {\"id\":\"salt\"}"])
        .prints_in_order(&["it will be sent", "closes tab", "Dispatched sync event", "kept {\"id\":\"tea\"}"])
        .prints("as expected: 1 sync event");
}

#[test]
fn a_bad_line_costs_nothing_and_a_bad_server_all_attempts() {
    bgsync(["demo", "tunnel"])
        .exits(0)
        .prints_in_order(&["a portal answers", "So far the server was not bothered", "Attempts: 1", "Attempts: 2"])
        .prints_in_order(&["Sync retried early: to Oslo", "Charge: Free, Attempts: 2", "to Oslo again: it is kept"])
        .prints_in_order(&[
            "to Rome  (Last Chance: Yes, Last Chance Reason: attempts)",
            "notice  No ticket: to Rome",
            "Sync completed: to Rome",
        ])
        .prints("as expected: 8 sync events");
}

#[test]
fn what_a_hostile_site_tries_is_stopped() {
    bgsync(["demo", "hostile"])
        .exits(0)
        .prints_in_order(&["Dispatched sync event: loop", "Four events in four seconds", "no next event: Inval"])
        .prints_in_order(&[
            "=> [256,\"UnknownError\"]",
            "=> [1000,\"QuotaExceededError\"]",
            "TagTooLong",
            "switched off",
        ])
        .prints_in_order(&["the script ran longer than its time limit", "it keeps itself busy without time passing"])
        .prints_in_order(&["no window: InvalidAccessError", "no notification: TypeError", "did not end in time"])
        .prints_in_order(&["2:03:16.868", "its event took longer than it may", "used up: why_not() says Budget"])
        .prints("as expected, 2 lines of trouble: 22 sync events");
}

#[test]
fn the_news_come_shortly_before_their_reader_and_stop_when_she_stays_away() {
    bgsync(["demo", "seven"])
        .exits(0)
        .prints_in_order(&["Registered sync: news (periodic)", "12:00:10.000        sync  Dispatched", "=> \"stale\""])
        .prints_in_order(&["=> \"fresh\"", "69:30:", "Thursday, the fourth day", "=> \"fresh\"", "Nearly four weeks."])
        .prints_in_order(&[
            "Nora is back",
            "=> \"stale\"",
            "=> \"fresh\"",
            "UTC-05:00",
            "1010:30:00.000",
            "=> \"fresh\"",
        ])
        .prints("news (periodic) of https://news.example/ waits for the time shortly before the next visit")
        .prints("as expected: 27 sync events");
}

#[test]
fn a_refresh_waits_for_what_costs_nothing_but_not_for_ever() {
    bgsync(["demo", "wiki"])
        .exits(0)
        .prints_in_order(&["2 articles can be read offline", "24:00:1", "2 articles are fresh", "paid by volume"])
        .prints_in_order(&["at most", "72:00:1", "which is low", "109:00:00.000", "Dispatched sync event"])
        .prints_in_order(&["articles/bees.txt: 503", "sync event failed", "sync event failed", "event ended"])
        .prints_in_order(&["2 articles are fresh", "network  offline", "Owls hear a mouse"])
        .prints("as expected: 7 sync events");
}

#[test]
fn a_permission_that_goes_away_takes_the_registration_and_not_the_event() {
    bgsync(["demo", "revoked"])
        .exits(0)
        .prints_in_order(&["the permission is prompt: NotAllowedError", "installs the app", "mail will be fetched"])
        .prints_in_order(&["fetching the inbox", "uninstalls the app", "permission revoked", "=> []", "inbox is here"])
        .prints_in_order(&["it will not be fetched again", "installs the app", "it will be fetched again"])
        .prints("as expected: 2 sync events");
}

#[test]
fn the_same_demo_tells_the_same_story() {
    for name in ["chat", "seven"] {
        let story = || bgsync(["demo", name, "--json"]).exits(0).out;
        assert_eq!(story(), story());
    }
}
