use std::collections::{BTreeMap, HashMap};

use background_sync_policy::RegistrationKey;

use crate::{Sequence, SyncRegistration, Tag};

/// The list of sync registrations of one service worker registration (`sync.def.list`), in the order
/// in which the tags were first registered.
#[derive(Clone, Debug)]
pub struct SyncRegistrationList {
    key: RegistrationKey,
    /// `sync.def.unique`: a tag occurs at most once. Points into `in_order`.
    by_tag: HashMap<Tag, Sequence>,
    in_order: BTreeMap<Sequence, SyncRegistration>,
}

impl SyncRegistrationList {
    /// The empty list of a service worker registration.
    #[must_use]
    pub fn new(key: RegistrationKey) -> Self {
        Self { key, by_tag: HashMap::new(), in_order: BTreeMap::new() }
    }

    /// The service worker registration that owns the list.
    #[must_use]
    pub fn key(&self) -> &RegistrationKey {
        &self.key
    }

    /// How many registrations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.in_order.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    /// The registration of a tag.
    #[must_use]
    pub fn get(&self, tag: &Tag) -> Option<&SyncRegistration> {
        self.in_order.get(self.by_tag.get(tag)?)
    }

    /// The registration of a tag, to change.
    pub fn get_mut(&mut self, tag: &Tag) -> Option<&mut SyncRegistration> {
        self.in_order.get_mut(self.by_tag.get(tag)?)
    }

    /// The registration with this number.
    #[must_use]
    pub fn get_by_sequence(&self, sequence: Sequence) -> Option<&SyncRegistration> {
        self.in_order.get(&sequence)
    }

    /// The registration with this number, to change.
    pub fn get_by_sequence_mut(&mut self, sequence: Sequence) -> Option<&mut SyncRegistration> {
        self.in_order.get_mut(&sequence)
    }

    /// All registrations, first registration first.
    pub fn iter(&self) -> impl Iterator<Item = &SyncRegistration> {
        self.in_order.values()
    }

    /// Takes a registration out of the list.
    pub fn remove(&mut self, tag: &Tag) -> Option<SyncRegistration> {
        let sequence = self.by_tag.remove(tag)?;
        self.in_order.remove(&sequence)
    }

    /// Adds a registration read from the store. `false`, and nothing happens, when its tag or its
    /// number is in the list already.
    pub fn restore(&mut self, registration: SyncRegistration) -> bool {
        if self.by_tag.contains_key(&registration.tag) || self.in_order.contains_key(&registration.sequence) {
            return false;
        }
        self.insert(registration);
        true
    }

    pub(crate) fn insert(&mut self, registration: SyncRegistration) {
        self.by_tag.insert(registration.tag.clone(), registration.sequence);
        self.in_order.insert(registration.sequence, registration);
    }

    /// Says what is wrong with the list, if anything is.
    ///
    /// # Errors
    /// The first broken invariant, in words.
    pub fn check_invariants(&self) -> Result<(), String> {
        if self.by_tag.len() != self.in_order.len() {
            return Err(format!("{} tags for {} registrations", self.by_tag.len(), self.in_order.len()));
        }
        for (sequence, registration) in &self.in_order {
            if *sequence != registration.sequence || self.by_tag.get(&registration.tag) != Some(sequence) {
                return Err(format!("{registration:?} is filed under {sequence:?}"));
            }
        }
        Ok(())
    }
}
