//! One origin's caches and the realms that use them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::{fmt, io};

use super::CacheDamage;
use super::entry::{Body, CachedRequest, CachedResponse, Entry, EntryId};
use super::error::CacheError;
use super::folder::Folder;
use super::matching::Query;
use super::seat::Seat;
use super::shelf::{CacheId, Shelf};

/// What an origin's caches may hold together, in bytes; deleted ones that scripts still hold count, too.
pub(super) const MOST_BYTES: usize = 64 << 20;

/// The caches of one origin. Clones are the same caches; give one to every realm of the origin.
#[derive(Clone)]
pub struct Caches(Rc<RefCell<Origin>>);

impl Caches {
    /// No caches yet; those to come live as long as this value and its clones.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of(None, Shelf::default())
    }

    /// The caches that a folder keeps, and what of them is damaged. The folder is made when there is something to keep.
    /// One value at a time may have it open.
    ///
    /// # Errors
    /// When it cannot be read. Nothing is lost then.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<(Self, Vec<CacheDamage>)> {
        let mut folder = Folder::new(folder.into());
        let (shelf, damage) = folder.load()?;
        Ok((Self::of(Some(folder), shelf), damage))
    }

    fn of(folder: Option<Folder>, shelf: Shelf) -> Self {
        let last_entry = shelf.caches.values().flatten().map(|entry| entry.id.0).max().unwrap_or(0);
        let last_cache = shelf.caches.keys().map(|id| id.0).max().unwrap_or(0);
        let origin = Origin { folder, shelf, holders: BTreeMap::new(), last_id: last_entry.max(last_cache) };
        Self(Rc::new(RefCell::new(origin)))
    }

    /// Cuts the caches off from their folder, which is about to be cleared. Realms that still use them go on with none,
    /// and with those they hold, empty; nothing of it is kept.
    pub fn detach(&self) {
        let mut origin = self.0.borrow_mut();
        origin.folder = None;
        origin.shelf.names.clear();
        let Origin { shelf, holders, .. } = &mut *origin;
        shelf.caches = holders.keys().map(|id| (*id, Vec::new())).collect();
    }

    /// A seat for one more realm.
    pub(in crate::script) fn seat(&self) -> Seat {
        Seat::new(Rc::clone(&self.0))
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Caches").field("names", &self.0.borrow().shelf.names).finish_non_exhaustive()
    }
}

/// A request, its response, and the response's body.
pub(super) type Addition = (CachedRequest, CachedResponse, Option<Body>);

pub(super) struct Origin {
    /// None for caches that are kept nowhere.
    folder: Option<Folder>,
    shelf: Shelf,
    /// How many objects of scripts stand for a cache.
    holders: BTreeMap<CacheId, u32>,
    last_id: u64,
}

impl Origin {
    pub(super) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The cache of a name, made if there is none. It has one holder more.
    pub(super) fn open(&mut self, name: String) -> Result<CacheId, CacheError> {
        let id = match self.shelf.named(&name) {
            Some(id) => id,
            None => {
                let id = CacheId(self.new_id());
                let mut next = self.shelf.clone();
                next.names.push((name, id));
                next.caches.insert(id, Vec::new());
                self.change(next)?;
                id
            }
        };
        *self.holders.entry(id).or_default() += 1;
        Ok(id)
    }

    /// An object that stood for a cache is gone.
    pub(super) fn release(&mut self, id: CacheId) {
        let holders = self.holders.get(&id).map_or(0, |holders| holders - 1);
        if holders > 0 {
            self.holders.insert(id, holders);
            return;
        }
        self.holders.remove(&id);
        if !self.shelf.is_named(id) {
            self.shelf.caches.remove(&id);
        }
    }

    /// Takes the name from a cache, which lives on for those who hold it. Says whether there was one.
    pub(super) fn delete(&mut self, name: &str) -> Result<bool, CacheError> {
        let Some(id) = self.shelf.named(name) else { return Ok(false) };
        let mut next = self.shelf.clone();
        next.names.retain(|(_, other)| *other != id);
        if !self.holders.contains_key(&id) {
            next.caches.remove(&id);
        }
        self.change(next)?;
        Ok(true)
    }

    /// Puts all or none.
    pub(super) fn put(&mut self, id: CacheId, additions: Vec<Addition>) -> Result<(), CacheError> {
        let entries = additions.into_iter().map(|(request, response, body)| {
            let id = EntryId(self.new_id());
            Entry { id, request, response, body }
        });
        let entries = entries.collect();
        self.change(self.shelf.with(id, entries)?)
    }

    /// Removes what a query finds; says whether that was anything.
    pub(super) fn remove(&mut self, id: CacheId, query: &Query) -> Result<bool, CacheError> {
        let Some(next) = self.shelf.without(id, query) else { return Ok(false) };
        self.change(next)?;
        Ok(true)
    }

    /// On the disk first: what cannot be kept does not happen.
    fn change(&mut self, next: Shelf) -> Result<(), CacheError> {
        let size = next.size();
        if size > MOST_BYTES && size > self.shelf.size() {
            return Err(CacheError::TooLarge);
        }
        if let Some(folder) = &mut self.folder {
            folder.save(&self.shelf, &next).map_err(CacheError::Disk)?;
        }
        self.shelf = next;
        Ok(())
    }

    fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::{CachedRequest, CachedResponse, ResponseType};
    use super::super::error::CacheError;
    use super::{Addition, Caches, MOST_BYTES};

    fn addition(path: &str, bytes: usize) -> Addition {
        let request = CachedRequest { url: format!("https://a.test/{path}"), headers: Vec::new() };
        let response = CachedResponse {
            url: String::new(),
            kind: ResponseType::Default,
            redirected: false,
            status: 200,
            status_text: String::new(),
            headers: Vec::new(),
        };
        (request, response, Some(vec![0; bytes].into()))
    }

    #[test]
    fn there_is_a_bound_and_what_is_replaced_or_let_go_makes_room() {
        let caches = Caches::in_memory();
        let mut origin = caches.0.borrow_mut();
        let id = origin.open("\"a\"".to_owned()).unwrap();
        let half = MOST_BYTES / 2;
        origin.put(id, vec![addition("1", half)]).unwrap();
        assert!(matches!(origin.put(id, vec![addition("2", half)]), Err(CacheError::TooLarge)));
        assert_eq!(origin.shelf.entries(id).len(), 1);
        origin.put(id, vec![addition("1", half + 1)]).unwrap();
        // A deleted cache counts for as long as somebody holds it.
        assert!(origin.delete("\"a\"").unwrap());
        let second = origin.open("\"a\"".to_owned()).unwrap();
        assert!(matches!(origin.put(second, vec![addition("1", half)]), Err(CacheError::TooLarge)));
        origin.release(id);
        origin.put(second, vec![addition("1", half)]).unwrap();
    }

    #[test]
    fn a_batch_with_the_same_request_twice_does_nothing() {
        let caches = Caches::in_memory();
        let mut origin = caches.0.borrow_mut();
        let id = origin.open("\"a\"".to_owned()).unwrap();
        let twice = vec![addition("1", 0), addition("2", 0), addition("1#part", 0)];
        assert!(matches!(origin.put(id, twice), Err(CacheError::SameTwice(url)) if url == "https://a.test/1#part"));
        assert!(origin.shelf.entries(id).is_empty());
    }

    #[test]
    fn what_is_detached_is_empty_and_works() {
        let folder = tempfile::tempdir().unwrap();
        let (caches, _) = Caches::open(folder.path().join("caches")).unwrap();
        let id = caches.0.borrow_mut().open("\"a\"".to_owned()).unwrap();
        caches.0.borrow_mut().put(id, vec![addition("1", 1)]).unwrap();
        caches.detach();
        std::fs::remove_dir_all(folder.path()).unwrap();
        let mut origin = caches.0.borrow_mut();
        assert!(origin.shelf.names.is_empty() && origin.shelf.entries(id).is_empty());
        origin.put(id, vec![addition("2", 1)]).unwrap();
        assert_eq!(origin.shelf.entries(id).len(), 1);
        assert!(!folder.path().exists());
    }
}
