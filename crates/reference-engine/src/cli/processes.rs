//! A timeline over as many processes as it takes.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Exit;
use super::args::Playing;
use super::out::complain;
use super::progress::Progress;

/// A timeline that kills its process needs a process to kill: this command again, as often as it takes.
pub(crate) fn play(folder: &Path, timeline: u32, playing: &Playing) -> io::Result<Exit> {
    let (place, executable) = match (tempfile::tempdir(), std::env::current_exe()) {
        (Ok(place), Ok(executable)) => (place, executable),
        (Err(error), _) | (_, Err(error)) => {
            complain(format!("no process of its own can be started: {error}; give a --store and run it part by part"));
            return Ok(Exit::Stuck);
        }
    };
    let store = place.path().join("profile");
    let mut steps = 0;
    loop {
        let mut command = Command::new(&executable);
        command.arg("run").arg(folder).arg("--store").arg(&store).stdin(Stdio::null());
        command.args(playing.real_time.then_some("--real-time")).args(playing.json.then_some("--json"));
        let status = match command.status() {
            Ok(status) => status,
            Err(error) => {
                complain(format!("{} can't be started: {error}", executable.display()));
                return Ok(Exit::Stuck);
            }
        };
        if let Some(exit) = status.code().and_then(Exit::of_code) {
            return Ok(exit);
        }
        // Killed as the timeline wants it, it has come further. Otherwise it died of something else, and
        // would do so again.
        match Progress::read(&store, timeline) {
            Ok(progress) if progress.step > steps => steps = progress.step,
            Ok(_) | Err(_) => {
                complain(format!("the process died by itself: {status}; please report the timeline"));
                return Ok(Exit::Stuck);
            }
        }
    }
}
