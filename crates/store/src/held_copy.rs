use std::{
    fs::File,
    io::{self, Read},
    ops::Bound,
    path::Path,
    sync::OnceLock,
};

use redb::{
    BackendError, DatabaseError, StorageBackend,
    backends::{FileBackend, InMemoryBackend},
};

use crate::files::Files;

/// A file's bytes in memory, to be read, repaired and written as if they were the file, which is never
/// written. Meanwhile the file is locked against its writers, not against others that hold it like this.
///
/// The bytes are read when the first of them is asked for, and redb asks for none before it has its locks.
#[derive(Debug)]
struct HeldCopy {
    file: File,
    locks: FileBackend,
    largest: u64,
    copy: OnceLock<InMemoryBackend>,
}

impl HeldCopy {
    fn of(path: &Path, largest: u64) -> Result<Self, DatabaseError> {
        let file = File::open(path).map_err(redb::StorageError::Io)?;
        let locks = FileBackend::new(file.try_clone().map_err(redb::StorageError::Io)?)?;
        Ok(Self { file, locks, largest, copy: OnceLock::new() })
    }

    fn copy(&self) -> io::Result<&InMemoryBackend> {
        if let Some(copy) = self.copy.get() {
            return Ok(copy);
        }
        if self.file.metadata()?.len() > self.largest {
            let why = format!("it is larger than the {} MiB that are copied to look at it", self.largest >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        }
        let mut bytes = Vec::new();
        (&self.file).take(self.largest).read_to_end(&mut bytes)?;
        let copy = InMemoryBackend::new();
        copy.set_len(bytes.len() as u64)?;
        copy.write(0, &bytes)?;
        Ok(self.copy.get_or_init(|| copy))
    }
}

/// A writer's lock needs the right to write, and a reader's keeps writers out as well.
impl StorageBackend for HeldCopy {
    fn len(&self) -> io::Result<u64> {
        self.copy()?.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let copy = self.copy()?;
        // A file tells its end like this, and to the callers that is damage.
        let end = offset.checked_add(out.len() as u64).filter(|end| copy.len().is_ok_and(|len| *end <= len));
        end.map_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()), |_| copy.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.copy()?.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.copy()?.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.locks.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.locks.try_lock_shared_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.locks.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.locks.lock_shared_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.locks.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.locks.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.locks.query_lock_range(start, end)
    }
}

/// Files that are copied to memory when they are opened, if they are not larger than this, and never
/// written.
pub(crate) struct Copies {
    pub(crate) largest: u64,
}

impl Files for Copies {
    fn open(&self, path: &Path) -> Result<Box<dyn StorageBackend>, DatabaseError> {
        Ok(Box::new(HeldCopy::of(path, self.largest)?))
    }
}
