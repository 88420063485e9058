use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read},
    path::Path,
};

use redb::{DatabaseError, StorageBackend, backends::FileBackend};

/// What a store asks of the file system. As it stands it is the system's own; a test that has a disk fail
/// or loses what was not synced puts its own behaviour in the place of some of it.
pub(crate) trait Files: Send {
    /// The file's bytes to read and write. A file that is not there is made.
    fn open(&self, path: &Path) -> Result<Box<dyn StorageBackend>, DatabaseError> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        Ok(Box::new(FileBackend::new(file)?))
    }

    /// Whether what has this name is a file, and not a directory, a pipe or a device.
    fn is_file(&self, path: &Path) -> io::Result<bool> {
        Ok(fs::metadata(path)?.is_file())
    }

    /// The file's length, and its beginning: all of it, if it is not longer than `most`.
    fn read(&self, path: &Path, most: u64) -> io::Result<(u64, Vec<u8>)> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok((length, bytes))
    }

    /// Makes an empty file of this name, or empties the one that has it.
    fn empty(&self, path: &Path) -> io::Result<()> {
        File::create(path).map(drop)
    }

    /// Makes an empty file of this name, which must be free.
    fn make(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).open(path).map(drop)
    }

    /// Lets those read and write a file who may another one.
    fn give_rights(&self, path: &Path, of: &Path) -> io::Result<()> {
        fs::set_permissions(path, fs::metadata(of)?.permissions())
    }

    /// Takes a file's name away.
    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    /// Gives a file a second name. Never replaces a file, and needs no room.
    fn link(&self, path: &Path, second: &Path) -> io::Result<()> {
        fs::hard_link(path, second)
    }

    /// Gives a file another name in one step, taking it from the file that had it.
    fn rename(&self, path: &Path, name: &Path) -> io::Result<()> {
        fs::rename(path, name)
    }

    /// Makes the names in a directory durable.
    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        // Windows has no way to, and opening a directory fails there.
        let Ok(directory) = File::open(directory) else { return Ok(()) };
        match directory.sync_all() {
            // a file system that does not know what it means
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            result => result,
        }
    }
}

/// The system's own files.
pub(crate) struct SystemFiles;

impl Files for SystemFiles {}
