//! The kit for stores: what the machine does to one, and what has to be there afterwards.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use background_sync_host_tests::{StoreUnderTest, check_store};
use tempfile::TempDir;

use super::OPEN;
use crate::{
    OpenError, RedbStore, StoreReport,
    place::Place,
    tests::disk::{Disk, Wrong},
};

/// A file, and a disk that can be full.
struct OnDisk {
    directory: TempDir,
    /// After a crash it is the copy that was made at that moment.
    crashes: u32,
    disk: Disk,
}

impl OnDisk {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), crashes: 0, disk: Disk::default() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join(format!("sync-{}.redb", self.crashes))
    }
}

impl StoreUnderTest for OnDisk {
    type Store = RedbStore;

    fn open(&mut self) -> RedbStore {
        self.disk.open(OPEN, &self.path()).0
    }

    fn crash(&mut self) {
        let at_that_moment = fs::read(self.path()).unwrap();
        self.crashes += 1;
        fs::write(self.path(), at_that_moment).unwrap();
    }

    fn refuse_writes(&mut self, refuse: bool) -> bool {
        self.disk.goes(if refuse { Wrong::Changes(ErrorKind::StorageFull) } else { Wrong::Nothing });
        true
    }

    fn refuses_what_is_newer(&mut self) -> Option<bool> {
        let path = self.path();
        let mut bytes = fs::read(&path).unwrap();
        // redb's version of either commit slot
        (bytes[64], bytes[192]) = (4, 4);
        fs::write(&path, &bytes).unwrap();
        let is_refused = matches!(open(&path), Err(OpenError::Newer { .. }));
        Some(is_refused && fs::read(&path).unwrap() == bytes)
    }
}

fn open(path: &Path) -> Result<RedbStore, OpenError> {
    OPEN(Place::at(path.to_owned(), Box::new(crate::files::SystemFiles)), Box::new(|_: StoreReport| {}))
}

#[test]
fn it_keeps_every_rule_for_stores() {
    let report = check_store(OnDisk::new);
    assert!(report.passed(), "{report}");
    assert_eq!(report.scenarios().len(), 13, "nothing is left out");
}
