//! Where an origin's databases are kept.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::rc::Rc;

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

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
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
        let temporary = self.beside(".new");
        let mut file = File::create(&temporary)?;
        file.write_all(snapshot)?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        // The rename itself is durable only once the folder is; not every system lets a folder be synced.
        if let Some(Ok(folder)) = self.path.parent().map(File::open) {
            let synced = folder.sync_all();
            if cfg!(unix) {
                synced?;
            }
        }
        Ok(())
    }

    fn set_aside(&mut self) -> io::Result<String> {
        let free = (1..).map(|n| self.beside(&format!(".corrupt-{n}"))).find(|path| !path.exists());
        let aside = free.unwrap_or_else(|| self.beside(".corrupt"));
        fs::rename(&self.path, &aside)?;
        Ok(aside.display().to_string())
    }
}
