//! Timelines and folders that make no sense.

use super::support::{Folder, GOOD_WORKER, OPEN_A, bgsync};

#[test]
fn a_folder_without_a_timeline() {
    Folder::new().run().exits(2).complains("timeline.toml can't be read: No such file").complains("bgsync run --help");
}

#[test]
fn the_file_of_a_timeline_is_no_folder() {
    let folder = Folder::new().timeline(OPEN_A);
    let file = folder.path("timeline.toml");
    bgsync(["run", file.to_str().unwrap()]).exits(2).complains("is a file; name the folder that it is in");
}

#[test]
fn a_timeline_without_steps_is_no_success() {
    Folder::new()
        .file("timeline.toml", "title = \"x\"\n")
        .run()
        .exits(2)
        .complains("timeline.toml: there is no [[step]]");
}

#[test]
fn nothing_is_no_json() {
    let run = "[[step]]\nrun = { window = \"a\", script = \"1\", gives = \"\" }\n";
    Folder::new().timeline(run).run().exits(2).complains("`gives` is JSON, and `` is none");
}

#[test]
fn a_timeline_that_is_no_toml() {
    Folder::new().file("timeline.toml", "title = \"x\"\n[[step\n").run().exits(2).complains("timeline.toml:2:7: ");
}

#[test]
fn a_timeline_with_an_unknown_word() {
    Folder::new()
        .file("timeline.toml", "title = \"x\"\n[[step]]\nopne = 1\n")
        .run()
        .exits(2)
        .complains("timeline.toml:3:1: unknown field `opne`; did you mean `open`?");
}

#[test]
fn a_timeline_that_goes_backwards() {
    Folder::new()
        .file("timeline.toml", "title = \"x\"\n[[step]]\nat = \"2s\"\n[[step]]\nat = \"1s\"\n")
        .run()
        .exits(2)
        .complains("timeline.toml:4:1: this step is at 1s, the one before it at 2s");
}

#[test]
fn a_timeline_in_which_no_script_can_run() {
    Folder::new()
        .timeline("[[step]]\nlimits = { entry_time = \"0s\" }\n")
        .run()
        .exits(2)
        .complains("timeline.toml:10: no script can run in no time; give `entry_time` some");
}

#[test]
fn a_page_that_is_not_there_names_the_file_to_write() {
    let folder = Folder::new().timeline(OPEN_A);
    let file = folder.path("a.example/index.html");
    folder.run().exits(4).complains(&format!("https://a.example/ has no page; write {}", file.display()));
}

#[test]
fn a_script_of_a_page_that_is_not_there_does_not_stop_the_others() {
    let page = "<script src=gone.js></script>\n<script>\nthrow new Error('first')\n</script><script>console.log('second')</script>";
    Folder::new()
        .file("a.example/index.html", page)
        .timeline(&format!("{OPEN_A}expect_console = \"second\"\n"))
        .run()
        .exits(0)
        .prints("the page's script gone.js is not there")
        .prints("https://a.example/:3: Error: first");
}

#[test]
fn a_step_in_a_window_that_is_not_open_says_which_step() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    folder.write("timeline.toml", "title = \"x\"\n[[step]]\n[[step]]\nrun = { window = \"tab\", script = \"1\" }\n");
    folder.run().exits(4).complains("timeline.toml:3: no window `tab` is open; open it in an earlier step");
    folder.write("timeline.toml", "title = \"x\"\n[[step]]\nclose = \"tab\"\n");
    folder.run().exits(4).complains("timeline.toml:2: no window `tab` is open; there is nothing to close");
    folder.write_timeline(&OPEN_A.repeat(2));
    folder.run().exits(4).complains("a window `a` is open already; close it first");
}

#[test]
fn a_page_that_is_no_page() {
    let folder = Folder::with_site("a.example", GOOD_WORKER).timeline(&OPEN_A.replace("https", "ftp"));
    folder.run().exits(4).complains("pages are https or http here, not ftp");
}

#[test]
fn nobody_uses_a_system_that_sleeps() {
    Folder::with_site("a.example", GOOD_WORKER)
        .timeline(&format!("[[step]]\nsystem = \"sleep\"\n{OPEN_A}"))
        .run()
        .exits(4)
        .complains("the system sleeps, and nobody can use it; wake it in an earlier step");
}

#[test]
fn a_server_nobody_wrote_down() {
    Folder::with_site("a.example", GOOD_WORKER)
        .timeline(&format!(
            "{OPEN_A}run = {{ window = \"a\", script = \"fetch('https://c.example/')\", fails = \"no such server\" }}"
        ))
        .run()
        .exits(0)
        .prints("the timeline has no such server  (add a folder c.example/ with files, or a step with `server`)");
}

#[test]
fn runs_that_can_never_be_as_expected() {
    let run = |rest: &str| {
        let step = format!("[[step]]\nrun = {{ window = \"a\", script = \"1\", {rest} }}\n");
        Folder::with_site("a.example", GOOD_WORKER).timeline(&format!("{OPEN_A}{step}")).run()
    };
    run("gives = \"1\", fails = \"x\"").exits(2).complains(":12: `1` either `gives` or `fails`; leave one out");
    run("gives = \"one\"").exits(2).complains(":12: `gives` is JSON, and `one` is none");
    run("gives = \"2\"").exits(1).prints("expected `1` to give 2").prints("found it gives 1");
    run("fails = \"x\"").exits(1).prints("expected `1` to fail with x");
}

#[test]
fn options_in_front_of_a_command_are_not_swallowed() {
    bgsync(["--json", "demo"]).exits(2).complains("cannot be used with");
    bgsync(["--jsno"]).exits(2).complains("--json");
}

#[test]
fn help_is_there_for_every_command() {
    bgsync(["--help"]).exits(0).prints("Exit codes:").prints("simulate");
    bgsync(["run", "--help"]).exits(0).prints("A timeline:").prints("expect.registration").prints("Exit codes:");
    bgsync(["check", "--help"]).exits(0).prints("A fixture:").prints("Exit codes:");
    bgsync(["demo", "--help"]).exits(0).prints("Exit codes:");
    bgsync(["simulate", "--help"]).exits(0).prints("--seed <SEED>");
}
