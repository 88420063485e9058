//! The periodic registrations of an origin: which wait for their turn, and which have it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use background_sync_registration::{MonotonicTime, Now, Observed, Sequence, TagId, WallTime, memory};
use background_sync_scheduler::{PeriodicOrigin, SyncParameters, Turn};

/// Since when some have their turn, and what came of it.
#[derive(Clone, Copy, Debug)]
struct GivenTurn {
    since: MonotonicTime,
    /// A worker was started.
    started: bool,
    /// An event was dispatched.
    fired: bool,
}

/// What is judged as one: the text looks at an origin once for all its due tags.
#[derive(Debug, Default)]
pub(in crate::machine) struct Periodic {
    /// What is remembered of the origin.
    kept: PeriodicOrigin,
    /// Those that have no turn, by when their own interval is over.
    line: BTreeSet<Due>,
    /// Where each of its periodic registrations is.
    tags: BTreeMap<TagId, Place>,
    /// That of those that have theirs.
    turn: Option<GivenTurn>,
    /// Since when something of it has been due, in this session.
    due_since: Option<Observed>,
}

type Due = (WallTime, Sequence, TagId);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    InLine(WallTime, Sequence),
    /// Its event, or a retry of it, may fire.
    HasTurn,
}

impl Periodic {
    pub(super) fn restored(bytes: &[u8], now: WallTime) -> Self {
        // What makes no sense is as if nothing had been remembered: nothing of it is promised to a page.
        let mut kept = PeriodicOrigin::decode(bytes, now).unwrap_or_default();
        // The clock may have been set back since.
        kept.no_later_than(now);
        Self { kept, ..Self::default() }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        self.kept.encode()
    }

    /// For how long what its events used has to be remembered.
    pub(super) fn remembers_for(&mut self, now: Now, params: &SyncParameters) -> Option<Duration> {
        self.kept.budget_mut().forget(now.wall);
        let params = &params.periodic;
        (!self.kept.is_over(now.wall, params)).then(|| self.kept.effective_interval(params))
    }

    pub(in crate::machine) fn kept(&self) -> &PeriodicOrigin {
        &self.kept
    }

    pub(in crate::machine) fn kept_mut(&mut self) -> &mut PeriodicOrigin {
        &mut self.kept
    }

    /// A registration is there, and its own interval is over then. One that has its turn keeps it.
    pub(in crate::machine) fn file(&mut self, tag: TagId, sequence: Sequence, over: WallTime) {
        match self.tags.get(&tag) {
            Some(Place::HasTurn) => return,
            Some(Place::InLine(before, number)) => {
                if (*before, *number) == (over, sequence) {
                    return;
                }
                self.line.remove(&(*before, *number, tag));
            }
            None => {}
        }
        self.tags.insert(tag, Place::InLine(over, sequence));
        self.line.insert((over, sequence, tag));
    }

    /// A registration is gone. Says whether it was here.
    pub(in crate::machine) fn remove(&mut self, tag: TagId) -> bool {
        let Some(place) = self.tags.remove(&tag) else { return false };
        if let Place::InLine(over, sequence) = place {
            self.line.remove(&(over, sequence, tag));
        }
        self.end_turn_if_over();
        if self.tags.is_empty() {
            self.kept.emptied();
        }
        true
    }

    /// Something of it is due, since then if that is new; or nothing is, for `None`.
    pub(in crate::machine) fn set_due(&mut self, since: Option<Observed>) {
        let earlier = |since: Observed| self.due_since.filter(|before| before.wall <= since.wall).unwrap_or(since);
        self.due_since = since.map(earlier);
    }

    /// It is judged now: what joins another's wake-up a little before its own time counts as due with that.
    pub(in crate::machine) fn due_by(&mut self, now: Observed) {
        self.due_since.get_or_insert(now);
    }

    /// Since when something of it has been due: conditions relax with that.
    pub(in crate::machine) fn due_since(&self) -> Option<Observed> {
        self.due_since
    }

    /// The one whose interval is over first.
    pub(in crate::machine) fn first(&self) -> Option<TagId> {
        self.line.first().map(|(.., tag)| *tag)
    }

    /// Those whose interval is over by then, longest over first.
    pub(in crate::machine) fn over_by(&self, then: WallTime) -> impl Iterator<Item = TagId> {
        self.line.iter().take_while(move |(over, ..)| *over <= then).map(|(.., tag)| *tag)
    }

    /// When the next interval is over after then.
    pub(in crate::machine) fn next_over(&self, then: WallTime) -> Option<WallTime> {
        self.line.iter().map(|(over, ..)| *over).find(|over| *over > then)
    }

    /// It has been judged: this registration may fire.
    pub(in crate::machine) fn give_turn(&mut self, tag: TagId, now: MonotonicTime) {
        if let Some(Place::InLine(over, sequence)) = self.tags.insert(tag, Place::HasTurn) {
            self.line.remove(&(over, sequence, tag));
        }
        self.turn.get_or_insert(GivenTurn { since: now, started: false, fired: false });
    }

    /// The turn of a registration is over: it has to be filed again.
    pub(in crate::machine) fn take_turn(&mut self, tag: TagId) {
        if self.tags.get(&tag) == Some(&Place::HasTurn) {
            self.tags.remove(&tag);
        }
        self.end_turn_if_over();
    }

    fn end_turn_if_over(&mut self) {
        if self.line.len() == self.tags.len()
            && let Some(turn) = self.turn.take()
            && turn.fired
        {
            // What is due next is so since then, and not since what has fired now.
            self.due_since = None;
        }
    }

    /// Since when some have their turn.
    pub(in crate::machine) fn turn_since(&self) -> Option<MonotonicTime> {
        self.turn.map(|turn| turn.since)
    }

    /// The turn is over, and a series goes on whose time is still to come: it is given as long again.
    pub(in crate::machine) fn renew_turn(&mut self, now: MonotonicTime) {
        if let Some(turn) = &mut self.turn {
            turn.since = now;
        }
    }

    /// Those that have it.
    pub(in crate::machine) fn with_turn(&self) -> impl Iterator<Item = TagId> {
        self.tags.iter().filter(|(_, place)| **place == Place::HasTurn).map(|(tag, _)| *tag)
    }

    pub(in crate::machine) fn turn_of(&self, tag: TagId) -> Turn {
        if self.tags.get(&tag) == Some(&Place::HasTurn) { Turn::Given } else { Turn::NotGiven }
    }

    /// A worker is started. Says whether it is the first one in this turn.
    pub(in crate::machine) fn started(&mut self) -> bool {
        self.turn.as_mut().is_none_or(|turn| !std::mem::replace(&mut turn.started, true))
    }

    /// An event is dispatched.
    pub(in crate::machine) fn fired(&mut self, now: WallTime, params: &SyncParameters) {
        let is_first = self.turn.as_mut().is_none_or(|turn| !std::mem::replace(&mut turn.fired, true));
        self.kept.fired(now, is_first, &params.periodic);
    }

    /// The events of an earlier session that a crash has cut count as one turn, dispatched now.
    pub(in crate::machine) fn fired_in_earlier_session(&mut self, now: WallTime, params: &SyncParameters) {
        let is_first = self.kept.pace().last_fire() != Some(now);
        self.kept.fired(now, is_first, &params.periodic);
    }

    /// Whether a registration with this number is filed, and where if it has no turn.
    pub(in crate::machine) fn agrees(&self, tag: TagId, sequence: Sequence, over: WallTime) -> bool {
        match self.tags.get(&tag) {
            Some(Place::HasTurn) => !self.line.contains(&(over, sequence, tag)),
            Some(Place::InLine(..)) => self.line.contains(&(over, sequence, tag)),
            None => false,
        }
    }

    /// How many there are.
    pub(in crate::machine) fn len(&self) -> usize {
        self.tags.len()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let Self { kept, line, tags, turn: _, due_since: _ } = self;
        kept.heap_bytes() + memory::of_tree_set(line) + memory::of_tree(tags)
    }
}
