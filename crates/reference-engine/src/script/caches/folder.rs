//! Caches in a folder. The [module](super) says how they lie there.

use std::collections::BTreeSet;
use std::io::ErrorKind::NotFound;
use std::path::PathBuf;
use std::rc::Rc;
use std::{fs, io};

use super::CacheDamage;
use super::entry::{Body, CachedRequest, CachedResponse, Entry, EntryId};
use super::shelf::{CacheId, Shelf};
use crate::durable;
use crate::script::sealed::{seal, unseal};

const HEADER: &[u8] = b"background-sync-reference-engine caches 1\n";

/// What the index says of a response: the last is its body's checksum, if it has a body.
type Record = (EntryId, CachedRequest, CachedResponse, Option<u32>);
type RecordRef<'a> = (EntryId, &'a CachedRequest, &'a CachedResponse, Option<u32>);

/// Name, id and responses of each cache.
type Index = Vec<(String, CacheId, Vec<Record>)>;
type IndexRef<'a> = Vec<(&'a str, CacheId, Vec<RecordRef<'a>>)>;

pub(super) struct Folder {
    path: PathBuf,
    /// Bodies on the disk that only an index may know which did not reach it for sure.
    doubtful: Vec<EntryId>,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, doubtful: Vec::new() }
    }

    fn index(&self) -> PathBuf {
        self.path.join("index")
    }

    fn body(&self, id: EntryId) -> PathBuf {
        self.path.join(format!("body-{}", id.0))
    }

    /// What is there, and what of it is damaged. What is damaged is out of the way afterwards.
    pub(super) fn load(&mut self) -> io::Result<(Shelf, Vec<CacheDamage>)> {
        let index = match fs::read(self.index()) {
            Ok(bytes) => unseal::<Index>(HEADER, &bytes),
            Err(error) if error.kind() == NotFound => Ok(Index::new()),
            Err(error) => return Err(error),
        };
        let (shelf, damage) = match index {
            Ok(index) => self.load_bodies(index)?,
            Err(why) => {
                let set_aside = durable::set_aside(&self.path)?.display().to_string();
                return Ok((Shelf::default(), vec![CacheDamage::Index { why, set_aside }]));
            }
        };
        if !damage.is_empty() {
            self.write_index(&shelf)?;
        }
        self.remove_strays(&shelf);
        Ok((shelf, damage))
    }

    fn load_bodies(&self, index: Index) -> io::Result<(Shelf, Vec<CacheDamage>)> {
        let (mut shelf, mut damage) = (Shelf::default(), Vec::new());
        for (name, cache, records) in index {
            let mut entries = Vec::new();
            for (id, request, response, checksum) in records {
                match checksum.map(|checksum| self.load_body(id, checksum, &request.url)).transpose()? {
                    None => entries.push(Rc::new(Entry { id, request, response, body: None })),
                    Some(Ok(body)) => entries.push(Rc::new(Entry { id, request, response, body: Some(body) })),
                    Some(Err(lost)) => damage.push(lost),
                }
            }
            shelf.names.push((name, cache));
            shelf.caches.insert(cache, entries);
        }
        Ok((shelf, damage))
    }

    fn load_body(&self, id: EntryId, checksum: u32, url: &str) -> io::Result<Result<Body, CacheDamage>> {
        let path = self.body(id);
        let lost =
            |why: &str, set_aside| Ok(Err(CacheDamage::Body { url: url.to_owned(), why: why.to_owned(), set_aside }));
        match fs::read(&path).map(Body::from) {
            Ok(body) if body.checksum == checksum => Ok(Ok(body)),
            Ok(_) => lost("its checksum is wrong", Some(durable::set_aside(&path)?.display().to_string())),
            Err(error) if error.kind() == NotFound => lost("its body is gone", None),
            Err(error) => Err(error),
        }
    }

    /// Makes the step from one shelf to the next, whole or not at all, durably before it returns.
    pub(super) fn save(&mut self, before: &Shelf, after: &Shelf) -> io::Result<()> {
        durable::create_folder(&self.path)?;
        let (old, new) = (before.bodies(), after.bodies());
        let added: Vec<_> = new.iter().filter(|(id, _)| !old.contains_key(id)).collect();
        for (at, (id, body)) in added.iter().enumerate() {
            if let Err(error) = durable::write_new(&self.body(**id), &body.bytes) {
                self.remove_bodies(added[..at].iter().map(|(id, _)| **id));
                return Err(error);
            }
        }
        if let Err(error) = self.write_index(after) {
            self.doubtful.extend(added.iter().map(|(id, _)| **id));
            return Err(error);
        }
        let doubtful = std::mem::take(&mut self.doubtful);
        self.remove_bodies(doubtful.into_iter().chain(old.into_keys().filter(|id| !new.contains_key(id))));
        Ok(())
    }

    fn write_index(&self, shelf: &Shelf) -> io::Result<()> {
        let index: IndexRef<'_> =
            shelf.names.iter().map(|(name, id)| (&**name, *id, records(shelf.entries(*id)))).collect();
        durable::write(&self.index(), &seal(HEADER, &index).map_err(io::Error::other)?)
    }

    /// One that stays is found by the next process.
    fn remove_bodies(&self, ids: impl Iterator<Item = EntryId>) {
        for id in ids {
            drop(fs::remove_file(self.body(id)));
        }
    }

    /// Removes what processes left that ended in the middle of something.
    fn remove_strays(&self, shelf: &Shelf) {
        let bodies = shelf.bodies();
        let used: BTreeSet<_> = bodies.keys().map(|id| format!("body-{}", id.0)).collect();
        let Ok(files) = fs::read_dir(&self.path) else { return };
        for file in files.flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            let ours = name.strip_prefix("body-").is_some_and(|number| number.parse::<u64>().is_ok());
            if ours && !used.contains(&name) {
                drop(fs::remove_file(file.path()));
            }
        }
    }
}

fn records(entries: &[Rc<Entry>]) -> Vec<RecordRef<'_>> {
    let checksum = |entry: &Entry| entry.body.as_ref().map(|body| body.checksum);
    entries.iter().map(|entry| (entry.id, &entry.request, &entry.response, checksum(entry))).collect()
}
