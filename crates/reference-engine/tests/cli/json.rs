//! Output for programs.

use std::path::Path;

use serde_json::Value;

use super::support::{Folder, GOOD_WORKER, OPEN_A, bgsync};

const FIELDS: [&str; 8] = ["at", "event", "instance_id", "kind", "metadata", "origin", "scope", "tag"];

fn objects(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[track_caller]
fn has_the_promised_fields(object: &Value) {
    let mut fields: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, FIELDS, "{object}");
    assert!(object["at"].as_f64().is_some_and(|at| at > 1_700_000_000.0), "{object}");
    assert!(object["event"].is_string() && object["metadata"].is_object(), "{object}");
}

#[test]
fn every_line_is_an_object_of_the_promised_fields() {
    let objects = objects(&bgsync(["demo", "chat-killed", "--json"]).exits(0).out);
    objects.iter().for_each(has_the_promised_fields);
    let named = |event: &str| objects.iter().filter(|object| object["event"] == event).count();
    assert_eq!((named("Registered sync"), named("Dispatched sync event"), named("Sync completed")), (1, 2, 1));
    let dispatched = objects.iter().find(|object| object["event"] == "Dispatched sync event").unwrap();
    assert_eq!(dispatched["origin"], "https://chat.example");
    assert_eq!(dispatched["scope"], "https://chat.example/");
    assert_eq!(dispatched["tag"], "outbox");
    assert_eq!(dispatched["metadata"]["Last Chance"], "No");
    let killed = |object: &&Value| object["metadata"]["What"] == "the process is killed";
    assert_eq!(objects.iter().filter(killed).count(), 2);
}

#[test]
fn a_person_is_spared_what_is_said_over_and_over_and_a_program_is_not() {
    let many = |count| {
        let script = format!("Promise.all(Array.from({{length: {count}}}, (_, n) => ask('tag ' + n)))");
        let run = format!("run = {{ window = \"a\", script = {script:?} }}");
        let steps = format!("{OPEN_A}[[step]]\nat = \"1s\"\nnetwork = \"offline\"\n{run}\n");
        Folder::with_site("a.example", GOOD_WORKER).timeline(&steps)
    };
    many(10).run().exits(0).prints("Registered sync: tag 9").prints_no("more like this");
    let eleven = many(11);
    let line = "\n                          ... and 8 more like this\n";
    eleven.run().exits(0).prints("Registered sync: tag 2").prints(line).prints_no("Registered sync: tag 3");
    let out = bgsync([Path::new("run"), &eleven.path(""), Path::new("--json")]).exits(0).out;
    let registered = objects(&out).iter().filter(|object| object["event"] == "Registered sync").count();
    assert_eq!(registered, 11);
}

#[test]
fn bodies_are_whole_and_mismatches_are_objects_too() {
    let text = "x".repeat(1_000);
    let folder = Folder::with_site("a.example", GOOD_WORKER).timeline(&format!(
        "{OPEN_A}[[step]]\nrun = {{ window = \"a\", script = \"console.log('{text}')\" }}\nexpect_console = \"nonsense\"\n"
    ));
    let said = bgsync(["run".as_ref(), folder.path("").as_os_str(), "--json".as_ref()]).exits(1);
    let objects = objects(&said.out);
    objects.iter().for_each(has_the_promised_fields);
    assert!(objects.iter().any(|object| object["metadata"]["What"] == text.as_str()));
    let wrong = objects.iter().find(|object| object["event"] == "Not as expected").unwrap();
    assert_eq!(wrong["metadata"]["Expected"], "a line with \"nonsense\"");
    assert!(wrong["metadata"]["Place"].as_str().unwrap().contains("timeline.toml:"), "{wrong}");
    // For people the same line is shortened.
    folder.run().exits(1).prints("xxx…").prints_no(&text);
}
