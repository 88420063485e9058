//! Where a timeline goes on in the next process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::kept_file;

/// What one process of a timeline leaves to the next, beside the store.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Checksum of the timeline it belongs to.
    pub(crate) timeline: u32,
    /// The next step.
    pub(crate) step: usize,
    /// Time of the timeline so far.
    pub(crate) elapsed: Duration,
    /// What the servers keep.
    pub(crate) servers: serde_json::Value,
    /// Mismatches so far.
    pub(crate) mismatches: usize,
    /// Lines of trouble that earlier processes told.
    #[serde(default)]
    pub(crate) trouble: usize,
    /// Processes so far.
    pub(crate) processes: u32,
}

impl Progress {
    pub(crate) fn start(timeline: u32) -> Self {
        let servers = serde_json::Value::Null;
        Self { timeline, step: 0, elapsed: Duration::ZERO, servers, mismatches: 0, trouble: 0, processes: 0 }
    }

    pub(crate) fn path(store: &Path) -> PathBuf {
        let mut name = store.as_os_str().to_owned();
        name.push(".progress.json");
        name.into()
    }

    /// What an earlier process left, if it ran the same timeline.
    pub(crate) fn read(store: &Path, timeline: u32) -> Result<Self, String> {
        let path = Self::path(store);
        let shown = path.display();
        let progress = match kept_file::read::<Self>(&path) {
            Ok(Some(progress)) => progress,
            Ok(None) => return Ok(Self::start(timeline)),
            // Opening the store tells better what is wrong with a place like this.
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Ok(Self::start(timeline)),
            Err(error) if kept_file::is_damage(&error) => {
                return Err(format!("{shown} makes no sense: {error}; remove it to start the timeline again"));
            }
            Err(error) => return Err(format!("{shown} can't be read: {error}")),
        };
        if progress.timeline != timeline {
            return Err(format!(
                "{shown} belongs to another timeline, or this one was changed; remove it to start again, or use another --store"
            ));
        }
        Ok(progress)
    }

    pub(crate) fn write(&self, store: &Path) -> Result<(), String> {
        let path = Self::path(store);
        kept_file::write(&path, self).map_err(|error| format!("{} can't be written: {error}", path.display()))
    }

    pub(crate) fn remove(store: &Path) {
        // It is gone already when the timeline never stopped in between.
        std::fs::remove_file(Self::path(store)).ok();
    }
}
