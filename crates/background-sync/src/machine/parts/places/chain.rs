//! A chain through the slots: who stands before and after whom.

/// No neighbour.
const NONE: u32 = u32::MAX;
/// In place of a neighbour: it is in no line.
const OUT: u32 = u32::MAX - 1;
/// In place of a neighbour: it is in the tree of its line.
const IN_TREE: u32 = u32::MAX - 2;

/// The neighbours of a registration in one kind of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Links {
    before: u32,
    after: u32,
}

impl Default for Links {
    fn default() -> Self {
        Self::OUTSIDE
    }
}

impl Links {
    const OUTSIDE: Self = Self { before: OUT, after: OUT };
    pub(super) const TREE: Self = Self { before: IN_TREE, after: IN_TREE };

    pub(super) fn is_out(self) -> bool {
        self.before == OUT
    }

    pub(super) fn is_in_tree(self) -> bool {
        self.before == IN_TREE
    }

    pub(super) fn next(self) -> Option<u32> {
        (self.after != NONE).then_some(self.after)
    }
}

/// The two ends of a chain.
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

/// Which links of a slot a chain goes through.
pub(super) trait Linked {
    /// What holds the links of this line.
    type Slot;
    /// The links of this line.
    fn links(slot: &mut Self::Slot) -> &mut Links;
    /// The same, to read.
    fn read(slot: &Self::Slot) -> Links;
}

impl Ends {
    pub(super) fn first(self) -> Option<u32> {
        (self.first != NONE).then_some(self.first)
    }

    pub(super) fn is_empty(self) -> bool {
        self.first == NONE
    }

    pub(super) fn push<L: Linked>(&mut self, slot: u32, slots: &mut [L::Slot]) {
        let before = std::mem::replace(&mut self.last, slot);
        match slots.get_mut(before as usize) {
            Some(last) => L::links(last).after = slot,
            None => self.first = slot,
        }
        *L::links(&mut slots[slot as usize]) = Links { before, after: NONE };
    }

    pub(super) fn unlink<L: Linked>(&mut self, slot: u32, slots: &mut [L::Slot]) {
        let Links { before, after } = std::mem::take(L::links(&mut slots[slot as usize]));
        match slots.get_mut(before as usize) {
            Some(neighbour) => L::links(neighbour).after = after,
            None => self.first = after,
        }
        match slots.get_mut(after as usize) {
            Some(neighbour) => L::links(neighbour).before = before,
            None => self.last = before,
        }
    }
}
