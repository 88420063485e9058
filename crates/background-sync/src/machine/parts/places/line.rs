//! A line: a chain for what comes in order, a tree for the rest.

use std::collections::BTreeSet;

use background_sync_registration::memory;
use rustc_hash::FxHashMap;

use super::Slot;
use super::chain::{Ends, Linked, Links};

/// Registrations in the order of a key. What comes with a larger key than all before, as nearly everything does, is
/// chained to the end; what comes back with an earlier one goes to a tree.
#[derive(Debug)]
pub(super) struct Line<L: Linked, K> {
    chain: Ends,
    /// No key in the chain is larger.
    bound: Option<K>,
    tree: BTreeSet<(K, u32)>,
    /// The keys of those in the tree.
    keys: FxHashMap<u32, K>,
    links: std::marker::PhantomData<L>,
}

impl<L: Linked, K> Default for Line<L, K> {
    fn default() -> Self {
        let links = std::marker::PhantomData;
        Self { chain: Ends::default(), bound: None, tree: BTreeSet::new(), keys: FxHashMap::default(), links }
    }
}

impl<L: Linked<Slot = Slot>, K: Copy + Ord> Line<L, K> {
    pub(super) fn is_empty(&self) -> bool {
        self.chain.is_empty() && self.tree.is_empty()
    }

    /// Puts a registration in that is not in.
    pub(super) fn put(&mut self, key: K, slot: u32, slots: &mut [Slot]) {
        if self.chain.is_empty() {
            self.bound = None;
        }
        if self.bound.is_none_or(|bound| bound <= key) {
            self.bound = Some(key);
            self.chain.push::<L>(slot, slots);
        } else {
            *L::links(&mut slots[slot as usize]) = Links::TREE;
            self.tree.insert((key, slot));
            self.keys.insert(slot, key);
        }
    }

    /// Takes a registration out, if it is in.
    pub(super) fn take(&mut self, slot: u32, slots: &mut [Slot]) {
        let links = L::links(&mut slots[slot as usize]);
        if links.is_out() {
            return;
        }
        if !links.is_in_tree() {
            return self.chain.unlink::<L>(slot, slots);
        }
        *links = Links::default();
        if let Some(key) = self.keys.remove(&slot) {
            self.tree.remove(&(key, slot));
        }
    }

    /// The first one.
    pub(super) fn first(&self, key_at: &impl Fn(u32) -> Option<K>) -> Option<u32> {
        let tree = self.tree.first();
        match (self.chain.first(), tree) {
            (None, None) => None,
            (Some(slot), None) => Some(slot),
            (None, Some((_, slot))) => Some(*slot),
            (Some(chained), Some((key, slot))) => {
                Some(if key_at(chained).is_some_and(|first| first <= *key) { chained } else { *slot })
            }
        }
    }

    /// All, in order.
    pub(super) fn iter<'a>(
        &'a self,
        slots: &'a [Slot],
        key_at: impl Fn(u32) -> Option<K> + 'a,
    ) -> impl Iterator<Item = u32> + 'a {
        let next = |slot: &u32| L::read(slots.get(*slot as usize)?).next();
        let mut chain = std::iter::successors(self.chain.first(), next).peekable();
        let mut tree = self.tree.iter().peekable();
        std::iter::from_fn(move || {
            let chained = chain.peek().and_then(|slot| key_at(*slot));
            match (chained, tree.peek()) {
                (Some(key), Some((other, _))) if key <= *other => chain.next(),
                (Some(_), None) => chain.next(),
                (_, Some(_)) => tree.next().map(|(_, slot)| *slot),
                (None, None) => None,
            }
        })
    }

    pub(super) fn heap_bytes(&self) -> usize {
        memory::of_tree_set(&self.tree) + memory::of_map(&self.keys)
    }
}
