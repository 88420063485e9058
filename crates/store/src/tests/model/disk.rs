use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use redb::{DatabaseError, StorageBackend};

use super::{bytes::FileBytes, rng::Rng};
use crate::files::Files;

type Names = BTreeMap<PathBuf, usize>;

/// What a disk has after a power cut.
pub(crate) type Image = BTreeMap<PathBuf, Vec<u8>>;

/// Something that may happen at a moment of a run, and what was true then.
pub(crate) struct Moment<T> {
    /// The last state that was acknowledged, by its number.
    pub(crate) acknowledged: usize,
    /// The last state that was sent.
    pub(crate) sent: usize,
    pub(crate) number: u64,
    /// What was done just before.
    pub(crate) after: &'static str,
    pub(crate) what: T,
}

/// The files of one directory, on a disk that everybody holds who has a clone of this.
#[derive(Clone)]
pub(crate) struct ModelDisk(Arc<Mutex<State>>);

struct State {
    files: Vec<FileBytes>,
    names: Names,
    /// The names as the disk has them, and as they were after each change since.
    durable_names: Vec<Names>,
    rng: Rng,
    /// Of a hundred syncs so many fail.
    failing: usize,
    /// So many go well before that, and so many fail then.
    good_first: usize,
    fail_next: usize,
    /// What the next one that fails leaves in its file, instead of what a failed sync leaves.
    leaving: Option<Vec<u8>>,
    /// Nothing that the next one should have written arrives, and after so many reads all of it is evicted.
    evict_after: Option<usize>,
    failed_syncs: u64,
    moments: u64,
    /// One moment in so many is kept; none, if 0.
    keep: usize,
    acknowledged: usize,
    sent: usize,
    cuts: Vec<Moment<Image>>,
    /// The process ends and the system does not.
    kills: Vec<Moment<ModelDisk>>,
}

impl State {
    fn after_a_cut(&mut self) -> Image {
        let names = self.durable_names[self.rng.below(self.durable_names.len())].clone();
        let files: Vec<Vec<u8>> = self.files.iter().map(|file| file.after_a_cut(&mut self.rng)).collect();
        names.into_iter().map(|(name, file)| (name, files[file].clone())).collect()
    }

    fn without_the_process(&self) -> ModelDisk {
        ModelDisk::with(self.files.clone(), self.names.clone(), self.durable_names.clone(), self.moments)
    }

    /// The power may go now, or the process be killed.
    fn look(&mut self, after: &'static str) {
        self.moments += 1;
        if self.keep == 0 || self.rng.below(self.keep) != 0 {
            return;
        }
        let (acknowledged, sent, number) = (self.acknowledged, self.sent, self.moments);
        let what = self.after_a_cut();
        self.cuts.push(Moment { acknowledged, sent, number, after, what });
        if self.failed_syncs > 0 && self.rng.below(2) == 0 {
            let what = self.without_the_process();
            self.kills.push(Moment { acknowledged, sent, number, after, what });
        }
    }

    fn rename(&mut self, change: impl FnOnce(&mut Names) -> Option<usize>) {
        change(&mut self.names);
        self.durable_names.push(self.names.clone());
        self.look("a change of names");
    }

    /// The outcome of a sync.
    fn sync(&mut self, arrive: impl FnOnce(&mut Self), get_lost: impl FnOnce(&mut Self)) -> io::Result<()> {
        self.look("all that a sync is to write");
        let planned = self.good_first == 0 && self.fail_next > 0;
        self.good_first = self.good_first.saturating_sub(1);
        self.fail_next -= usize::from(planned);
        if planned || self.rng.percent(self.failing) {
            self.failed_syncs += 1;
            get_lost(self);
            return Err(io::Error::other("the disk did not take it"));
        }
        arrive(self);
        self.look("a sync");
        Ok(())
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn make(&mut self, path: &Path) -> usize {
        self.files.push(FileBytes::default());
        let file = self.files.len() - 1;
        self.rename(|names| names.insert(path.to_path_buf(), file));
        file
    }
}

impl ModelDisk {
    /// A disk with these files on it.
    pub(crate) fn new(image: &Image, seed: u64) -> Self {
        let files = image.values().cloned().map(FileBytes::of).collect();
        let names: Names = image.keys().cloned().zip(0..).collect();
        Self::with(files, names.clone(), vec![names], seed)
    }

    fn with(files: Vec<FileBytes>, names: Names, durable_names: Vec<Names>, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            files,
            names,
            durable_names,
            rng: Rng(seed),
            failing: 0,
            good_first: 0,
            fail_next: 0,
            leaving: None,
            evict_after: None,
            failed_syncs: 0,
            moments: 0,
            keep: 0,
            acknowledged: 0,
            sent: 0,
            cuts: Vec::new(),
            kills: Vec::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Keeps one moment in so many.
    pub(crate) fn keep(&self, one_in: usize) {
        self.state().keep = one_in;
    }

    /// Of a hundred syncs so many fail from now on.
    pub(crate) fn fail_syncs(&self, percent: usize) {
        self.state().failing = percent;
    }

    /// The next syncs fail, so many of them.
    pub(crate) fn fail_next_syncs(&self, number: usize) {
        self.state().fail_next = number;
    }

    /// The sync after so many fails.
    pub(crate) fn fail_sync_after(&self, good: usize) {
        let state = &mut *self.state();
        (state.good_first, state.fail_next) = (good, 1);
    }

    /// The next sync fails, and its file holds this from then on.
    pub(crate) fn fail_next_sync_leaving(&self, bytes: &[u8]) {
        let state = &mut *self.state();
        (state.fail_next, state.leaving) = (1, Some(bytes.to_vec()));
    }

    /// The next sync fails and writes nothing, and after so many reads that is what is read.
    pub(crate) fn fail_next_sync_and_evict_after(&self, reads: usize) {
        let state = &mut *self.state();
        (state.fail_next, state.evict_after) = (1, Some(reads));
    }

    /// What the system shows now.
    pub(crate) fn shown(&self) -> Image {
        let state = self.state();
        state.names.iter().map(|(name, file)| (name.clone(), state.files[*file].shown().to_vec())).collect()
    }

    pub(crate) fn failed_syncs(&self) -> u64 {
        self.state().failed_syncs
    }

    pub(crate) fn note(&self, acknowledged: usize, sent: usize) {
        let state = &mut *self.state();
        (state.acknowledged, state.sent) = (acknowledged, sent);
    }

    /// What the disk has if the power goes now.
    pub(crate) fn cut(&self) -> Image {
        self.state().after_a_cut()
    }

    /// What another process finds if this one is killed now.
    pub(crate) fn kill(&self) -> Self {
        self.state().without_the_process()
    }

    /// The moments kept so far.
    pub(crate) fn take_cuts(&self) -> Vec<Moment<Image>> {
        std::mem::take(&mut self.state().cuts)
    }

    pub(crate) fn take_kills(&self) -> Vec<Moment<Self>> {
        std::mem::take(&mut self.state().kills)
    }
}

impl Files for ModelDisk {
    fn open(&self, path: &Path) -> Result<Box<dyn StorageBackend>, DatabaseError> {
        let state = &mut *self.state();
        let file = state.find(path).unwrap_or_else(|_| state.make(path));
        Ok(Box::new(ModelFile { disk: self.clone(), file }))
    }

    fn is_file(&self, path: &Path) -> io::Result<bool> {
        // all names are in the one directory
        if path == Path::new(".") { Ok(false) } else { self.state().find(path).map(|_| true) }
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<(u64, Vec<u8>)> {
        let state = self.state();
        let bytes = state.files[state.find(path)?].shown();
        Ok((bytes.len() as u64, bytes[..bytes.len().min(usize::try_from(most).unwrap())].to_vec()))
    }

    fn empty(&self, path: &Path) -> io::Result<()> {
        let state = &mut *self.state();
        match state.find(path) {
            Ok(file) => state.files[file].set_length(0),
            Err(_) => drop(state.make(path)),
        }
        state.look("a file was emptied");
        Ok(())
    }

    fn make(&self, path: &Path) -> io::Result<()> {
        let state = &mut *self.state();
        if state.find(path).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.make(path);
        Ok(())
    }

    fn give_rights(&self, _path: &Path, _of: &Path) -> io::Result<()> {
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let state = &mut *self.state();
        state.find(path)?;
        state.rename(|names| names.remove(path));
        Ok(())
    }

    fn link(&self, path: &Path, second: &Path) -> io::Result<()> {
        let state = &mut *self.state();
        let file = state.find(path)?;
        if state.find(second).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.rename(|names| names.insert(second.to_path_buf(), file));
        Ok(())
    }

    fn rename(&self, path: &Path, name: &Path) -> io::Result<()> {
        let state = &mut *self.state();
        let file = state.find(path)?;
        state.rename(|names| {
            names.remove(path);
            names.insert(name.to_path_buf(), file)
        });
        Ok(())
    }

    fn sync_directory(&self, _directory: &Path) -> io::Result<()> {
        // only what changed since the last one gets there: that the one before failed is forgotten
        let arrive = |state: &mut State| drop(state.durable_names.drain(..state.durable_names.len() - 1));
        let get_lost = |state: &mut State| {
            let arrived = state.rng.below(state.durable_names.len());
            state.durable_names = vec![state.durable_names.swap_remove(arrived)];
        };
        self.state().sync(arrive, get_lost)
    }
}

/// An open file. It stays what it is when its name goes to another.
struct ModelFile {
    disk: ModelDisk,
    file: usize,
}

impl fmt::Debug for ModelFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "file {}", self.file)
    }
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap()
}

impl StorageBackend for ModelFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.state().files[self.file].shown().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = &mut *self.disk.state();
        match &mut state.evict_after {
            Some(0) => state.files[self.file].evict_all(&mut state.rng),
            Some(reads) if state.failed_syncs > 0 => *reads -= 1,
            Some(_) => {}
            None if state.rng.percent(15) => state.files[self.file].evict(&mut state.rng),
            None => {}
        }
        let bytes = state.files[self.file].shown().get(position(offset)..position(offset) + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let state = &mut *self.disk.state();
        state.files[self.file].set_length(position(len));
        state.look("a change of length");
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let arrive = |state: &mut State| state.files[self.file].sync();
        let get_lost = |state: &mut State| match state.leaving.take() {
            Some(bytes) => state.files[self.file] = FileBytes::of(bytes),
            None if state.evict_after.is_some() => state.files[self.file].lose_all(),
            None => state.files[self.file].fail_to_sync(&mut state.rng),
        };
        self.disk.state().sync(arrive, get_lost)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let state = &mut *self.disk.state();
        state.files[self.file].write(position(offset), data);
        state.look("a write");
        Ok(())
    }
}
