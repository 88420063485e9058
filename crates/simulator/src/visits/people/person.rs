use super::offsets::Offsets;
use super::{Kind, life};

/// What somebody who knows a person expects of one day's first visit.
#[derive(Clone, Copy, Debug)]
pub(in crate::visits) struct Expected {
    /// The local midnight that the day begins with.
    pub(in crate::visits) midnight: i64,
    /// Minutes after midnight.
    pub(in crate::visits) mean: f64,
    /// Minutes; as the study has it, whatever the spread of this person is.
    pub(in crate::visits) deviation: f64,
}

/// Somebody who reads a site. All moments are minutes of UTC, counted from 00:00 of the date on which the study begins.
#[derive(Clone, Debug)]
pub struct Person {
    pub(super) visits: Vec<i64>,
    pub(super) offsets: Offsets,
    pub(super) unreachable: Vec<(i64, i64)>,
    pub(super) end: i64,
    pub(super) first_weekday: i64,
    pub(super) expected: Vec<Expected>,
    pub(super) disturbances: Vec<i64>,
}

impl Person {
    /// The person of this kind and seed, the same for ever. `spread` multiplies every normal standard deviation; the
    /// study's own is 1.
    #[must_use]
    pub fn new(kind: Kind, seed: u64, spread: f64) -> Self {
        life::live(kind, seed, spread)
    }

    /// Somebody whose visits are known, with a device that is always reachable and at most one change of the offset.
    #[cfg(test)]
    pub(in crate::visits) fn who_visits(
        visits: Vec<i64>,
        first_weekday: i64,
        offset: i64,
        change: Option<(i64, i64)>,
        end: i64,
    ) -> Self {
        let mut offsets = Offsets::new(offset);
        if let Some((at, offset)) = change {
            offsets.change(at, offset);
        }
        let (unreachable, expected, disturbances) = (Vec::new(), Vec::new(), Vec::new());
        Self { visits, offsets, unreachable, end, first_weekday, expected, disturbances }
    }

    /// The visits, in the order of time, no two in one minute.
    #[must_use]
    pub fn visits(&self) -> &[i64] {
        &self.visits
    }

    /// When the simulation ends.
    #[must_use]
    pub const fn end(&self) -> i64 {
        self.end
    }

    /// The weekday of day 0; Monday is 0.
    #[must_use]
    pub const fn first_weekday(&self) -> i64 {
        self.first_weekday
    }

    /// Minutes that local time is ahead of UTC.
    #[must_use]
    pub fn offset(&self, at: i64) -> i64 {
        self.offsets.at(at)
    }

    /// The next change of the offset.
    pub(in crate::visits) fn next_offset_change(&self, after: i64) -> Option<i64> {
        self.offsets.next_change(after)
    }

    /// Whether an event can run: the device is on and has a network.
    #[must_use]
    pub fn can_run(&self, at: i64) -> bool {
        self.stretch(at).is_none_or(|(_, until)| until <= at)
    }

    /// When [`Self::can_run`] changes next.
    pub(in crate::visits) fn next_reachability_change(&self, after: i64) -> Option<i64> {
        let begun = self.unreachable.partition_point(|(from, _)| *from <= after);
        let ends = self.stretch(after).map(|(_, until)| until).filter(|until| *until > after);
        ends.or_else(|| self.unreachable.get(begun).map(|(from, _)| *from))
    }

    /// The last moment up to `at` at which an event can run.
    pub(in crate::visits) fn last_reachable(&self, at: i64) -> i64 {
        match self.stretch(at) {
            Some((from, until)) if at < until => from - 1,
            Some(_) | None => at,
        }
    }

    /// The last unreachable stretch that has begun.
    fn stretch(&self, at: i64) -> Option<(i64, i64)> {
        let begun = self.unreachable.partition_point(|(from, _)| *from <= at);
        begun.checked_sub(1).map(|last| self.unreachable[last])
    }

    /// The days that somebody who knows the person has an expectation of.
    pub(in crate::visits) fn expected(&self) -> &[Expected] {
        &self.expected
    }

    /// When something changed that a habit does not survive: a flight landed, the clocks changed, a job began, a
    /// holiday ended.
    pub(in crate::visits) fn disturbances(&self) -> &[i64] {
        &self.disturbances
    }
}
