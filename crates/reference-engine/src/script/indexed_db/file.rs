//! Where an origin's databases are kept.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::{fs, io};

use crate::durable;

/// Keeps one origin's snapshot. A snapshot is bytes with their own checksum; the store need not look inside.
pub trait IndexedDbStore {
    /// The snapshot saved last, if any.
    ///
    /// # Errors
    /// When it cannot be read; nothing must be lost then.
    fn load(&mut self) -> io::Result<Option<Vec<u8>>>;

    /// Replaces the snapshot, whole or not at all, durably before it returns.
    ///
    /// # Errors
    /// When it cannot; the old snapshot is still there then.
    fn save(&mut self, snapshot: &[u8]) -> io::Result<()>;

    /// Moves a snapshot that cannot be understood out of the way, kept for people to look at; says where it is now.
    ///
    /// # Errors
    /// When it cannot be moved.
    fn set_aside(&mut self) -> io::Result<String>;
}

/// A snapshot in memory. Clones share it, so that a test can "restart".
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Rc<RefCell<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    current: Option<Vec<u8>>,
    aside: Vec<Vec<u8>>,
}

impl IndexedDbStore for MemoryStore {
    fn load(&mut self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.borrow().current.clone())
    }

    fn save(&mut self, snapshot: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().current = Some(snapshot.to_vec());
        Ok(())
    }

    fn set_aside(&mut self) -> io::Result<String> {
        let mut kept = self.0.borrow_mut();
        let current = kept.current.take();
        kept.aside.extend(current);
        Ok("memory".to_owned())
    }
}

/// A snapshot in a file, replaced by writing a new one beside it, syncing, and renaming.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// Keeps the snapshot at `path`; its folder must exist. Temporary and set-aside files lie beside it.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl IndexedDbStore for FileStore {
    fn load(&mut self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn save(&mut self, snapshot: &[u8]) -> io::Result<()> {
        durable::write(&self.path, snapshot)
    }

    fn set_aside(&mut self) -> io::Result<String> {
        Ok(durable::set_aside(&self.path)?.display().to_string())
    }
}
