//! Time that passes as it does, and readers that do not listen.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use super::support::{Folder, GOOD_WORKER, OPEN_A, Said, command};

/// Runs in real time until a line with each of the texts was printed, in this order. The timeline would go on.
pub(crate) fn until(folder: &Folder, more: &[&str], texts: &[&str]) -> Child {
    let mut command = command();
    command.arg("run").arg(folder.path("")).arg("--real-time").args(more).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for text in texts {
        assert!(lines.any(|line| line.unwrap().contains(text)), "no {text:?} before the end");
    }
    child
}

pub(crate) fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn things_happen_and_are_shown_between_steps() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    folder.write(
        "a.example/index.html",
        "<script>navigator.serviceWorker.register('sw.js');\n\
         setTimeout(async () => (await navigator.serviceWorker.ready).sync.register('later'), 200);</script>",
    );
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"2h\"\n"));
    let store = folder.store();
    let texts =
        ["opens", "Registered sync: later", "Dispatched sync event: later", "got later", "Sync completed: later"];
    kill(until(&folder, &["--store", store.to_str().unwrap()], &texts));
}

#[test]
fn a_step_is_done_when_the_disk_is() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    folder.write_timeline(&format!(
        "{OPEN_A}[[step]]\nat = \"100ms\"\nnetwork = \"offline\"\nrun = {{ window = \"a\", script = \"ask('t').then(tags)\", gives = '[\"t\"]' }}\n"
    ));
    let store = folder.store();
    let mut command = command();
    command.arg("run").arg(folder.path("")).arg("--real-time").arg("--store").arg(&store);
    let said = Said::of(&command.output().unwrap()).exits(0).prints("1 still registered");
    said.prints("still registered:\n  t of https://a.example/ waits for a network\n");
}

#[test]
fn a_store_in_use_is_refused_and_its_owner_goes_on() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"2h\"\n"));
    let store = folder.store();
    let mut owner = until(&folder, &["--store", store.to_str().unwrap()], &["is active"]);
    folder.run_with_store(&store).exits(3).complains("it is in use; close the other program").prints_no("opens");
    assert!(owner.try_wait().unwrap().is_none(), "the owner goes on");
    kill(owner);
    folder.run_with_store(&store).exits(0).prints("as expected");
}

#[test]
fn a_reader_that_went_away_ends_it_quietly() {
    let mut child = command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let said = Said::of(&child.wait_with_output().unwrap()).exits(0);
    assert_eq!(said.err, "");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_said() {
    for args in [&["demo", "chat"][..], &["demo"], &["simulate", "--runs", "1", "--steps", "5"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command().args(args).stdout(full).output().unwrap();
        Said::of(&output).exits(4).complains("the output can't be written: No space left on device");
    }
}
