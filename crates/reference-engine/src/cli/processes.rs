//! A timeline over as many processes as it takes.

use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::Exit;
use super::args::Playing;
use super::out::complain;
use super::progress::Progress;

/// Tells a process of this command that its standard input is there to end it.
const LEASH: &str = "BGSYNC_LEASH";

/// A timeline that kills its process needs a process to kill: this command again, as often as it takes.
pub(crate) fn play(folder: &Path, playing: &Playing) -> io::Result<Exit> {
    let place = match tempfile::tempdir() {
        Ok(place) => place,
        Err(error) => {
            complain(format!("there is no place for a profile: {error}; give a --store and run it part by part"));
            return Ok(Exit::Stuck);
        }
    };
    let store = place.path().join("profile");
    // It is never ended early.
    Ok(play_with(folder, Some(&store), playing, |child| child.wait().map(Some)).unwrap_or(Exit::Stuck))
}

/// Plays with this store, or with none. `wait` waits for a process, or ends it early and gives none; then there
/// is no exit.
pub(super) fn play_with(
    folder: &Path,
    store: Option<&Path>,
    playing: &Playing,
    mut wait: impl FnMut(&mut Child) -> io::Result<Option<ExitStatus>>,
) -> Option<Exit> {
    let progress = || store.and_then(|store| Progress::read(store, super::play::checksum(folder)?).ok());
    let mut steps = progress().map_or(0, |progress| progress.step);
    loop {
        let status = match start(folder, store, playing).and_then(|mut child| {
            // Waiting closes what the child takes for its leash.
            let leash = child.stdin.take();
            let status = wait(&mut child);
            drop(leash);
            status
        }) {
            Ok(status) => status?,
            Err(error) => {
                complain(format!("the process for it can't be run: {error}; try again"));
                return Some(Exit::Stuck);
            }
        };
        if let Some(exit) = status.code().and_then(Exit::of_code) {
            return Some(exit);
        }
        // Killed as the timeline wants it, it has come further. Otherwise it died of something else, and
        // would do so again.
        match progress() {
            Some(progress) if progress.step > steps => steps = progress.step,
            Some(_) | None => {
                complain(format!("the process died by itself: {status}; please report the timeline"));
                return Some(Exit::Stuck);
            }
        }
    }
}

fn start(folder: &Path, store: Option<&Path>, playing: &Playing) -> io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("run").arg(folder).env(LEASH, "1").stdin(Stdio::piped());
    if let Some(store) = store {
        command.arg("--store").arg(store);
    }
    command.args(playing.real_time.then_some("--real-time")).args(playing.json.then_some("--json"));
    command.args(playing.strict.then_some("--strict"));
    command.spawn()
}

/// Ends this process with the one that started it, if that was this command, and however it went.
pub(super) fn mind_the_leash() {
    if std::env::var_os(LEASH).is_none() {
        return;
    }
    std::thread::spawn(|| {
        // Nobody writes to it: it ends when whoever holds the other end does.
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        std::process::exit(Exit::Stuck.code().into());
    });
}
