//! Periodic syncs as timelines make them happen: installed apps, visits, engagement, pauses, and what a profile keeps.

use serde_json::{Value, json};

use super::support::{Folder, OPEN_A, bgsync};

const WORKER: &str = "addEventListener('periodicsync', event => console.log(`fresh ${event.tag}`));";
const INSTALLED: &str = "[[step]]\napp = { origin = \"https://a.example\", installed = true }\n";
/// A page that registers hourly news.
const ASKED: &str = "[[step]]\nat = \"1s\"\nrun = { window = \"a\", script = \"navigator.serviceWorker.ready.then(r => r.periodicSync.register('news', {minInterval: 3600000}))\" }\n";

fn site() -> Folder {
    Folder::with_site("a.example", WORKER)
}

/// A page of an installed app has asked; then these steps.
fn asked(steps: &str) -> Folder {
    site().timeline(&format!("{INSTALLED}{OPEN_A}{ASKED}{steps}"))
}

/// A step at a moment.
fn step(at: &str, what: &str) -> String {
    format!("[[step]]\nat = \"{at}\"\n{what}\n")
}

fn is(state: &str) -> String {
    format!("expect.registration = {{ worker = \"a\", kind = \"periodic\", tag = \"news\", state = \"{state}\" }}")
}

/// A tag that is registered, by the JSON that a page gets.
fn tags(at: &str, gives: &str) -> String {
    let script = "navigator.serviceWorker.ready.then(r => r.periodicSync.getTags())";
    step(at, &format!("run = {{ window = \"a\", script = \"{script}\", gives = '{gives}' }}"))
}

#[test]
fn an_installed_app_has_the_permission_and_loses_it_with_what_it_registered() {
    let steps = [
        tags("2s", "[\"news\"]"),
        step("13h", "expect.events = { worker = \"a\", kind = \"periodic\", tag = \"news\", count = 1 }"),
        step("14h", "app = { origin = \"https://a.example\", installed = false }"),
        tags("14h", "[]"),
        step("40h", "expect.events = { worker = \"a\", count = 1 }"),
    ];
    asked(&steps.concat())
        .run()
        .exits(0)
        .prints_in_order(&["installs the app of https://a.example", "Registered sync: news (periodic)"])
        .prints_in_order(&["Dispatched sync event: news (periodic)", "fresh news", "Periodic sync event ended: news"])
        .prints_in_order(&["uninstalls the app", "Sync completed: news (periodic)", "0 still registered"]);
}

#[test]
fn without_permission_nobody_registers() {
    let run = format!("{OPEN_A}{}", ASKED.replace("\" }\n", "\", fails = \"NotAllowedError\" }\n"));
    site().timeline(&run).run().exits(0).prints("Registration refused: news (periodic)");
}

/// A suspension ends with a visit, so that one sees what is one.
#[test]
fn a_visit_is_the_users_own_and_at_top_level() {
    let open = |window: &str, more: &str| {
        format!("open = {{ window = \"{window}\", url = \"https://a.example/\"{more} }}\n{}", is("suspended"))
    };
    let steps = [
        step(
            "10s",
            &format!("engagement = {{ origin = \"https://a.example\", level = \"none\" }}\n{}", is("suspended")),
        ),
        step("20s", &open("frame", ", frame = \"nested\"")),
        step("30s", &open("popup", ", frame = \"auxiliary\"")),
        step("40s", &open("embedded", ", third_party_of = \"b.example\"")),
        step("50s", &open("fenced", ", fenced = true")),
        step("60s", &format!("open = {{ window = \"b\", url = \"https://b.example/\" }}\n{}", is("suspended"))),
        step("70s", &format!("visit = \"frame\"\n{}", is("suspended"))),
        step("80s", &format!("visit = \"a\"\n{}", is("pending"))),
    ];
    let folder = asked(&steps.concat()).site("b.example", WORKER);
    folder.run().exits(0).prints_in_order(&["the user's engagement with https://a.example is none", "comes back to a"]);
    // A tab that is opened is one, too.
    folder.write_timeline(&format!(
        "{INSTALLED}{OPEN_A}{ASKED}{}{}",
        step("10s", "engagement = { origin = \"https://a.example\", level = \"none\" }\nclose = \"a\""),
        step("20s", &format!("open = {{ window = \"again\", url = \"https://a.example/\" }}\n{}", is("pending"))),
    ));
    folder.run().exits(0);
}

#[test]
fn a_window_that_a_worker_opens_for_a_click_is_a_visit() {
    let worker = "addEventListener('notificationclick', event => event.waitUntil(clients.openWindow('/')));";
    let steps = [
        step(
            "5s",
            "run = { window = \"a\", script = \"navigator.serviceWorker.ready.then(r => r.showNotification('News'))\" }",
        ),
        step("10s", "close = \"a\"\nengagement = { origin = \"https://a.example\", level = \"none\" }"),
        step("20s", &format!("click_notification = {{ title = \"News\" }}\n{}", is("pending"))),
    ];
    let allowed = "[[step]]\nnotifications = { origin = \"https://a.example\", state = \"granted\" }\n";
    Folder::with_site("a.example", worker)
        .timeline(&format!("{allowed}{INSTALLED}{OPEN_A}{ASKED}{}", steps.concat()))
        .run()
        .exits(0)
        .prints("opens https://a.example/  (in window-1)");
}

#[test]
fn what_the_user_pauses_only_the_user_lets_go_on() {
    let pause = |paused| format!("pause = {{ origin = \"https://a.example\", paused = {paused} }}");
    let steps = [
        step("10s", &format!("{}\n{}", pause(true), is("suspended"))),
        step("20s", &format!("visit = \"a\"\n{}", is("suspended"))),
        step("30s", "process = \"close\""),
        step("40s", &is("suspended")),
        step("30h", "expect.events = { worker = \"a\", count = 0 }"),
        step("30h 1min", &format!("{}\n{}", pause(false), is("pending"))),
        step("48h", "expect.events = { worker = \"a\", kind = \"periodic\", count = 1 }"),
    ];
    asked(&steps.concat()).run().exits(0).prints_in_order(&["pauses the periodic", "lets go on the periodic"]);
}

#[test]
fn the_switch_has_two_kinds() {
    let steps = [
        step("10s", &format!("switch = {{ to = \"off\" }}\n{}", is("pending"))),
        step("20s", &format!("switch = {{ to = \"off\", kind = \"periodic\" }}\n{}", is("absent"))),
    ];
    asked(&steps.concat())
        .run()
        .exits(0)
        .prints_in_order(&["switches background sync off", "switches periodic background sync off"]);
}

#[test]
fn what_conditions_hold_back_runs_when_the_user_says_so() {
    let why = |reason: &str| {
        format!("expect.why_not = {{ worker = \"a\", kind = \"periodic\", tag = \"news\", contains = [\"{reason}\"] }}")
    };
    let one_so_far = "expect.events = { worker = \"a\", kind = \"periodic\", count = 1 }";
    let steps = [
        step(
            "10s",
            "network = { online = { metered = true, roaming = true } }\npower = { charging = false, battery_low = true }",
        ),
        step("13h", &why("Unmetered")),
        step("13h", &why("NotRoaming")),
        step("13h", &why("BatteryNotLow")),
        step("14h", "override = { to = \"run_anyway\", kind = \"one_shot\" }\nexpect.no_event = {}"),
        step("15h", "override = { to = \"run_anyway\", kind = \"periodic\", origin = \"https://a.example\" }"),
        step("15h 5min", one_so_far),
        step("16h", "override = { to = \"none\", kind = \"periodic\", origin = \"https://a.example\" }"),
        step("30h", one_so_far),
    ];
    asked(&steps.concat())
        .run()
        .exits(0)
        .prints_in_order(&["online, of another operator, paid by volume", "runs on its battery, which is low"])
        .prints("has what is periodic and waits of https://a.example run whatever it costs");
}

#[test]
fn the_next_browser_remembers_the_permission_and_the_registration() {
    let folder = asked("");
    let store = folder.store();
    folder.run_with_store(&store).exits(0).prints("news (periodic) of https://a.example/ waits for");
    folder.write_timeline(&format!("{OPEN_A}{}", tags("2s", "[\"news\"]")));
    folder.run_with_store(&store).exits(0);
    // What an earlier version wrote is taken, and has nothing of it.
    let file = folder.path("profile/store.permissions.json");
    std::fs::write(&file, "{\"notifications\":[]}").unwrap();
    folder.write_timeline(&format!("{OPEN_A}{}", tags("2s", "[]")));
    folder.run_with_store(&store).exits(0);
}

#[test]
fn a_killed_browser_goes_on_where_the_user_is() {
    let steps = [
        step("5s", "utc_offset = -300"),
        step("10s", "app = { origin = \"https://a.example\", installed = false }"),
        step(
            "20s",
            "permission = { origin = \"https://a.example\", kind = \"periodic\", state = \"granted\" }\nprocess = \"close\"",
        ),
        step("30s", "open = { window = \"a\", url = \"https://a.example/\" }"),
        tags("31s", "[]"),
        step(
            "32s",
            "run = { window = \"a\", script = \"navigator.permissions.query({name: 'periodic-background-sync'}).then(s => s.state)\", gives = '\"granted\"' }",
        ),
    ];
    asked(&steps.concat()).run().exits(0).prints("is where clocks show UTC-05:00");
}

#[test]
fn a_store_with_a_periodic_sync_is_shown() {
    let folder = asked("[[step]]\nat = \"13h\"\n");
    let store = folder.store();
    folder.run_with_store(&store).exits(0);
    let inspect = |more: &[&str]| bgsync([&["inspect", store.to_str().unwrap()], more].concat()).exits(0);
    inspect(&[])
        .prints_in_order(&["  news\n", "kind        periodic\n", "state       pending; 0 of 3 attempts used\n"])
        .prints_in_order(&[
            "registered  2026-01-05 09:00:01 UTC",
            "interval    1h at least; counted from 2026-01-05 21:0",
        ])
        .prints("next        waits for the ");
    let seen: Value = serde_json::from_str(&inspect(&["--json"]).out).unwrap();
    assert_eq!(
        (&seen["kind"], &seen["min_interval"], &seen["max_attempts"], &seen["last_chance"]),
        (&json!("periodic"), &json!(3_600_000), &json!(3), &json!(false))
    );
    let (anchor, at) = (seen["anchor"].as_f64().unwrap(), seen["at"].as_f64().unwrap());
    assert!(anchor > seen["registered_at"].as_f64().unwrap() && anchor <= at, "{seen}");
    assert_eq!(seen["why_not"][0]["reason"], "min_interval", "{seen}");
    assert_eq!(seen["why_not"][0]["until"], seen["not_before"], "{seen}");
    assert_eq!(seen["why_not"][1]["reason"], "unmetered", "a condition has no say in not_before: {seen}");
    let later: Value = serde_json::from_str(&inspect(&["--json", "--at", "+2h"]).out).unwrap();
    assert_eq!(later["why_not"][0]["reason"], "origin_interval", "{later}");
}

#[test]
fn a_program_that_reads_a_run_sees_the_kind() {
    let folder = asked("[[step]]\nat = \"13h\"\n");
    let said = bgsync([std::path::Path::new("run"), &folder.path(""), "--json".as_ref()]).exits(0);
    let objects: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |event: &str| objects.iter().find(|object| object["event"] == event).unwrap();
    for event in ["Registered sync", "Dispatched sync event", "Periodic sync event ended", "Still registered"] {
        assert_eq!((&named(event)["kind"], &named(event)["tag"]), (&json!("periodic"), &json!("news")), "{event}");
    }
    assert_eq!(named("Store loaded")["kind"], Value::Null);
    let details = &named("Still registered")["metadata"];
    assert_eq!((&details["State"], &details["Min Interval (ms)"]), (&json!("pending"), &json!(3_600_000)));
    assert_eq!(details["Why Not"][0]["reason"], "origin_interval", "{details}");
}

#[test]
fn steps_that_make_no_sense() {
    for (step, complaint) in [
        ("utc_offset = 1081", "an offset from UTC of 1081 minutes: at most 1080 either way are allowed"),
        ("utc_offset = -1081", "an offset from UTC of -1081 minutes"),
        ("utc_offset = 70000", "70000"),
        ("utc_offset = \"UTC\"", "invalid type: string \"UTC\""),
        ("app = { origin = \"https://a.example\" }", "missing field `installed`"),
        ("app = { origin = \"a.example\", installed = true }", "not an absolute URL"),
        ("app = { origin = \"https://a.example\", installed = true, icon = 1 }", "unknown field `icon`"),
        (
            "engagement = { origin = \"https://a.example\", level = \"huge\" }",
            "unknown word `huge`; did you mean `high`?",
        ),
        ("engagement = { origin = \"https://a.example\" }", "missing field `level`"),
        ("pause = { origin = \"https://a.example\" }", "missing field `paused`"),
        ("permission = { origin = \"https://a.example\", kind = \"hourly\", state = \"granted\" }", "`hourly`"),
        ("switch = { to = \"off\", kind = \"weekly\" }", "unknown word `weekly`"),
        ("power = { charging = \"yes\" }", "invalid type: string \"yes\", expected a boolean"),
        ("power = { battery = \"low\" }", "unknown field `battery`"),
        ("override = { to = \"always\" }", "unknown word `always`"),
        ("override = { kind = \"periodic\" }", "missing field `to`"),
        ("visit = { origin = \"https://a.example\" }", "invalid type: map"),
    ] {
        Folder::new().timeline(&format!("[[step]]\n{step}\n")).run().exits(2).complains(complaint);
    }
}

#[test]
fn a_visit_of_nothing_or_in_the_systems_sleep() {
    let nothing = "no window `b` is open; there is nothing to come back to";
    asked(&step("10s", "visit = \"b\"")).run().exits(4).complains(nothing);
    let asleep = [step("10s", "system = \"sleep\""), step("20s", "visit = \"a\"")];
    asked(&asleep.concat()).run().exits(4).complains("the system sleeps, and nobody can use it");
}
