//! Things by a name that is never used twice.

use std::collections::BTreeMap;
use std::fmt;

use background_sync_registration::memory;
use slab::Slab;

/// Names a thing of a [`Table`]. A later thing has a larger name, and a stale name finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::machine) struct Name {
    serial: u64,
    slot: u32,
}

impl Name {
    /// Before all names that are given.
    pub(in crate::machine) const FIRST: Self = Self { serial: 0, slot: 0 };
    /// After all of them.
    pub(in crate::machine) const LAST: Self = Self { serial: u64::MAX, slot: u32::MAX };

    /// The order of names in half a word; after four thousand million names it begins anew.
    pub(in crate::machine) fn rank(self) -> u32 {
        (self.serial & u64::from(u32::MAX)) as u32
    }
}

/// Things in the order in which they were made.
pub(in crate::machine) struct Table<T> {
    things: Slab<(u64, T)>,
    in_order: BTreeMap<u64, u32>,
    last: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { things: Slab::new(), in_order: BTreeMap::new(), last: 0 }
    }
}

impl<T> Table<T> {
    /// Takes a thing in; `None` when there are four thousand million.
    pub(in crate::machine) fn add(&mut self, thing: T) -> Option<Name> {
        let slot = u32::try_from(self.things.vacant_key()).ok()?;
        self.last += 1;
        self.things.insert((self.last, thing));
        self.in_order.insert(self.last, slot);
        Some(Name { serial: self.last, slot })
    }

    pub(in crate::machine) fn get(&self, name: Name) -> Option<&T> {
        let (serial, thing) = self.things.get(name.slot as usize)?;
        (*serial == name.serial).then_some(thing)
    }

    pub(in crate::machine) fn get_mut(&mut self, name: Name) -> Option<&mut T> {
        let (serial, thing) = self.things.get_mut(name.slot as usize)?;
        (*serial == name.serial).then_some(thing)
    }

    pub(in crate::machine) fn remove(&mut self, name: Name) -> Option<T> {
        self.get(name)?;
        self.in_order.remove(&name.serial);
        Some(self.things.remove(name.slot as usize).1)
    }

    pub(in crate::machine) fn len(&self) -> usize {
        self.things.len()
    }

    /// All things, first made first.
    pub(in crate::machine) fn iter(&self) -> impl Iterator<Item = (Name, &T)> {
        self.in_order.iter().filter_map(|(serial, slot)| {
            let (_, thing) = self.things.get(*slot as usize)?;
            Some((Name { serial: *serial, slot: *slot }, thing))
        })
    }

    /// All names, first made first.
    pub(in crate::machine) fn names(&self) -> Vec<Name> {
        self.iter().map(|(name, _)| name).collect()
    }

    /// Without what the things hold themselves.
    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let Self { things, in_order, last: _ } = self;
        memory::of_slab(things) + memory::of_tree(in_order)
    }
}

/// What is kept beside the things of a [`Table`], by their places. Whoever keeps something here takes it back before the
/// thing goes: the next one at its place finds nothing of it.
#[derive(Debug)]
pub(in crate::machine) struct Beside<T>(Vec<T>);

impl<T> Default for Beside<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Default> Beside<T> {
    /// What is kept of a thing; `None` where there was never anything.
    pub(in crate::machine) fn get(&self, name: Name) -> Option<&T> {
        self.0.get(name.slot as usize)
    }

    /// The same, to change.
    pub(in crate::machine) fn get_mut(&mut self, name: Name) -> &mut T {
        let slot = name.slot as usize;
        if self.0.len() <= slot {
            self.0.resize_with(slot + 1, T::default);
        }
        &mut self.0[slot]
    }

    /// Without what the things hold themselves.
    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        memory::of_vec(&self.0)
    }

    /// All that is kept.
    pub(in crate::machine) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(name, thing)| (name.serial, thing))).finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_beside_things_is_found_by_their_names() {
        let (mut table, mut beside) = (Table::default(), Beside::<usize>::default());
        let [a, b] = ["a", "b"].map(|thing| table.add(thing).unwrap());
        *beside.get_mut(b) += 2;
        assert_eq!([beside.get(a), beside.get(b)], [Some(&0), Some(&2)]);
        let c = table.add("c").unwrap();
        assert_eq!(beside.get(c), None, "nothing was ever kept so far out");
    }

    #[test]
    fn a_stale_name_finds_nothing_and_the_order_is_that_of_making() {
        let mut table = Table::default();
        let [a, b] = ["a", "b"].map(|thing| table.add(thing).unwrap());
        assert_eq!(table.remove(a), Some("a"));
        let c = table.add("c").unwrap();
        assert_eq!(c.slot, a.slot, "the place is used again");
        assert_eq!(table.get(a), None, "but the name is not");
        assert_eq!(table.remove(a), None);
        let in_order: Vec<_> = table.iter().map(|(_, thing)| *thing).collect();
        assert_eq!((in_order, table.names(), b < c), (vec!["b", "c"], vec![b, c], true));
    }
}
