//! `bgsync check`.

use super::support::{Folder, Said, bgsync};

const GOOD: &str = r#"
title = "A window is open"
[[worker]]
name = "chat"
scope = "https://chat.example/"
[[step]]
windows = { origin = "https://chat.example", top_level = 1 }
register = { worker = "chat", tag = "outbox", id = "first" }
expect.reply = { to = "first", ok = true }
"#;

fn wrong() -> String {
    GOOD.replace("ok = true", "error = \"NotAllowedError\"").replace("A window is open", "No it is not")
}

fn check(folder: &Folder, more: &[&str]) -> Said {
    let path = folder.path("");
    bgsync([&["check", path.to_str().unwrap()], more].concat())
}

#[test]
fn good_fixtures_pass() {
    let folder = Folder::new().file("one.toml", GOOD).file("more/two.toml", GOOD).file("more/readme.md", "no");
    check(&folder, &[]).exits(0).prints("A window is open: 1 steps, as expected").prints("2 passed, 0 failed");
}

#[test]
fn a_difference_is_readable_and_the_others_are_run() {
    let folder = Folder::new().file("a-wrong.toml", &wrong()).file("b-good.toml", GOOD);
    check(&folder, &[])
        .exits(1)
        .prints_in_order(&["a-wrong.toml: No it is not: 1 not as expected", "a-wrong.toml:9:8, at 0s:"])
        .prints_in_order(&["expected reply = ", "NotAllowedError", "found    Registered(Ok(()))"])
        .prints("1 passed, 1 failed");
}

#[test]
fn a_file_that_is_no_toml_is_named_with_line_and_column() {
    let folder = Folder::new().file("a-bad.toml", "title = \"x\"\n[[step]]\nat = = 3\n").file("b-good.toml", GOOD);
    check(&folder, &[]).exits(2).complains("a-bad.toml:3:6: ").prints("1 passed, 0 failed, 1 unusable");
}

#[test]
fn an_unknown_word_is_named_with_what_was_meant() {
    let folder = Folder::new().file("bad.toml", "title = \"x\"\n[[step]]\nnetwrk = \"offline\"\n");
    check(&folder, &[]).exits(2).complains("bad.toml:3:1: unknown field `netwrk`; did you mean `network`?");
}

#[test]
fn a_missing_file_does_not_keep_the_others_from_running() {
    let folder = Folder::new().file("good.toml", GOOD);
    let (missing, good) = (folder.path("missing.toml"), folder.path("good.toml"));
    bgsync(["check", missing.to_str().unwrap(), good.to_str().unwrap()])
        .exits(2)
        .complains("missing.toml can't be read: No such file")
        .prints("1 passed, 0 failed, 1 unusable");
}

#[test]
fn a_timeline_with_pages_belongs_to_another_command() {
    let pages = "title = \"x\"\n[[step]]\nopen = { window = \"a\", url = \"https://a.example/\" }\n";
    check(&Folder::new().file("pages.toml", pages), &[]).exits(2).complains("bgsync run FOLDER");
    let said = check(&Folder::new().file("bad.toml", &format!("{GOOD}\n[[step]]\nnetwrk = 1\n")), &[]).exits(2);
    assert!(!said.err.contains("bgsync run"), "{}", said.err);
}

#[test]
fn an_empty_folder_is_no_success() {
    check(&Folder::new(), &[]).exits(2).complains("there is no .toml file in this folder").prints("0 passed");
}

#[test]
fn a_program_gets_an_object_for_every_file() {
    let folder = Folder::new().file("a.toml", &wrong()).file("b.toml", GOOD).file("c.toml", "=");
    let said = check(&folder, &["--json"]).exits(2);
    let objects: Vec<serde_json::Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let passed: Vec<_> = objects.iter().map(|object| object["passed"].as_bool().unwrap()).collect();
    assert_eq!(passed, [false, true, false]);
    assert_eq!((&objects[0]["failures"][0]["line"], &objects[0]["failures"][0]["column"]), (&9.into(), &8.into()));
    assert!(objects[2]["error"].as_str().unwrap().contains("c.toml:1:1"), "{}", objects[2]);
}

#[test]
fn files_are_asked_for() {
    bgsync(["check"]).exits(2).complains("<FILES>");
}
