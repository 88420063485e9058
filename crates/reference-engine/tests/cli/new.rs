//! `bgsync new`.

use std::ffi::OsStr;

use super::support::{Folder, bgsync, snapshot};

fn new(folder: &Folder, name: &str) -> super::support::Said {
    bgsync([OsStr::new("new"), folder.path(name).as_os_str()])
}

#[test]
fn a_new_folder_can_be_run_at_once() {
    let place = Folder::new();
    new(&place, "one/app")
        .exits(0)
        .prints_in_order(&["wrote ", "app/timeline.toml", "app/app.example/index.html", "app/app.example/sw.js"])
        .prints_in_order(&["bgsync run ", "one/app", "bgsync run --watch ", "bgsync run --help"]);
    bgsync([OsStr::new("run"), place.path("one/app").as_os_str()]).exits(0).prints_in_order(&[
        "note-1 will be sent",
        "closes tab",
        "note-1 is sent",
        "as expected: 1 sync event",
    ]);
}

#[test]
fn an_empty_folder_will_do() {
    let place = Folder::new();
    std::fs::create_dir(place.path("app")).unwrap();
    new(&place, "app").exits(0);
    assert!(place.path("app/timeline.toml").is_file());
}

#[test]
fn nothing_is_written_over() {
    let place = Folder::new().file("full/mine.txt", "mine").file("file", "mine, too");
    let before = snapshot(&place.path(""));
    new(&place, "full").exits(2).complains("full is not empty, and nothing is written over; name a new folder");
    new(&place, "file").exits(2).complains("file is there already, and no folder; name a new one");
    new(&place, "file/app").exits(2).complains("name a new one");
    assert_eq!(snapshot(&place.path("")), before);
    new(&place, "app").exits(0);
    new(&place, "app").exits(2).complains("is not empty");
}

#[cfg(unix)]
#[test]
fn what_could_not_be_written_whole_is_taken_back() {
    let place = Folder::new().file("keep", "me");
    let before = snapshot(&place.path(""));
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg("trap '' XFSZ; ulimit -f 1; exec \"$@\"").arg("sh");
    shell.arg(super::support::command().get_program()).arg("new").arg(place.path("app"));
    super::support::Said::of(&shell.output().unwrap())
        .exits(4)
        .complains("timeline.toml can't be written: ")
        .complains("nothing is left of it");
    assert_eq!(snapshot(&place.path("")), before);
    assert!(!place.path("app").exists());
}
