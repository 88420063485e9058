//! The caches that there are at one moment. Copying one copies no response.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::entry::{Body, Entry, EntryId};
use super::error::CacheError;
use super::matching::Query;

/// Unique among all caches that an origin has had since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct CacheId(pub(super) u64);

#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    /// In the order in which they were made. A name is the JSON text of a string, which may hold lone surrogates.
    pub(super) names: Vec<(String, CacheId)>,
    /// Those with a name, and deleted ones that scripts still hold.
    pub(super) caches: BTreeMap<CacheId, Vec<Rc<Entry>>>,
}

impl Shelf {
    pub(super) fn named(&self, name: &str) -> Option<CacheId> {
        self.names.iter().find(|(other, _)| other == name).map(|(_, id)| *id)
    }

    pub(super) fn is_named(&self, id: CacheId) -> bool {
        self.names.iter().any(|(_, other)| *other == id)
    }

    pub(super) fn entries(&self, id: CacheId) -> &[Rc<Entry>] {
        self.caches.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a query finds, in order; everything without a query.
    pub(super) fn find(&self, id: CacheId, query: Option<&Query>) -> impl Iterator<Item = &Rc<Entry>> {
        let found = move |entry: &&Rc<Entry>| query.is_none_or(|query| query.finds(&entry.request, &entry.response));
        self.entries(id).iter().filter(found)
    }

    /// The shelf with these responses in the place of those for the same requests.
    pub(super) fn with(&self, id: CacheId, added: Vec<Entry>) -> Result<Self, CacheError> {
        let mut kept = self.entries(id).to_vec();
        let mut new: Vec<Rc<Entry>> = Vec::new();
        for entry in added {
            let query = Query::exactly(&entry.request);
            let same = |other: &Rc<Entry>| query.finds(&other.request, &other.response);
            if new.iter().any(same) {
                return Err(CacheError::SameTwice(entry.request.url));
            }
            kept.retain(|other| !same(other));
            new.push(Rc::new(entry));
        }
        kept.extend(new);
        let mut next = self.clone();
        next.caches.insert(id, kept);
        Ok(next)
    }

    /// The shelf without what a query finds; none if it finds nothing.
    pub(super) fn without(&self, id: CacheId, query: &Query) -> Option<Self> {
        let mut next = self.clone();
        let entries = next.caches.get_mut(&id)?;
        entries.retain(|entry| !query.finds(&entry.request, &entry.response));
        (entries.len() < self.entries(id).len()).then_some(next)
    }

    /// What all of it counts, in bytes.
    pub(super) fn size(&self) -> usize {
        let names = self.names.iter().map(|(name, _)| name.len());
        names.chain(self.caches.values().flatten().map(|entry| entry.size())).sum()
    }

    /// The bodies that have to be kept.
    pub(super) fn bodies(&self) -> BTreeMap<EntryId, &Body> {
        let entries = self.names.iter().flat_map(|(_, id)| self.entries(*id));
        entries.filter_map(|entry| Some((entry.id, entry.body.as_ref()?))).collect()
    }
}
