use std::collections::BTreeMap;

use super::rng::Rng;

/// What a disk writes whole, unless a tear is asked for.
const SECTOR: usize = 512;
/// What a system keeps in memory together.
const PAGE: usize = 4096;

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

/// A file as the disk has it and as the system shows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileBytes {
    on_disk: Vec<u8>,
    shown: Vec<u8>,
    /// What was done since the last sync, in order.
    unsynced: Vec<Change>,
    /// Pages that a failed sync did not write, and that count as written.
    dropped: Vec<usize>,
}

impl FileBytes {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        Self { on_disk: bytes.clone(), shown: bytes, ..Self::default() }
    }

    pub(crate) fn shown(&self) -> &[u8] {
        &self.shown
    }

    pub(crate) fn write(&mut self, at: usize, data: &[u8]) {
        self.change(Change::Write(at, data.to_vec()));
    }

    pub(crate) fn set_length(&mut self, length: usize) {
        self.change(Change::Length(length));
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.shown);
        self.unsynced.push(change);
    }

    /// All that was done since the last sync reaches the disk. What an earlier one dropped does not.
    pub(crate) fn sync(&mut self) {
        for change in std::mem::take(&mut self.unsynced) {
            change.apply(&mut self.on_disk);
        }
    }

    /// Some of it does, and the rest counts as written from then on.
    pub(crate) fn fail_to_sync(&mut self, rng: &mut Rng) {
        let arrived = self.after_a_cut(rng);
        self.lose_all_but(arrived);
    }

    /// Nothing of it does.
    pub(crate) fn lose_all(&mut self) {
        let arrived = self.on_disk.clone();
        self.lose_all_but(arrived);
    }

    fn lose_all_but(&mut self, mut arrived: Vec<u8>) {
        arrived.resize(self.shown.len(), 0);
        self.on_disk = arrived;
        self.unsynced.clear();
        let differs = |page: &usize| {
            let end = (page + PAGE).min(self.shown.len());
            self.shown[*page..end] != self.on_disk[*page..end]
        };
        self.dropped = (0..self.shown.len()).step_by(PAGE).filter(differs).collect();
    }

    /// The system needs memory: a page that it takes for written is read from the disk the next time.
    pub(crate) fn evict(&mut self, rng: &mut Rng) {
        if self.dropped.is_empty() {
            return;
        }
        let page = self.dropped.swap_remove(rng.below(self.dropped.len()));
        let end = (page + PAGE).min(self.shown.len()).min(self.on_disk.len());
        let is_written_to = |change: &Change| match change {
            Change::Length(_) => false,
            Change::Write(at, data) => *at < end && page < at + data.len(),
        };
        if page < end && !self.unsynced.iter().any(is_written_to) {
            self.shown[page..end].copy_from_slice(&self.on_disk[page..end]);
        }
    }

    /// It needs the memory of all of them.
    pub(crate) fn evict_all(&mut self, rng: &mut Rng) {
        while !self.dropped.is_empty() {
            self.evict(rng);
        }
    }

    /// What the disk has if the power goes now: each sector in any version that it had since the last sync,
    /// or torn between two; the file as long as it was at any moment since.
    pub(crate) fn after_a_cut(&self, rng: &mut Rng) -> Vec<u8> {
        let style = rng.below(6);
        let lengths = self.lengths();
        let length = match style {
            0 => self.on_disk.len(),
            1 => lengths[lengths.len() - 1],
            _ => lengths[rng.below(lengths.len())],
        };
        let mut bytes = self.on_disk.clone();
        bytes.resize(lengths.iter().copied().fold(0, usize::max), 0);
        let arrived = [0, 100, 50, 90, 10, rng.below(101)][style];
        for (sector, versions) in self.versions(&bytes) {
            if rng.percent(arrived) {
                let which = if rng.below(3) > 0 { versions.len() - 1 } else { rng.below(versions.len()) };
                arrive(&mut bytes[sector * SECTOR..], &versions[which], rng);
            }
        }
        bytes.resize(length, 0);
        bytes
    }

    fn lengths(&self) -> Vec<usize> {
        let mut lengths = vec![self.on_disk.len()];
        for change in &self.unsynced {
            match change {
                Change::Length(length) => lengths.push(*length),
                Change::Write(at, data) => lengths.push((at + data.len()).max(lengths[lengths.len() - 1])),
            }
        }
        lengths
    }

    /// Each sector that was written since the last sync, after each of its writes.
    fn versions(&self, before: &[u8]) -> BTreeMap<usize, Vec<Vec<u8>>> {
        let mut versions: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
        let mut bytes = before.to_vec();
        for change in &self.unsynced {
            let Change::Write(at, data) = change else { continue };
            bytes[*at..at + data.len()].copy_from_slice(data);
            for sector in at / SECTOR..(at + data.len()).div_ceil(SECTOR) {
                let end = (sector * SECTOR + SECTOR).min(bytes.len());
                versions.entry(sector).or_default().push(bytes[sector * SECTOR..end].to_vec());
            }
        }
        versions
    }
}

/// A sector arrives, whole or one time in eight only its beginning or its end.
fn arrive(place: &mut [u8], sector: &[u8], rng: &mut Rng) {
    let part = match rng.below(16) {
        0 => 0..rng.below(sector.len()),
        1 => rng.below(sector.len())..sector.len(),
        _ => 0..sector.len(),
    };
    place[part.clone()].copy_from_slice(&sector[part]);
}
