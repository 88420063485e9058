//! `bgsync run --watch`.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::support::{Folder, GOOD_WORKER, OPEN_A, Said, bgsync, command};

/// Longer than anything here takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than anything here prints.
const MOST_LINES: usize = 1_000;
const WATCHING: &str = "a change runs it again";

/// A command that watches, and every line that it has printed so far.
struct Watching {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
    seen: Vec<String>,
}

fn lines_of(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    lines
}

impl Watching {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let mut command = command();
        command.arg("run").arg("--watch").arg(folder).args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (out, err) = (lines_of(child.stdout.take().unwrap()), lines_of(child.stderr.take().unwrap()));
        Self { child, out, err, seen: Vec::new() }
    }

    /// Waits for a line with this text.
    #[track_caller]
    fn prints(&mut self, text: &str) {
        loop {
            match self.out.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("no {text:?}: {error}; but\n{}", self.seen.join("\n")),
            }
            if self.seen.last().is_some_and(|line| line.contains(text)) {
                return;
            }
            assert!(self.seen.len() < MOST_LINES, "it runs for ever without {text:?}");
        }
    }

    /// Waits for one on standard error.
    #[track_caller]
    fn complains(&mut self, text: &str) {
        while !self.err.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("no {text:?}: {error}")).contains(text) {}
    }

    fn count(&self, text: &str) -> usize {
        self.seen.iter().filter(|line| line.contains(text)).count()
    }

    #[track_caller]
    fn exits(mut self, code: i32) {
        // Whoever still waits has a line that ends.
        while self.out.recv_timeout(PATIENCE).is_ok() {}
        assert_eq!(self.child.wait().unwrap().code(), Some(code));
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn folder() -> Folder {
    Folder::with_site("a.example", GOOD_WORKER).timeline(&format!(
        "{OPEN_A}[[step]]\nat = \"1s\"\nnetwork = \"offline\"\nrun = {{ window = \"a\", script = \"ask('t')\" }}\n"
    ))
}

#[test]
fn every_save_is_one_more_run() {
    let folder = folder();
    let mut watching = Watching::start(&folder.path(""), &[]);
    watching.prints("as expected");
    watching.prints(WATCHING);
    folder.write("a.example/sw.js", "console.log('second worker');");
    watching.prints("-- a.example/sw.js changed --");
    watching.prints("second worker");
    watching.prints(WATCHING);
    folder.write("b.example/index.html", "new");
    watching.prints("-- b.example/index.html changed --");
    watching.prints(WATCHING);
    std::fs::remove_file(folder.path("b.example/index.html")).unwrap();
    watching.prints("-- b.example/index.html changed --");
    watching.prints(WATCHING);
    assert_eq!(watching.count("A test"), 4, "{:#?}", watching.seen);
}

#[test]
fn a_timeline_that_makes_no_sense_and_one_that_fails_do_not_end_it() {
    let folder = folder();
    let good = std::fs::read_to_string(folder.path("timeline.toml")).unwrap();
    folder.write("timeline.toml", "title = \"x\"\n[[step]]\nat = = 3\n");
    let mut watching = Watching::start(&folder.path(""), &[]);
    watching.complains("timeline.toml:3:6: ");
    watching.prints(WATCHING);
    std::fs::remove_file(folder.path("timeline.toml")).unwrap();
    watching.complains("timeline.toml can't be read");
    watching.prints(WATCHING);
    folder.write("timeline.toml", &format!("{good}expect_console = \"nonsense\"\n"));
    watching.prints("1 not as expected");
    folder.write("timeline.toml", &good);
    watching.prints("as expected: 0 sync events");
    watching.prints(WATCHING);
}

#[test]
fn a_timeline_that_kills_its_process() {
    let folder = folder();
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"1s\"\nprocess = \"kill\"\n[[step]]\nat = \"2s\"\n"));
    let in_it = folder.path("store");
    for more in [&[][..], &["--store", in_it.to_str().unwrap()]] {
        let mut watching = Watching::start(&folder.path(""), more);
        for change in ["1", "2"] {
            watching.prints("the process is killed");
            watching.prints("process 2 goes on");
            watching.prints("as expected");
            watching.prints(WATCHING);
            folder.write("a.example/more.js", &change.repeat(more.len() + 1));
            watching.prints("-- a.example/more.js changed --");
        }
    }
    assert!(in_it.exists());
}

#[test]
fn a_store_in_the_folder_is_no_change_of_it() {
    let folder = folder();
    let store = folder.path("kept");
    let mut watching = Watching::start(&folder.path(""), &["--store", store.to_str().unwrap()]);
    watching.prints("Store loaded  (Count: 0");
    watching.prints(WATCHING);
    folder.write_timeline("[[step]]\nnetwork = \"offline\"\n");
    watching.prints("-- timeline.toml changed --");
    watching.prints("Store loaded  (Count: 1");
    watching.prints(WATCHING);
    folder.write("a.example/more.js", "");
    watching.prints("-- a.example/more.js changed --");
    watching.prints(WATCHING);
    assert_eq!(watching.count("A test"), 3, "{:#?}", watching.seen);
}

#[test]
fn a_change_ends_a_run_that_goes_on() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"2h\"\n"));
    let store = folder.store();
    let mut watching = Watching::start(&folder.path(""), &["--real-time", "--store", store.to_str().unwrap()]);
    watching.prints("is active");
    folder.write_timeline(OPEN_A);
    watching.prints("-- timeline.toml changed --");
    watching.prints("as expected");
    watching.prints(WATCHING);
}

#[test]
fn nothing_outlives_a_watcher_that_is_killed() {
    let folder = Folder::with_site("a.example", GOOD_WORKER);
    folder.write_timeline(&format!("{OPEN_A}[[step]]\nat = \"2h\"\n"));
    let store = folder.store();
    let mut watching = Watching::start(&folder.path(""), &["--real-time", "--store", store.to_str().unwrap()]);
    watching.prints("is active");
    let looks = || bgsync(["inspect".as_ref(), store.as_os_str()]);
    looks().exits(3).complains("it is in use");
    drop(watching);
    let free = |_: &u32| {
        std::thread::sleep(Duration::from_millis(20));
        looks().code == Some(0)
    };
    assert!((0..3_000).any(|n| free(&n)), "the run goes on and has the store");
}

#[test]
fn a_program_reads_nothing_but_objects() {
    let folder = folder();
    let mut watching = Watching::start(&folder.path(""), &["--json"]);
    watching.complains(WATCHING);
    folder.write("a.example/more.js", "");
    watching.complains("-- a.example/more.js changed --");
    watching.complains(WATCHING);
    watching.prints("Store loaded");
    watching.prints("Store loaded");
    for line in &watching.seen {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
}

#[test]
fn what_cannot_be_watched() {
    let folder = Folder::new().file("file", "");
    let watch = |name: &str| {
        let path = folder.path(name);
        let output = command().arg("run").arg("--watch").arg(&path).output().unwrap();
        Said::of(&output).exits(2).complains(&format!("{} can't be watched: ", path.display()))
    };
    watch("gone").complains("No such file");
    watch("file").complains("it is no folder; name the one that holds the timeline.toml");
}

#[test]
fn a_folder_that_goes_away_ends_it() {
    let place = Folder::new();
    let path = place.path("app");
    bgsync(["new".as_ref(), path.as_os_str()]).exits(0);
    let mut watching = Watching::start(&path, &[]);
    watching.prints(WATCHING);
    std::fs::remove_dir_all(&path).unwrap();
    watching.complains("is gone, and so is what there was to watch");
    watching.exits(2);
}
