use std::{
    io,
    ops::Bound,
    sync::atomic::{AtomicU64, Ordering},
};

use redb::{BackendError, StorageBackend};

/// A damaged file's bytes in memory, for redb to read and nothing else. It has no other users, so every
/// lock is granted.
///
/// How often it is read is bounded, so that pages that lead in a circle end in an error.
#[derive(Debug)]
pub(crate) struct PrivateCopy {
    bytes: Vec<u8>,
    reads_left: AtomicU64,
}

impl PrivateCopy {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let reads_left = AtomicU64::new(bytes.len() as u64 / 64 + 100_000);
        Self { bytes, reads_left }
    }
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "outside the file")
}

impl StorageBackend for PrivateCopy {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let left = self.reads_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_err() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its pages lead in a circle"));
        }
        let tail = usize::try_from(offset).ok().and_then(|start| self.bytes.get(start..));
        let source = tail.and_then(|tail| tail.get(..out.len())).ok_or_else(outside)?;
        out.copy_from_slice(source);
        Ok(())
    }

    fn set_len(&self, _len: u64) -> Result<(), io::Error> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        Ok(())
    }

    fn write(&self, _offset: u64, _data: &[u8]) -> Result<(), io::Error> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn try_lock_range(&self, _start: Bound<u64>, _end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _start: Bound<u64>, _end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn lock_range(&self, _start: Bound<u64>, _end: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn lock_shared_range(&self, _start: Bound<u64>, _end: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn unlock_range(&self, _start: Bound<u64>, _end: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _start: Bound<u64>, _end: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_has_an_end_and_writing_no_beginning() {
        let copy = PrivateCopy::new(vec![7; 64]);
        let mut out = [0; 4];
        copy.read(60, &mut out).unwrap();
        assert_eq!(out, [7; 4]);
        assert_eq!(copy.read(61, &mut out).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(copy.read(u64::MAX, &mut out).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(copy.write(62, &out).is_err());
        assert!(copy.set_len(1 << 40).is_err());
        assert_eq!(copy.len().unwrap(), 64);
        let reads = (0..200_000).take_while(|_| copy.read(0, &mut out).is_ok()).count();
        assert!(reads < 200_000, "a circle ends");
    }
}
