//! A folder whose changes are waited for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::files::Files;

/// How often the folder is looked at. Looking costs little for a site's few files, and works on every file system.
const PAUSE: Duration = Duration::from_millis(200);
/// A save is often several files: it is over when nothing changed for this long.
const QUIET: Duration = Duration::from_millis(100);
/// Whoever writes without a pause is not waited for longer than so many of those.
const MOST_QUIETS: u32 = 20;

/// A folder, and how its files were when it was last looked at.
pub(super) struct WatchedFolder {
    folder: PathBuf,
    /// Its own files count for nothing.
    store: Option<PathBuf>,
    seen: Files,
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
        let store = store.map(Path::to_owned);
        let seen = Files::of(&folder, store.as_deref());
        Ok(Self { folder, store, seen })
    }

    /// Waits for a change, however long it takes.
    pub(super) fn wait(&mut self) -> Result<Changes, Gone> {
        loop {
            if let Some(changes) = self.look() {
                return changes;
            }
            sleep(PAUSE);
        }
    }

    /// What is another way than at the last look, once it is over?
    pub(super) fn look(&mut self) -> Option<Result<Changes, Gone>> {
        let mut now = Files::of(&self.folder, self.store.as_deref());
        if now.differing_from(&self.seen).is_empty() {
            return (!self.folder.is_dir()).then_some(Err(Gone));
        }
        for _ in 0..MOST_QUIETS {
            sleep(QUIET);
            let later = Files::of(&self.folder, self.store.as_deref());
            let over = later.differing_from(&now).is_empty();
            now = later;
            if over {
                break;
            }
        }
        if !self.folder.is_dir() {
            return Some(Err(Gone));
        }
        let before = std::mem::replace(&mut self.seen, now);
        let inside = |path: PathBuf| path.strip_prefix(&self.folder).map(Path::to_owned).unwrap_or(path);
        let changed: Vec<_> = self.seen.differing_from(&before).into_iter().map(inside).collect();
        (!changed.is_empty()).then_some(Ok(Changes(changed)))
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
