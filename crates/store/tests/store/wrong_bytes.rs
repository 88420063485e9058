//! Wrong bits and missing ends, at hundreds of places of real files.

use std::{collections::HashMap, fs, path::Path};

use background_sync::{StoreContents, StoreOp, registration::StoredRegistration};
use background_sync_store::{OpenError, StoreReport, inspect};

use crate::{
    common::{commit, load, put, registration},
    open,
    records::{budget, profile},
};

/// Rows of the file that is damaged.
const ROWS: u64 = 300 + 20 + 1;
/// Rows before its last commit. After a crash, redb cannot tell a last commit that was damaged from one
/// that was never finished, and takes the one before.
const ROWS_BEFORE: u64 = ROWS - 32;

/// A file of many commits, as a clean end leaves it and as a crash does.
fn images() -> [(&'static str, Vec<u8>); 2] {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sync.redb");
    let (mut store, _) = open(&path);
    for batch in 0..10_u64 {
        let mut ops: Vec<StoreOp> = (batch * 30..(batch + 1) * 30).map(put).collect();
        ops.extend([batch * 2, batch * 2 + 1].map(|number| StoreOp::PutBudget(budget(number))));
        ops.push(StoreOp::PutProfile(profile(batch)));
        commit(&mut store, ops).unwrap();
    }
    let crashed = fs::read(&path).unwrap();
    drop(store);
    [("closed", fs::read(&path).unwrap()), ("crashed", crashed)]
}

/// The same numbers in every run (xorshift, fixed seed).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

fn sorted(mut contents: StoreContents) -> StoreContents {
    contents.registrations.sort_by_key(|registration| registration.sequence);
    contents
}

/// How an opening went.
#[derive(Default)]
struct Tally {
    untouched: u32,
    moved: u32,
    kept: u64,
}

impl Tally {
    /// Opens a damaged image and checks that nothing was invented, nothing vanished without being
    /// counted, and the store works on.
    fn open(&mut self, directory: &Path, (name, image): (&str, &[u8]), what: &str) {
        let path = directory.join("sync.redb");
        fs::write(&path, image).unwrap();
        let seen = inspect(&path);
        assert!(fs::read(&path).unwrap() == image, "{what}: looking at it changes nothing");
        let (mut store, reports) = open(&path);
        let contents = load(&mut store).unwrap();
        match seen {
            Ok(seen) => assert_eq!(sorted(seen.contents), contents, "{what}: seen and loaded"),
            Err(OpenError::NotADatabase(_)) => assert!(image.get(..9) != Some(b"redb\x1A\x0A\xA9\x0D\x0A"), "{what}"),
            Err(error) => panic!("{what}: {error}"),
        }
        let rows = contents.registrations.len() + contents.budgets.len() + usize::from(contents.profile.is_some());
        let written: HashMap<u64, StoredRegistration> = (0..300).map(|number| (number, registration(number))).collect();
        for found in &contents.registrations {
            assert_eq!(Some(found), written.get(&found.sequence.0), "{what}: made up");
        }
        let moved = reports.lock().unwrap().iter().any(|report| matches!(report, StoreReport::MovedAside { .. }));
        if moved {
            let aside = fs::read_dir(directory).unwrap().count();
            assert_eq!(aside, 2, "{what}: the store and the damaged file");
            assert!(contents.lost > 0 || rows as u64 == ROWS, "{what}: {rows} rows and nothing lost");
            self.moved += 1;
            self.kept += rows as u64;
        } else {
            let sum = rows as u64 + contents.lost;
            let one_commit_less = name == "crashed" && sum == ROWS_BEFORE && contents.profile == Some(profile(8));
            assert!(sum == ROWS || one_commit_less, "{what}: {sum} do not add up");
            self.untouched += 1;
        }
        commit(&mut store, vec![put(1_000)]).unwrap_or_else(|failure| panic!("{what}: {failure}"));
        drop(store);
        let (mut store, reports) = open(&path);
        let again = load(&mut store).unwrap();
        assert_eq!(again.registrations.len(), contents.registrations.len() + 1, "{what}: sound afterwards");
        assert_eq!((again.lost, reports.lock().unwrap().len()), (0, 0), "{what}: sound afterwards");
        drop(store);
        for entry in fs::read_dir(directory).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn wrong_bits() {
    let directory = tempfile::tempdir().unwrap();
    let mut numbers = Numbers(0x5EED_0001);
    for (name, image) in images() {
        let mut tally = Tally::default();
        let used: Vec<usize> = (0..image.len()).filter(|at| image[*at] != 0).collect();
        for round in 0..180 {
            // the header's first page densely, then what is in use
            let at = if round < 60 { numbers.below(320) } else { used[numbers.below(used.len())] };
            let mut damaged = image.clone();
            damaged[at] ^= 1 << numbers.below(8);
            tally.open(directory.path(), (name, &damaged), &format!("{name}, a bit of byte {at}"));
        }
        assert!(tally.moved > 20 && tally.untouched > 20, "{name}: the places are well spread");
        let most = u64::from(tally.moved) * ROWS / 2;
        assert!(tally.kept > most, "{name}: one wrong bit costs few rows, but only {} were kept", tally.kept);
    }
}

#[test]
fn missing_ends() {
    let directory = tempfile::tempdir().unwrap();
    let mut numbers = Numbers(0x5EED_0002);
    for (name, image) in images() {
        let mut tally = Tally::default();
        for round in 0..40 {
            let length = if round < 10 { 1 + numbers.below(4_096) } else { 1 + numbers.below(image.len() - 1) };
            tally.open(directory.path(), (name, &image[..length]), &format!("{name}, cut to {length}"));
        }
        assert!(tally.moved > 20, "{name}");
    }
}
