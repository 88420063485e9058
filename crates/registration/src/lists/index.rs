//! Where a tag is.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;
use slab::Slab;

use super::{Entry, ListId};
use crate::Tag;

/// Entries by list and tag. It holds their places only; pages choose tags, so its hash has a secret.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    places: HashTable<u32>,
    hasher: RandomState,
}

impl Index {
    pub(super) fn find(&self, list: ListId, tag: &Tag, entries: &Slab<Entry>) -> Option<u32> {
        let is_it = |slot: &u32| is_at(*slot, list, tag, entries);
        self.places.find(hash_of(&self.hasher, list, tag), is_it).copied()
    }

    pub(super) fn insert(&mut self, slot: u32, entries: &Slab<Entry>) {
        let Self { places, hasher } = self;
        let hash = |slot: &u32| hash_at(hasher, *slot, entries);
        places.insert_unique(hash(&slot), slot, hash);
    }

    pub(super) fn remove(&mut self, slot: u32, entries: &Slab<Entry>) {
        if let Ok(found) = self.places.find_entry(hash_at(&self.hasher, slot, entries), |other| *other == slot) {
            found.remove();
        }
    }

    pub(super) fn reserve(&mut self, more: usize, entries: &Slab<Entry>) {
        let Self { places, hasher } = self;
        places.reserve(more, |slot| hash_at(hasher, *slot, entries));
    }

    pub(super) fn check(&self, entries: &Slab<Entry>) -> Result<(), String> {
        if self.places.len() != entries.len() {
            return Err(format!("{} tags are indexed, and there are {}", self.places.len(), entries.len()));
        }
        for (slot, entry) in entries {
            let found = self.find(entry.list, &entry.tag, entries);
            if found.map(|found| found as usize) != Some(slot) {
                return Err(format!("{:?} is at {slot} and found at {found:?}", entry.tag));
            }
        }
        Ok(())
    }
}

fn is_at(slot: u32, list: ListId, tag: &Tag, entries: &Slab<Entry>) -> bool {
    entries.get(slot as usize).is_some_and(|entry| entry.list == list && entry.tag == *tag)
}

fn hash_of(hasher: &RandomState, list: ListId, tag: &Tag) -> u64 {
    hasher.hash_one((list, tag))
}

fn hash_at(hasher: &RandomState, slot: u32, entries: &Slab<Entry>) -> u64 {
    entries.get(slot as usize).map_or(0, |entry| hash_of(hasher, entry.list, &entry.tag))
}
