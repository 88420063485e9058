use std::{
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use redb::StorageBackend;

/// A damaged file's bytes in memory, for redb to read and repair as it likes: the file stays as it was.
///
/// How often it is read and how far it grows is bounded, so that a page that points at itself, or a
/// length that is nonsense, ends in an error.
#[derive(Debug)]
pub(crate) struct PrivateCopy {
    bytes: Mutex<Vec<u8>>,
    longest: u64,
    reads_left: AtomicU64,
}

impl PrivateCopy {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self {
            bytes: Mutex::new(bytes),
            longest: length.saturating_mul(2).saturating_add(1 << 24),
            reads_left: AtomicU64::new(length / 64 + 100_000),
        }
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn outside() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "outside the file")
}

fn range(offset: u64, length: usize) -> Option<std::ops::Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    Some(start..start.checked_add(length)?)
}

impl StorageBackend for PrivateCopy {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.bytes().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let left = self.reads_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_err() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its pages lead in a circle"));
        }
        let bytes = self.bytes();
        let source = range(offset, out.len()).and_then(|range| bytes.get(range)).ok_or_else(outside)?;
        out.copy_from_slice(source);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        if len > self.longest {
            return Err(outside());
        }
        self.bytes().resize(usize::try_from(len).map_err(|_| outside())?, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let mut bytes = self.bytes();
        let target = range(offset, data.len()).and_then(|range| bytes.get_mut(range)).ok_or_else(outside)?;
        target.copy_from_slice(data);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_growing_have_an_end() {
        let copy = PrivateCopy::new(vec![7; 64]);
        let mut out = [0; 4];
        copy.read(60, &mut out).unwrap();
        assert_eq!(out, [7; 4]);
        assert_eq!(copy.read(61, &mut out).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(copy.read(u64::MAX, &mut out).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(copy.write(62, &out).is_err());
        assert!(copy.set_len(1 << 40).is_err());
        let reads = (0..200_000).take_while(|_| copy.read(0, &mut out).is_ok()).count();
        assert!(reads < 200_000, "a circle ends");
    }
}
