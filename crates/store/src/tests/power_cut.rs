//! Power cuts: of what was written since the last sync, any part may have reached the disk.

use std::{
    collections::BTreeSet,
    fs, io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
};

use redb::StorageBackend;

use super::common::{commit, load, put};
use crate::{
    RedbStore, StoreReport,
    place::{Place, builder},
};

/// Bytes the disk has for certain, and what may or may not be there yet, in order.
#[derive(Debug, Default)]
struct Platter {
    certain: Vec<u8>,
    now: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Write(at, data) => {
                if bytes.len() < at + data.len() {
                    bytes.resize(at + data.len(), 0);
                }
                bytes[*at..at + data.len()].copy_from_slice(data);
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Recorded(Arc<Mutex<Platter>>);

impl Recorded {
    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap()
    }

    fn change(&self, change: Change) {
        let platter = &mut *self.platter();
        change.apply(&mut platter.now);
        platter.unsynced.push(change);
    }
}

impl StorageBackend for Recorded {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platter().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.platter().now[at..at + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::Length(usize::try_from(len).unwrap()));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let platter = &mut *self.platter();
        platter.certain.clone_from(&platter.now);
        platter.unsynced.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Change::Write(usize::try_from(offset).unwrap(), data.to_vec()));
        Ok(())
    }
}

/// What is on the disk if the power goes now and the bits of `kept` say which changes had arrived. A
/// write whose second bit is set arrived in half, cut at a sector.
fn after_a_cut(platter: &Platter, mut kept: u64) -> Vec<u8> {
    let mut bytes = platter.certain.clone();
    for change in &platter.unsynced {
        let (arrived, torn) = (kept & 1 == 1, kept & 2 == 2);
        kept = kept.rotate_right(2).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17);
        match change {
            Change::Write(at, data) if arrived && torn => {
                let half = data.len() / 2 / 512 * 512;
                Change::Write(*at, data[..half].to_vec()).apply(&mut bytes);
            }
            change if arrived => change.apply(&mut bytes),
            _lost => {}
        }
    }
    bytes
}

/// Registrations in a file, by number. Nothing may be lost or moved in reading it.
fn numbers_in(path: &Path, image: &[u8]) -> BTreeSet<u64> {
    fs::write(path, image).unwrap();
    let mut store = RedbStore::open(path, |report| panic!("a power cut damages nothing: {report}")).unwrap();
    let contents = load(&mut store).unwrap();
    assert_eq!(contents.lost, 0);
    contents.registrations.iter().map(|registration| registration.sequence.0).collect()
}

#[test]
fn i3_what_was_acknowledged_survives_a_power_cut_at_any_change() {
    let directory = tempfile::tempdir().unwrap();
    let recorded = Recorded::default();
    // every state of the disk during ten commits: after each change, with some of the unsynced arrived
    let images = Arc::new(Mutex::new(Vec::new()));
    let spy = Spy { inner: recorded, images: images.clone(), acknowledged: Arc::default() };
    let acknowledged = spy.acknowledged.clone();
    let create = move |_: &Path| builder().create_with_backend(spy.clone());
    let place = Place { path: directory.path().join("recorded.redb"), create: Box::new(create) };
    let mut store = RedbStore::open_place(place, Box::new(|_: StoreReport| ())).unwrap();
    images.lock().unwrap().clear();
    for batch in 0..10_u64 {
        commit(&mut store, (batch * 4..batch * 4 + 4).map(put).collect()).unwrap();
        *acknowledged.lock().unwrap() = batch + 1;
    }
    drop(store);
    let images = std::mem::take(&mut *images.lock().unwrap());
    assert!(images.len() > 60, "{} moments", images.len());
    let path = directory.path().join("sync.redb");
    for (moment, (acknowledged, image)) in images.iter().enumerate() {
        let found = numbers_in(&path, image);
        let whole = (0..found.len() as u64).collect();
        assert!(found == whole && found.len().is_multiple_of(4), "moment {moment}: whole batches, not {found:?}");
        assert!(found.len() as u64 >= acknowledged * 4, "moment {moment}: {acknowledged} were acknowledged");
    }
}

type Images = Arc<Mutex<Vec<(u64, Vec<u8>)>>>;

/// Keeps what a power cut would leave, at every change.
#[derive(Clone, Debug)]
struct Spy {
    inner: Recorded,
    images: Images,
    acknowledged: Arc<Mutex<u64>>,
}

impl Spy {
    fn look(&self) {
        let mut images = self.images.lock().unwrap();
        let acknowledged = *self.acknowledged.lock().unwrap();
        let moment = images.len() as u64;
        for pattern in [0, moment.wrapping_mul(0xA076_1D64_78BD_642F) ^ 0x5555] {
            images.push((acknowledged, after_a_cut(&self.inner.platter(), pattern)));
        }
    }
}

impl StorageBackend for Spy {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)?;
        self.look();
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.look();
        self.inner.sync_data()?;
        self.look();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data)?;
        self.look();
        Ok(())
    }
}
