//! A look at a file's format before it is opened for good: redb writes to a file when it opens and closes it, and
//! one of a newer format is to stay byte for byte as it is.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use redb::{ConcurrencyMode, Database, StorageBackend};

use crate::{
    contained::contained,
    layer::{Layer, Layered},
    place::{Format, format_of},
    rescue::{REDB_FLAGS, REDB_NEEDS_REPAIR},
};

/// The format of a file that is of a newer one than this program knows. `None` of any other, and of one that
/// cannot be read as it is: whoever opens it for good will find out why.
pub(crate) fn newer_format(file: Box<dyn StorageBackend>) -> Option<u32> {
    let format = contained(|| {
        let mut builder = Database::builder();
        // a reader of this mode needs no account of free pages, which a file that was not closed does not have
        builder.set_cache_size(0).set_concurrency_mode(ConcurrencyMode::SingleWriter);
        format_of(&builder.open_read_only_with_backend(ReadOnly::over(file))?)
    });
    match format {
        Ok(Format::Newer(found)) => Some(found),
        Ok(Format::Known | Format::None) | Err(_) => None,
    }
}

/// Most reads of one look. A handful is enough; pages that lead in a circle end here.
const MOST_READS: u64 = 10_000;

/// A file that is locked and read, and looks as if it had been closed: a repair would write, and nothing is
/// believed here but what has a checksum of its own.
#[derive(Debug)]
struct ReadOnly {
    file: Box<dyn StorageBackend>,
    reads_left: AtomicU64,
}

impl ReadOnly {
    fn over(file: Box<dyn StorageBackend>) -> Layered<Self> {
        Layered(Self { file, reads_left: AtomicU64::new(MOST_READS) })
    }
}

fn refused() -> io::Error {
    io::ErrorKind::ReadOnlyFilesystem.into()
}

impl Layer for ReadOnly {
    fn file(&self) -> &dyn StorageBackend {
        &*self.file
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let left = self.reads_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_err() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its pages lead in a circle"));
        }
        self.file.read(offset, out)?;
        let flags = (REDB_FLAGS as u64).checked_sub(offset).and_then(|at| out.get_mut(usize::try_from(at).ok()?));
        if let Some(flags) = flags {
            *flags &= !REDB_NEEDS_REPAIR;
        }
        Ok(())
    }

    fn set_len(&self, _len: u64) -> io::Result<()> {
        Err(refused())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, _offset: u64, _data: &[u8]) -> io::Result<()> {
        Err(refused())
    }
}
