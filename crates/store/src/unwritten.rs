use std::{
    collections::BTreeMap,
    io,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use redb::StorageBackend;

use crate::{
    layer::{Layer, Layered},
    opened::GivenUp,
};

/// Bytes that are kept together.
const PAGE: usize = 4096;

/// A file that is read and never written: what redb writes over it, a repair say, stays in memory.
///
/// After a failed sync the system's memory may hold pages that it will never write. A repair would lead the
/// file's header to them, and a later sync make that durable: what the disk has for certain would be gone.
#[derive(Debug)]
pub(crate) struct Unwritten {
    file: Box<dyn StorageBackend>,
    /// Made when redb first asks for something, which it does not before it has its locks.
    written: OnceLock<Mutex<Written>>,
    given_up: GivenUp,
}

#[derive(Debug)]
struct Written {
    /// Where it ends now.
    length: u64,
    /// What of the file shows through. Nothing does that was cut off once.
    shows: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl Unwritten {
    pub(crate) fn over(file: Box<dyn StorageBackend>, given_up: GivenUp) -> Layered<Self> {
        Layered(Self { file, written: OnceLock::new(), given_up })
    }

    fn check(&self) -> io::Result<()> {
        if self.given_up.is_set() { Err(io::Error::other("the file was given up")) } else { Ok(()) }
    }

    fn written(&self) -> io::Result<MutexGuard<'_, Written>> {
        self.check()?;
        let written = if let Some(written) = self.written.get() {
            written
        } else {
            let length = self.file.len()?;
            self.written.get_or_init(|| Mutex::new(Written { length, shows: length, pages: BTreeMap::new() }))
        };
        // nothing here panics half way, so a panic elsewhere leaves it as good as it was
        Ok(written.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the file has at `offset`, and zeros where nothing of it shows.
    fn beneath(&self, offset: u64, shows: u64, out: &mut [u8]) -> io::Result<()> {
        let there = usize::try_from(shows.saturating_sub(offset)).unwrap_or(usize::MAX).min(out.len());
        let (there, beyond) = out.split_at_mut(there);
        beyond.fill(0);
        if there.is_empty() { Ok(()) } else { self.file.read(offset, there) }
    }
}

/// A stretch of bytes cut where pages end: number of a page, where in it, and how many.
fn by_page(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let at = offset + done as u64;
        let inside = (at % PAGE as u64) as usize;
        let part = (PAGE - inside).min(length - done);
        done += part;
        (part > 0).then_some((at / PAGE as u64, inside, part))
    })
}

fn end_of(offset: u64, length: usize) -> io::Result<u64> {
    offset.checked_add(length as u64).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

impl Layer for Unwritten {
    fn file(&self) -> &dyn StorageBackend {
        &*self.file
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.written()?.length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.written()?;
        if end_of(offset, out.len())? > written.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = out;
        for (page, inside, part) in by_page(offset, rest.len()) {
            let (here, after) = rest.split_at_mut(part);
            match written.pages.get(&page) {
                Some(bytes) => here.copy_from_slice(&bytes[inside..inside + part]),
                None => self.beneath(page * PAGE as u64 + inside as u64, written.shows, here)?,
            }
            rest = after;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut written = self.written()?;
        if len < written.length {
            written.shows = written.shows.min(len);
            let last = written.pages.split_off(&len.div_ceil(PAGE as u64));
            drop(last);
            let inside = (len % PAGE as u64) as usize;
            if inside > 0
                && let Some(bytes) = written.pages.get_mut(&(len / PAGE as u64))
            {
                bytes[inside..].fill(0);
            }
        }
        written.length = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.check()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut written = self.written()?;
        written.length = written.length.max(end_of(offset, data.len())?);
        let mut rest = data;
        for (page, inside, part) in by_page(offset, data.len()) {
            let (here, after) = rest.split_at(part);
            if let Some(bytes) = written.pages.get_mut(&page) {
                bytes[inside..inside + part].copy_from_slice(here);
            } else {
                let mut bytes = vec![0; PAGE];
                self.beneath(page * PAGE as u64, written.shows, &mut bytes)?;
                bytes[inside..inside + part].copy_from_slice(here);
                written.pages.insert(page, bytes);
            }
            rest = after;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    /// Bytes on top of others, and plain bytes that the same is done to.
    fn both() -> (Layered<Unwritten>, InMemoryBackend, Vec<u8>) {
        let original: Vec<u8> = (0..10_000_u32).map(|number| (number % 251) as u8).collect();
        let [file, plain] = [(); 2].map(|()| InMemoryBackend::new());
        for backend in [&file, &plain] {
            backend.set_len(original.len() as u64).unwrap();
            backend.write(0, &original).unwrap();
        }
        (Unwritten::over(Box::new(file), GivenUp::default()), plain, original)
    }

    fn all_of(backend: &impl StorageBackend) -> Vec<u8> {
        let mut out = vec![0; usize::try_from(backend.len().unwrap()).unwrap()];
        backend.read(0, &mut out).unwrap();
        out
    }

    #[test]
    fn it_reads_as_if_it_were_written_and_the_file_stays_as_it_was() {
        let (unwritten, plain, original) = both();
        let mut seed = 7_u64;
        let mut below = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        for round in 0..2_000 {
            let length = plain.len().unwrap();
            if below(8) == 0 {
                let length = below(30_000);
                unwritten.set_len(length).unwrap();
                plain.set_len(length).unwrap();
            } else if length > 0 {
                let offset = below(length);
                let data = vec![round as u8; below((length - offset).min(9_000) + 1) as usize];
                unwritten.write(offset, &data).unwrap();
                plain.write(offset, &data).unwrap();
            }
            assert_eq!(all_of(&unwritten), all_of(&plain), "round {round}");
        }
        assert_eq!(unwritten.sync_data().map_err(|error| error.kind()), Ok(()));
        let mut beneath = vec![0; original.len()];
        unwritten.0.file.read(0, &mut beneath).unwrap();
        assert_eq!(beneath, original);
    }

    #[test]
    fn it_ends_where_a_file_would() {
        let (unwritten, _, _) = both();
        let mut out = [0; 8];
        for offset in [9_993, 10_000, u64::MAX] {
            assert_eq!(unwritten.read(offset, &mut out).unwrap_err().kind(), io::ErrorKind::UnexpectedEof, "{offset}");
        }
        assert!(unwritten.write(u64::MAX, &out).is_err());
    }
}
