//! Where an engine keeps what has to outlive it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

use background_sync::policy::{Origin, Partition};
use background_sync::{MemoryStore, SyncStore};
use background_sync_store::{RedbStore, StoreReport};

use super::{EngineError, shown};
use crate::durable;
use crate::script::{Caches, FileStore, IndexedDb, IndexedDbError};

/// A store, and the channel its reports come by, if it makes any.
type OpenedStore = (Box<dyn SyncStore>, Option<Receiver<StoreReport>>);

/// The profile of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Gone with the engine.
    InMemory,
    /// A file for the syncs, with the databases, the caches and the workers beside it.
    File(PathBuf),
}

impl Profile {
    /// The file for the syncs, if there is one.
    #[must_use]
    pub fn store_path(&self) -> Option<&Path> {
        match self {
            Self::InMemory => None,
            Self::File(path) => Some(path),
        }
    }

    /// A file beside the store.
    pub(super) fn beside(&self, suffix: &str) -> Option<PathBuf> {
        let mut name = self.store_path()?.as_os_str().to_owned();
        name.push(suffix);
        Some(name.into())
    }

    /// Opens the store, and gives its reports one by one.
    pub(super) fn open_store(&self) -> Result<OpenedStore, EngineError> {
        match self {
            Self::InMemory => Ok((Box::new(MemoryStore::default()), None)),
            Self::File(path) => {
                let (sender, reports) = channel();
                let store = RedbStore::open(path, move |report| drop(sender.send(report)))
                    .map_err(|error| EngineError::Profile(error.to_string()))?;
                Ok((Box::new(store), Some(reports)))
            }
        }
    }

    /// Opens an origin's databases. Damaged ones are set aside and begin empty; what happened is the
    /// second value.
    pub(super) fn open_databases(&self, partition: Partition, origin: &Origin) -> (IndexedDb, Option<String>) {
        let Some(folder) = self.folder_of(".indexeddb", partition, origin) else {
            return (IndexedDb::in_memory(), None);
        };
        let in_memory =
            |why: String| (IndexedDb::in_memory(), Some(format!("{why}; {origin} goes on without keeping any")));
        if let Err(error) = durable::create_folder(&folder) {
            return in_memory(format!("{} can't be made: {error}", shown(&folder)));
        }
        let path = folder.join("databases");
        let open = || IndexedDb::open(Box::new(FileStore::new(&path)));
        match open() {
            Ok(databases) => (databases, None),
            Err(error @ IndexedDbError::Corrupt { .. }) => {
                (open().unwrap_or_else(|_| IndexedDb::in_memory()), Some(error.to_string()))
            }
            Err(error @ IndexedDbError::Unreadable(_)) => in_memory(format!("{}: {error}", shown(&path))),
        }
    }

    /// Opens an origin's caches. What is damaged is left out; what happened is the second value.
    pub(super) fn open_caches(&self, partition: Partition, origin: &Origin) -> (Caches, Vec<String>) {
        let Some(folder) = self.folder_of(".caches", partition, origin) else {
            return (Caches::in_memory(), Vec::new());
        };
        let folder = folder.join("caches");
        match Caches::open(&folder) {
            Ok((caches, damage)) => (caches, damage.iter().map(ToString::to_string).collect()),
            Err(error) => {
                let why = format!("{}: the origin's caches cannot be read: {error}", shown(&folder));
                (Caches::in_memory(), vec![format!("{why}; {origin} goes on without keeping any")])
            }
        }
    }

    /// Removes all that an origin's databases left on the disk, what was set aside included.
    pub(super) fn forget_databases(&self, partition: Partition, origin: &Origin) -> io::Result<()> {
        forget(self.folder_of(".indexeddb", partition, origin))
    }

    /// Removes all that an origin's caches left on the disk, what was set aside included.
    pub(super) fn forget_caches(&self, partition: Partition, origin: &Origin) -> io::Result<()> {
        forget(self.folder_of(".caches", partition, origin))
    }

    /// One folder for each partition and origin. None for what is not kept.
    fn folder_of(&self, suffix: &str, partition: Partition, origin: &Origin) -> Option<PathBuf> {
        let Partition::Profile(id) = partition else { return None };
        // The scheme begins with a letter, so the number before it ends where it should.
        let mut name = id.0.to_string();
        for byte in origin.as_str().bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => name.push(char::from(byte)),
                other => name.push_str(&format!("%{other:02x}")),
            }
        }
        Some(self.beside(suffix)?.join(name))
    }
}

fn forget(folder: Option<PathBuf>) -> io::Result<()> {
    match folder {
        Some(folder) if folder.exists() => std::fs::remove_dir_all(folder),
        Some(_) | None => Ok(()),
    }
}
