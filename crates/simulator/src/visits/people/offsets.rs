/// Minutes ahead of UTC, as they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offsets {
    first: i64,
    /// From when on which one, in the order of time.
    changes: Vec<(i64, i64)>,
}

impl Offsets {
    pub(super) const fn new(first: i64) -> Self {
        Self { first, changes: Vec::new() }
    }

    /// `at` is after every change before.
    pub(super) fn change(&mut self, at: i64, offset: i64) {
        self.changes.push((at, offset));
    }

    pub(super) fn at(&self, at: i64) -> i64 {
        let begun = self.changes.partition_point(|(from, _)| *from <= at);
        begun.checked_sub(1).map_or(self.first, |last| self.changes[last].1)
    }

    pub(super) fn next_change(&self, after: i64) -> Option<i64> {
        self.changes.iter().map(|(from, _)| *from).find(|from| *from > after)
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = i64> {
        let changes = self.changes.iter().flat_map(|(from, offset)| [*from, *offset]);
        changes.chain([self.first])
    }
}
