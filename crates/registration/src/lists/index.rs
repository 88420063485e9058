//! Where a tag is.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use hashbrown::HashTable;
use slab::Slab;

use super::Entry;
use crate::{Tag, memory};

/// The entries of one list by their tags.
///
/// Each list has one of its own: who goes through a list, as a load does, stays in a small one, and a list that is
/// forgotten takes its index along.
#[derive(Clone, Debug, Default)]
pub(super) struct Index(HashTable<Place>);

/// Where an entry is. Its tag's hash is kept, so that an index grows, and tells most tags apart, without a look at
/// the entries.
#[derive(Clone, Copy, Debug)]
struct Place {
    slot: u32,
    hash: TagHash,
}

/// Hashes tags with a secret, because pages choose them. All lists share it.
#[derive(Clone, Debug, Default)]
pub(super) struct TagHasher(RandomState);

/// Half a word is enough: it is one list that it has to tell tags apart in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TagHash(u32);

impl TagHasher {
    pub(super) fn hash(&self, tag: &Tag) -> TagHash {
        let mut hasher = self.0.build_hasher();
        tag.hash_alone(&mut hasher);
        TagHash((hasher.finish() >> 32) as u32)
    }
}

impl TagHash {
    /// The table takes a place from the lower bits and a mark from the upper ones.
    fn spread(self) -> u64 {
        u64::from(self.0) << 32 | u64::from(self.0)
    }
}

impl Index {
    pub(super) fn find(&self, hash: TagHash, tag: &Tag, entries: &Slab<Entry>) -> Option<u32> {
        let is_it = |place: &Place| place.hash == hash && is_at(place.slot, tag, entries);
        self.0.find(hash.spread(), is_it).map(|place| place.slot)
    }

    /// Takes in an entry whose tag is not there yet.
    pub(super) fn insert(&mut self, hash: TagHash, slot: u32) {
        self.0.insert_unique(hash.spread(), Place { slot, hash }, |place| place.hash.spread());
    }

    pub(super) fn remove(&mut self, hash: TagHash, slot: u32) {
        if let Ok(found) = self.0.find_entry(hash.spread(), |place| place.slot == slot) {
            found.remove();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        memory::of_hash_table(self.0.capacity(), size_of::<Place>())
    }
}

fn is_at(slot: u32, tag: &Tag, entries: &Slab<Entry>) -> bool {
    entries.get(slot as usize).is_some_and(|entry| entry.tag == *tag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lists::{Links, ListId};

    fn entry(tag: Tag) -> Entry {
        Entry { tag, list: ListId(0), generation: 0, links: Links::default(), registration: None }
    }

    proptest! {
        #[test]
        fn tags_with_one_hash_are_told_apart(ops in prop::collection::vec((0_u8..40, any::<bool>()), 0..200)) {
            // Three hashes for forty tags, which no page can bring about.
            let hash = |number: u8| TagHash(u32::from(number % 3));
            let tag = |number: u8| Tag::from(number.to_string().as_str());
            let (mut index, mut entries) = (Index::default(), Slab::new());
            let mut there = [None; 40];
            for (number, take_in) in ops {
                match (there[usize::from(number)], take_in) {
                    (None, true) => {
                        let slot = entries.insert(entry(tag(number))) as u32;
                        index.insert(hash(number), slot);
                        there[usize::from(number)] = Some(slot);
                    }
                    (Some(slot), false) => {
                        index.remove(hash(number), slot);
                        entries.remove(slot as usize);
                        there[usize::from(number)] = None;
                    }
                    (None, false) | (Some(_), true) => {}
                }
                prop_assert_eq!(index.len(), entries.len());
                for (number, slot) in (0..).zip(there) {
                    prop_assert_eq!(index.find(hash(number), &tag(number), &entries), slot);
                }
            }
        }
    }
}
