//! The order of a list: a chain through the arena, by sequence number.

use slab::Slab;

use super::Entry;
use crate::Sequence;

/// No place.
const NONE: u32 = u32::MAX;

/// The neighbours of a registration in its list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    before: u32,
    after: u32,
}

impl Default for Links {
    fn default() -> Self {
        Self { before: NONE, after: NONE }
    }
}

impl Links {
    pub(super) fn next(self) -> Option<u32> {
        (self.after != NONE).then_some(self.after)
    }
}

/// The first and the last registration of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    first: u32,
    last: u32,
}

impl Default for Ends {
    fn default() -> Self {
        Self { first: NONE, last: NONE }
    }
}

impl Ends {
    pub(super) fn first(self) -> Option<u32> {
        (self.first != NONE).then_some(self.first)
    }

    /// Puts a registration where its number belongs: nearly always at the end. Only one that was removed while a
    /// call for it was on its way comes back with an earlier number.
    pub(super) fn link(&mut self, slot: u32, entries: &mut Slab<Entry>) {
        let Some(sequence) = sequence_at(slot, entries) else { return };
        let mut before = self.last;
        while sequence_at(before, entries).is_some_and(|other| other > sequence) {
            before = entries.get(before as usize).map_or(NONE, |entry| entry.links.before);
        }
        let after = match entries.get_mut(before as usize) {
            Some(entry) => std::mem::replace(&mut entry.links.after, slot),
            None => std::mem::replace(&mut self.first, slot),
        };
        match entries.get_mut(after as usize) {
            Some(entry) => entry.links.before = slot,
            None => self.last = slot,
        }
        if let Some(entry) = entries.get_mut(slot as usize) {
            entry.links = Links { before, after };
        }
    }

    pub(super) fn unlink(&mut self, slot: u32, entries: &mut Slab<Entry>) {
        let Some(entry) = entries.get_mut(slot as usize) else { return };
        let Links { before, after } = std::mem::take(&mut entry.links);
        match entries.get_mut(before as usize) {
            Some(entry) => entry.links.after = after,
            None => self.first = after,
        }
        match entries.get_mut(after as usize) {
            Some(entry) => entry.links.before = before,
            None => self.last = before,
        }
    }
}

fn sequence_at(slot: u32, entries: &Slab<Entry>) -> Option<Sequence> {
    Some(entries.get(slot as usize)?.registration.as_ref()?.sequence())
}
