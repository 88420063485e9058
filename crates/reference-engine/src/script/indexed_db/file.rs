//! Where an origin's databases are kept.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::rc::Rc;

use crate::durable;

/// Keeps one origin's databases. They are bytes with their own checksums; the store need not look inside.
pub trait IndexedDbStore {
    /// All that was stored, if anything was.
    ///
    /// # Errors
    /// When it cannot be read; nothing must be lost then.
    fn load(&mut self) -> io::Result<Option<Vec<u8>>>;

    /// Replaces all, whole or not at all, durably before it returns.
    ///
    /// # Errors
    /// When it cannot; what was there is still there then.
    fn replace(&mut self, all: &[u8]) -> io::Result<()>;

    /// Adds to the end, durably before it returns. False when that cannot be done and [`replace`](Self::replace) can:
    /// what is there is not what was stored last, or nobody knows.
    ///
    /// # Errors
    /// When it cannot be done at present. Nothing of it is there then, or the next call says false.
    fn append(&mut self, more: &[u8]) -> io::Result<bool>;

    /// Keeps a copy of what is there, for people to look at; says where.
    ///
    /// # Errors
    /// When it cannot.
    fn keep_aside(&mut self) -> io::Result<String>;
}

/// Databases in memory. Clones share them, so that a test can "restart".
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

    fn replace(&mut self, all: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().current = Some(all.to_vec());
        Ok(())
    }

    fn append(&mut self, more: &[u8]) -> io::Result<bool> {
        let mut kept = self.0.borrow_mut();
        let Some(current) = kept.current.as_mut() else { return Ok(false) };
        current.extend_from_slice(more);
        Ok(true)
    }

    fn keep_aside(&mut self) -> io::Result<String> {
        let mut kept = self.0.borrow_mut();
        let current = kept.current.clone();
        kept.aside.extend(current);
        Ok("memory".to_owned())
    }
}

/// Databases in a file: added to at its end, or replaced by writing a new one beside it, syncing, and renaming.
///
/// After a sync that failed nobody knows what is on the disk, so the file is replaced before anything else is stored.
/// The same goes for one that is not as long as it was left: somebody else has changed, replaced or removed it.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    /// Where what was stored ends, if what is there is known.
    end: Option<u64>,
}

impl FileStore {
    /// Keeps databases at `path`; its folder must exist. Temporary and set-aside files lie beside it.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), end: None }
    }

    /// The file, if it is as it was left.
    fn as_left(&self) -> io::Result<Option<(File, u64)>> {
        let Some(end) = self.end else { return Ok(None) };
        match File::options().append(true).open(&self.path) {
            Ok(file) => Ok((file.metadata()?.len() == end).then_some((file, end))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl IndexedDbStore for FileStore {
    fn load(&mut self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(bytes) => {
                self.end = Some(bytes.len() as u64);
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn replace(&mut self, all: &[u8]) -> io::Result<()> {
        self.end = None;
        durable::write(&self.path, all)?;
        self.end = Some(all.len() as u64);
        Ok(())
    }

    fn append(&mut self, more: &[u8]) -> io::Result<bool> {
        let Some((mut file, end)) = self.as_left()? else { return Ok(false) };
        self.end = None;
        if let Err(error) = file.write_all(more) {
            // A full disk, mostly: what did arrive is taken off again.
            self.end = file.set_len(end).is_ok().then_some(end);
            return Err(error);
        }
        if let Err(error) = file.sync_data() {
            drop(file.set_len(end));
            return Err(error);
        }
        self.end = Some(end + more.len() as u64);
        Ok(true)
    }

    fn keep_aside(&mut self) -> io::Result<String> {
        Ok(durable::keep_aside(&self.path)?.display().to_string())
    }
}
