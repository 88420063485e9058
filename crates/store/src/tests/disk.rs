use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use redb::{DatabaseError, StorageBackend};

use super::Open;
use crate::{
    RedbStore, StoreReport,
    files::{Files, SystemFiles},
    place::Place,
};

/// What a disk does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wrong {
    #[default]
    Nothing,
    /// Every change fails in this way, once as many as set with [`Disk::after`] went well.
    Changes(io::ErrorKind),
    /// The same, but only where the file would grow: what a full disk does.
    Growth,
    /// A change panics, once, likewise: what redb does over a damaged page.
    PanicOnce,
}

/// The file of a store and what its disk does wrong, now and from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    wrong: Arc<Mutex<Wrong>>,
    good_changes_left: Arc<AtomicU64>,
}

impl Disk {
    pub(crate) fn goes(&self, wrong: Wrong) {
        *self.wrong.lock().unwrap() = wrong;
    }

    /// Goes wrong after so many changes.
    pub(crate) fn after(&self, changes: u64, wrong: Wrong) {
        self.good_changes_left.store(changes, Ordering::SeqCst);
        self.goes(wrong);
    }

    /// Whether what was set with [`Self::after`] has come to pass.
    pub(crate) fn went_wrong(&self) -> bool {
        self.good_changes_left.load(Ordering::SeqCst) == 0
    }

    /// A change of the file; `grows` if it needs room that it does not have yet.
    fn change(&self, grows: bool) -> io::Result<()> {
        let mut wrong = self.wrong.lock().unwrap();
        if *wrong == Wrong::Nothing {
            return Ok(());
        }
        let left = &self.good_changes_left;
        if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Ok(());
        }
        match *wrong {
            Wrong::Growth if grows => Err(io::ErrorKind::StorageFull.into()),
            Wrong::Nothing | Wrong::Growth => Ok(()),
            Wrong::Changes(kind) => Err(kind.into()),
            Wrong::PanicOnce => {
                *wrong = Wrong::Nothing;
                drop(wrong);
                panic!("as over a damaged page")
            }
        }
    }

    /// A store at `path` on this disk.
    pub(crate) fn open(&self, open: Open, path: &Path) -> (RedbStore, Arc<Mutex<Vec<StoreReport>>>) {
        let reports: Arc<Mutex<Vec<StoreReport>>> = Arc::default();
        let sink = reports.clone();
        let place = Place::at(PathBuf::from(path), Box::new(self.clone()));
        let store = open(place, Box::new(move |report| sink.lock().unwrap().push(report))).unwrap();
        (store, reports)
    }
}

impl Files for Disk {
    fn open(&self, path: &Path) -> Result<Box<dyn StorageBackend>, DatabaseError> {
        Ok(Box::new(OnDisk { inner: SystemFiles.open(path)?, disk: self.clone() }))
    }
}

#[derive(Debug)]
struct OnDisk {
    inner: Box<dyn StorageBackend>,
    disk: Disk,
}

impl StorageBackend for OnDisk {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.change(len > self.inner.len()?)?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.change(false)?;
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.change(false)?;
        self.inner.write(offset, data)
    }
}

/// Everything in a directory, in order.
pub(crate) fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A file's length.
pub(crate) fn length(path: &Path) -> u64 {
    File::open(path).unwrap().metadata().unwrap().len()
}
