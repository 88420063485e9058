//! All lists of sync registrations, in one arena.

mod in_order;
mod index;

use std::fmt;

use background_sync_policy::{RegistrationKey, SyncKind};
use slab::Slab;

use crate::{SyncRegistration, Tag, memory};
use in_order::{Ends, Links};
use index::{Index, TagHasher};

/// The lists of sync registrations (`sync.def.list`, `periodic.def.active`) of all service worker registrations of a
/// profile, one for each kind.
///
/// A registration is one record here; everybody else holds its [`TagId`]. Finding a tag, adding and removing cost
/// the same however many there are. A list is in the order of first registrations.
///
/// A tag can be *held* without being registered, while a call for it is on its way to the store: so there is one
/// name for it from the call on.
#[derive(Clone, Debug, Default)]
pub struct SyncRegistrationLists {
    lists: Slab<List>,
    entries: Slab<Entry>,
    hasher: TagHasher,
    registrations: usize,
    /// Of the next entry: no name is given twice.
    generation: u32,
}

/// Names one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListId(u32);

/// Names one tag of one list, as long as it is registered or held. One of the past finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagId {
    slot: u32,
    generation: u32,
}

impl ListId {
    /// A small number for tables that stand beside the lists: no two lists have the same one at a time.
    #[must_use]
    pub const fn slot(self) -> u32 {
        self.0
    }
}

impl TagId {
    /// A small number for tables that stand beside the lists: no two tags have the same one at a time.
    #[must_use]
    pub const fn slot(self) -> u32 {
        self.slot
    }
}

#[derive(Clone, Debug)]
struct List {
    key: RegistrationKey,
    kind: SyncKind,
    ends: Ends,
    len: usize,
    /// `sync.def.unique`: a tag occurs at most once in a list. Those that are held are in it too.
    index: Index,
}

#[derive(Clone)]
struct Entry {
    tag: Tag,
    list: ListId,
    generation: u32,
    links: Links,
    registration: Option<SyncRegistration>,
}

impl SyncRegistrationLists {
    /// No lists.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the empty list of a service worker registration for syncs of a kind.
    ///
    /// # Panics
    /// When there are four thousand million already.
    pub fn add_list(&mut self, key: RegistrationKey, kind: SyncKind) -> ListId {
        let list = List { key, kind, ends: Ends::default(), len: 0, index: Index::default() };
        let place = self.lists.insert(list);
        ListId(number(place).expect("no machine holds four thousand million lists"))
    }

    /// Forgets a list in which no tag is registered or held. `false`, and nothing happens, when there is one.
    pub fn remove_list(&mut self, list: ListId) -> bool {
        let is_unused = self.lists.get(list.0 as usize).is_some_and(|list| list.index.is_empty());
        is_unused && self.lists.try_remove(list.0 as usize).is_some()
    }

    /// The service worker registration that owns a list.
    #[must_use]
    pub fn key(&self, list: ListId) -> Option<&RegistrationKey> {
        self.lists.get(list.0 as usize).map(|list| &list.key)
    }

    /// The kind of the syncs in a list.
    #[must_use]
    #[inline]
    pub fn kind(&self, list: ListId) -> Option<SyncKind> {
        self.lists.get(list.0 as usize).map(|list| list.kind)
    }

    /// How many registrations a list has.
    #[must_use]
    #[inline]
    pub fn len_of(&self, list: ListId) -> usize {
        self.lists.get(list.0 as usize).map_or(0, |list| list.len)
    }

    /// How many registrations there are in all lists.
    #[must_use]
    pub fn len(&self) -> usize {
        self.registrations
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.registrations == 0
    }

    /// Makes room for so many registrations more.
    pub fn reserve(&mut self, more: usize) {
        self.entries.reserve(more);
    }

    /// The name of a tag that is registered or held.
    #[must_use]
    #[inline]
    pub fn find(&self, list: ListId, tag: &Tag) -> Option<TagId> {
        let index = &self.lists.get(list.0 as usize)?.index;
        let slot = index.find(self.hasher.hash(tag), tag, &self.entries)?;
        Some(TagId { slot, generation: self.entries.get(slot as usize)?.generation })
    }

    /// The name of a tag, registered or not: from now on it has one, until it is [released](Self::release). `None`
    /// for a list that is not there, and when there are four thousand million tags already.
    pub fn hold(&mut self, list: ListId, tag: Tag) -> Option<TagId> {
        let index = &mut self.lists.get_mut(list.0 as usize)?.index;
        let hash = self.hasher.hash(&tag);
        if let Some(slot) = index.find(hash, &tag, &self.entries) {
            return Some(TagId { slot, generation: self.entries.get(slot as usize)?.generation });
        }
        let slot = number(self.entries.vacant_key())?;
        self.generation = self.generation.wrapping_add(1);
        let generation = self.generation;
        self.entries.insert(Entry { tag, list, generation, links: Links::default(), registration: None });
        index.insert(hash, slot);
        Some(TagId { slot, generation })
    }

    /// Nothing goes on with a tag any more: it has a name as long as it is registered.
    pub fn release(&mut self, tag: TagId) {
        if self.entry(tag).is_none_or(|entry| entry.registration.is_some()) {
            return;
        }
        let Some(entry) = self.entries.try_remove(tag.slot as usize) else { return };
        if let Some(list) = self.lists.get_mut(entry.list.0 as usize) {
            list.index.remove(self.hasher.hash(&entry.tag), tag.slot);
        }
    }

    /// What there is under a name: its list, its tag, and its registration, if it is registered.
    #[must_use]
    #[inline]
    pub fn held(&self, tag: TagId) -> Option<(ListId, &Tag, Option<&SyncRegistration>)> {
        self.entry(tag).map(|entry| (entry.list, &entry.tag, entry.registration.as_ref()))
    }

    /// The tag behind a name.
    #[must_use]
    #[inline]
    pub fn tag(&self, tag: TagId) -> Option<&Tag> {
        self.entry(tag).map(|entry| &entry.tag)
    }

    /// The list of a tag.
    #[must_use]
    #[inline]
    pub fn list_of(&self, tag: TagId) -> Option<ListId> {
        self.entry(tag).map(|entry| entry.list)
    }

    /// The registration of a tag.
    #[must_use]
    #[inline]
    pub fn get(&self, tag: TagId) -> Option<&SyncRegistration> {
        self.entry(tag)?.registration.as_ref()
    }

    /// The registration of a tag, to change.
    #[inline]
    pub fn get_mut(&mut self, tag: TagId) -> Option<&mut SyncRegistration> {
        let entry = self.entries.get_mut(tag.slot as usize)?;
        if entry.generation == tag.generation { entry.registration.as_mut() } else { None }
    }

    /// The registration with this small number, for tables that stand beside the lists.
    #[must_use]
    #[inline]
    pub fn at(&self, slot: u32) -> Option<(TagId, &SyncRegistration)> {
        let entry = self.entries.get(slot as usize)?;
        Some((TagId { slot, generation: entry.generation }, entry.registration.as_ref()?))
    }

    /// The registrations of a list, first registration first.
    pub fn iter(&self, list: ListId) -> impl Iterator<Item = (TagId, &Tag, &SyncRegistration)> {
        let first = self.lists.get(list.0 as usize).and_then(|list| list.ends.first());
        let slots = std::iter::successors(first, |slot| self.entries.get(*slot as usize)?.links.next());
        slots.filter_map(|slot| {
            let entry = self.entries.get(slot as usize)?;
            Some((TagId { slot, generation: entry.generation }, &entry.tag, entry.registration.as_ref()?))
        })
    }

    /// Takes a registration out of its list. Its tag keeps its name until it is [released](Self::release).
    pub fn remove(&mut self, tag: TagId) -> Option<SyncRegistration> {
        let list = self.list_of(tag)?;
        self.get(tag)?;
        let ends = &mut self.lists.get_mut(list.0 as usize)?;
        ends.len -= 1;
        ends.ends.unlink(tag.slot, &mut self.entries);
        self.registrations -= 1;
        self.entries.get_mut(tag.slot as usize)?.registration.take()
    }

    /// Adds a registration read from the store under a tag that is held. `false`, and nothing happens, when the tag
    /// is registered already.
    pub fn restore(&mut self, tag: TagId, registration: SyncRegistration) -> bool {
        if self.entry(tag).is_none_or(|entry| entry.registration.is_some()) {
            return false;
        }
        self.insert(tag, registration);
        true
    }

    pub(crate) fn insert(&mut self, tag: TagId, registration: SyncRegistration) {
        let Some(entry) = self.entries.get_mut(tag.slot as usize) else { return };
        let list = entry.list;
        entry.registration = Some(registration);
        if let Some(list) = self.lists.get_mut(list.0 as usize) {
            list.len += 1;
            self.registrations += 1;
            list.ends.link(tag.slot, &mut self.entries);
        }
    }

    #[inline]
    fn entry(&self, tag: TagId) -> Option<&Entry> {
        self.entries.get(tag.slot as usize).filter(|entry| entry.generation == tag.generation)
    }

    /// Says what is wrong with the lists, if anything is.
    ///
    /// # Errors
    /// The first broken invariant, in words.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.check_index()?;
        let mut registrations = 0;
        for (place, list) in &self.lists {
            let Some(id) = number(place).map(ListId) else { continue };
            let sequences: Vec<_> = self.iter(id).map(|(_, _, registration)| registration.sequence()).collect();
            if sequences.len() != list.len {
                return Err(format!("{:?} counts {} registrations and has {}", list.key, list.len, sequences.len()));
            }
            if !sequences.is_sorted_by(|before, after| before < after) {
                return Err(format!("the list of {:?} is not in order: {sequences:?}", list.key));
            }
            registrations += list.len;
        }
        let registered = self.entries.iter().filter(|(_, entry)| entry.registration.is_some()).count();
        if registrations != self.registrations || registered != registrations {
            return Err(format!("{} registrations, {registrations} in lists, {registered} there", self.registrations));
        }
        Ok(())
    }

    fn check_index(&self) -> Result<(), String> {
        let indexed: usize = self.lists.iter().map(|(_, list)| list.index.len()).sum();
        if indexed != self.entries.len() {
            return Err(format!("{indexed} tags are indexed, and there are {}", self.entries.len()));
        }
        for (slot, entry) in &self.entries {
            let found = self.find(entry.list, &entry.tag);
            if found.map(|found| found.slot as usize) != Some(slot) {
                return Err(format!("{:?} is at {slot} and found at {found:?}", entry.tag));
            }
        }
        Ok(())
    }

    /// Bytes that they hold on the heap, about: see [`memory`]. The keys are not counted, which others have too. Looks at
    /// every registration.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let Self { lists, entries, hasher: _, registrations: _, generation: _ } = self;
        let indices: usize = lists.iter().map(|(_, list)| list.index.heap_bytes()).sum();
        let of_entry = |entry: &Entry| {
            entry.tag.heap_bytes() + entry.registration.as_ref().map_or(0, SyncRegistration::heap_bytes)
        };
        let of_entries: usize = entries.iter().map(|(_, entry)| of_entry(entry)).sum();
        memory::of_slab(lists) + memory::of_slab(entries) + indices + of_entries
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("tag", &self.tag)
            .field("registration", &self.registration)
            .finish_non_exhaustive()
    }
}

/// A place of an arena in half a word.
fn number(place: usize) -> Option<u32> {
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_small() {
        assert_eq!(size_of::<Entry>(), 96);
    }
}
