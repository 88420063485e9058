//! Running a folder again and again, whenever it changes.

mod files;
mod folder;

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::args::Playing;
use super::layout::{BOLD, DIM};
use super::out::{complain, line};
use super::progress::Progress;
use super::{Exit, play, processes};
use folder::{Changes, Gone, WatchedFolder};

/// How often a run is asked whether it is over.
const GLANCE: Duration = Duration::from_millis(20);
/// Every so many times the folder is looked at, too.
const GLANCES_A_LOOK: u32 = 10;

/// Runs a folder, and again after every change, until somebody ends it. A change while it runs ends that run.
pub(crate) fn folder(folder: &Path, playing: &Playing) -> io::Result<Exit> {
    let mut watched = match WatchedFolder::open(folder, playing.store.as_deref()) {
        Ok(watched) => watched,
        Err(error) => {
            complain(format!("{} can't be watched: {error}", folder.display()));
            return Ok(Exit::BadInput);
        }
    };
    let watcher = Watcher { folder, playing };
    loop {
        let changes = match watcher.run(&mut watched)? {
            Some(changes) => changes,
            None => {
                let shown = folder.display();
                watcher.say(format!("{DIM}-- watching {shown}: a change runs it again, Ctrl-C ends this --{DIM:#}"))?;
                watched.wait()
            }
        };
        match changes {
            Ok(changes) => watcher.say(format!("\n{BOLD}-- {changes} --{BOLD:#}"))?,
            Err(Gone) => {
                complain(format!("{} is gone, and so is what there was to watch", folder.display()));
                return Ok(Exit::BadInput);
            }
        }
    }
}

struct Watcher<'a> {
    folder: &'a Path,
    playing: &'a Playing,
}

impl Watcher<'_> {
    /// One run, in processes of its own: whatever becomes of them, the watching goes on. What changed, if that
    /// ended it.
    fn run(&self, watched: &mut WatchedFolder) -> io::Result<Option<Result<Changes, Gone>>> {
        // The place outlives a process that is ended early, and would leave it behind.
        let place = match &self.playing.store {
            None if play::wants_a_profile(self.folder) => Some(tempfile::tempdir()?),
            None | Some(_) => None,
        };
        let in_place = place.as_ref().map(|place| place.path().join("profile"));
        let store = self.playing.store.as_deref().or(in_place.as_deref());
        let mut ended_by = None;
        processes::play_with(self.folder, store, self.playing, |child| {
            for glance in (1..=GLANCES_A_LOOK).cycle() {
                if let Some(status) = child.try_wait()? {
                    return Ok(Some(status));
                }
                std::thread::sleep(GLANCE);
                if glance == GLANCES_A_LOOK
                    && let Some(changes) = watched.look()
                {
                    ended_by = Some(changes);
                    break;
                }
            }
            child.kill()?;
            child.wait()?;
            Ok(None)
        });
        if let (Some(_), Some(store)) = (&ended_by, store) {
            // The next run is of another timeline, and begins at its begin.
            Progress::remove(store);
        }
        Ok(ended_by)
    }

    /// Between the runs: beside them for a person, out of the way of a program.
    fn say(&self, text: impl Display) -> io::Result<()> {
        if self.playing.json {
            anstream::eprintln!("{text}");
            return Ok(());
        }
        line(text)
    }
}
