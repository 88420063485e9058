//! A folder whose changes are waited for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::files::Files;

/// A save is several events, and often several files: it is over when nothing came for this long.
const QUIET: Duration = Duration::from_millis(100);
/// Whoever writes without a pause is not waited for longer than so many pauses.
const MOST_PAUSES: u32 = 20;

/// A folder, and how its files were when it was last looked at.
pub(super) struct WatchedFolder {
    folder: PathBuf,
    /// Its own files count for nothing.
    store: Option<PathBuf>,
    seen: Files,
    events: Receiver<notify::Result<Event>>,
    /// Watches as long as it lives.
    _watcher: RecommendedWatcher,
}

/// The files that changed since the last look.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changes(Vec<PathBuf>);

/// The folder is not there any more.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone;

impl WatchedFolder {
    pub(super) fn open(folder: &Path, store: Option<&Path>) -> Result<Self, String> {
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        if !folder.is_dir() {
            return Err("it is no folder; name the one that holds the timeline.toml".to_owned());
        }
        let (sender, events) = channel();
        // Nobody listens any more when this can't be sent.
        let tell = move |event| drop(sender.send(event));
        let mut watcher = notify::recommended_watcher(tell).map_err(|error| error.to_string())?;
        watcher.watch(&folder, RecursiveMode::Recursive).map_err(|error| error.to_string())?;
        let store = store.map(Path::to_owned);
        let seen = Files::of(&folder, store.as_deref());
        Ok(Self { folder, store, seen, events, _watcher: watcher })
    }

    /// Waits for a change, however long it takes.
    pub(super) fn wait(&mut self) -> Result<Changes, Gone> {
        loop {
            match self.events.recv() {
                Ok(event) if counts(&event) => {}
                Ok(_) => continue,
                Err(_) => return Err(Gone),
            }
            if let Some(changes) = self.look() {
                return changes;
            }
        }
    }

    /// Waits for a change, but not longer than this.
    pub(super) fn glance(&mut self, longest: Duration) -> Option<Result<Changes, Gone>> {
        match self.events.recv_timeout(longest) {
            Ok(event) if counts(&event) => self.look(),
            Ok(_) | Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(Gone)),
        }
    }

    /// Something happened: what is another way now, once it is over? Much of what happens changes nothing.
    fn look(&mut self) -> Option<Result<Changes, Gone>> {
        for _ in 0..MOST_PAUSES {
            if self.events.recv_timeout(QUIET).is_err() {
                break;
            }
            while self.events.try_recv().is_ok() {}
        }
        if !self.folder.is_dir() {
            return Some(Err(Gone));
        }
        let now = Files::of(&self.folder, self.store.as_deref());
        let before = std::mem::replace(&mut self.seen, now);
        let changed = self.seen.differing_from(&before);
        let inside = |path: PathBuf| path.strip_prefix(&self.folder).map(Path::to_owned).unwrap_or(path);
        let changed: Vec<_> = changed.into_iter().map(inside).collect();
        (!changed.is_empty()).then_some(Ok(Changes(changed)))
    }
}

/// Reading is no change, and every run reads.
fn counts(event: &notify::Result<Event>) -> bool {
    match event {
        Ok(event) => !matches!(event.kind, EventKind::Access(_)),
        // Something may have been missed.
        Err(_) => true,
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.0.first() else { return f.write_str("nothing changed") };
        write!(f, "{}", first.display())?;
        match self.0.len() {
            1 => {}
            2 => f.write_str(" and another file")?,
            more => write!(f, " and {} other files", more - 1)?,
        }
        f.write_str(" changed")
    }
}
