#[cfg(test)]
mod tests;

use std::collections::hash_map::Entry;

use background_sync_policy::{RegistrationKey, SyncKind};
use background_sync_registration::{ListId, MonotonicTime, Tag, TagId, memory};
use background_sync_scheduler::{LoopBreaker, SyncParameters, WorkerReadiness};
use rustc_hash::FxHashMap;

use super::activity::Activity;
use super::recent_ends::RecentEnds;
use crate::WorkerState;
use crate::machine::parts::origins::OriginIx;

/// A service worker registration that has, or just had, something to do with syncs.
#[derive(Debug)]
pub(in crate::machine) struct Worker {
    key: RegistrationKey,
    origin: OriginIx,
    /// Its list of each kind, in the order of [`SyncKind::ALL`].
    lists: [ListId; 2],
    state: WorkerState,
    /// The host had none when it could not know yet: whether there is one is open.
    in_doubt: bool,
    /// How many registrations it has of each kind, those on their way to the store included.
    registrations: [usize; 2],
    /// Tags with something going on; those that just wait are not here. Names are ours, so a quick hash will do.
    activities: FxHashMap<TagId, Activity>,
    breaker: LoopBreaker,
    recent_ends: RecentEnds,
    /// Its private partition was closed; what still runs is waited for, and then it is forgotten.
    closed: bool,
}

impl Worker {
    pub(super) fn new(key: RegistrationKey, origin: OriginIx, lists: [ListId; 2], state: WorkerState) -> Self {
        Self {
            key,
            origin,
            lists,
            state,
            in_doubt: false,
            registrations: [0; 2],
            activities: FxHashMap::default(),
            breaker: LoopBreaker::default(),
            recent_ends: RecentEnds::default(),
            closed: false,
        }
    }

    pub(in crate::machine) fn key(&self) -> &RegistrationKey {
        &self.key
    }

    /// Whether this is its very key, or a clone of it. One that is equal but was made apart is not.
    pub(in crate::machine) fn has_key(&self, key: &RegistrationKey) -> bool {
        self.key.address() == key.address()
    }

    pub(in crate::machine) fn is_private(&self) -> bool {
        self.key.partition().is_private()
    }

    pub(in crate::machine) fn origin(&self) -> OriginIx {
        self.origin
    }

    pub(in crate::machine) fn list(&self, kind: SyncKind) -> ListId {
        self.lists[place(kind)]
    }

    pub(in crate::machine) fn lists(&self) -> [ListId; 2] {
        self.lists
    }

    pub(in crate::machine) fn readiness(&self) -> WorkerReadiness {
        if self.in_doubt { WorkerReadiness::InDoubt } else { readiness(self.state) }
    }

    /// Sets its state. Says whether that changes what its registrations wait for.
    pub(in crate::machine) fn set_state(&mut self, state: WorkerState) -> bool {
        self.in_doubt = false;
        let before = std::mem::replace(&mut self.state, state);
        (readiness(before) == WorkerReadiness::Ready) != (readiness(state) == WorkerReadiness::Ready)
    }

    /// The host has no such service worker registration, and has not read them yet. Says whether that changes what its
    /// registrations wait for.
    pub(in crate::machine) fn doubt(&mut self) -> bool {
        let matters = self.set_state(WorkerState::NotLoaded);
        self.in_doubt = true;
        matters
    }

    /// The host knows its registrations. If it says nothing of this one, it has to be asked.
    pub(in crate::machine) fn doubt_is_over(&mut self) {
        self.in_doubt = false;
    }

    /// Whether the host said that there is no such service worker registration, and could know.
    pub(in crate::machine) fn is_unregistered(&self) -> bool {
        match self.state {
            WorkerState::NoSuchRegistration => true,
            WorkerState::NotLoaded | WorkerState::None | WorkerState::Activating | WorkerState::Active => false,
        }
    }

    pub(in crate::machine) fn registrations(&self, kind: SyncKind) -> usize {
        self.registrations[place(kind)]
    }

    pub(in crate::machine) fn count_registration(&mut self, kind: SyncKind, by: isize) {
        let count = &mut self.registrations[place(kind)];
        *count = count.saturating_add_signed(by);
    }

    pub(in crate::machine) fn activity(&self, tag: TagId) -> Option<&Activity> {
        self.activities.get(&tag)
    }

    pub(super) fn activity_mut(&mut self, tag: TagId) -> Option<&mut Activity> {
        self.activities.get_mut(&tag)
    }

    pub(super) fn begin_activity(&mut self, tag: TagId) -> &mut Activity {
        self.activities.entry(tag).or_default()
    }

    /// Ends what goes on with a tag unless it goes on. Says whether anything does.
    pub(super) fn keep_activity_if(&mut self, tag: TagId, goes_on: impl FnOnce(&mut Activity) -> bool) -> bool {
        if self.activities.is_empty() {
            return false;
        }
        let Entry::Occupied(mut entry) = self.activities.entry(tag) else { return false };
        let goes_on = goes_on(entry.get_mut());
        if !goes_on {
            entry.remove();
        }
        goes_on
    }

    pub(in crate::machine) fn is_busy(&self) -> bool {
        !self.activities.is_empty()
    }

    pub(super) fn busy_tags(&self) -> impl Iterator<Item = TagId> {
        self.activities.keys().copied()
    }

    pub(in crate::machine) fn activities(&self) -> impl Iterator<Item = (TagId, &Activity)> {
        self.activities.iter().map(|(tag, activity)| (*tag, activity))
    }

    /// How long what the worker itself registers now has to wait.
    pub(in crate::machine) fn hop(&mut self, now: MonotonicTime, params: &SyncParameters) -> std::time::Duration {
        self.breaker.worker_registers(now, params)
    }

    pub(in crate::machine) fn event_dispatched(&mut self, now: MonotonicTime, params: &SyncParameters) {
        self.breaker.event_dispatched(now, params);
    }

    pub(in crate::machine) fn event_ended(&mut self, tag: &Tag, now: MonotonicTime, params: &SyncParameters) {
        self.breaker.event_ended(now);
        self.attempt_ended(tag, now, params);
    }

    /// An event of its interval holds no one-shot registration of the same tag (I2).
    pub(in crate::machine) fn periodic_event_ended(&mut self, now: MonotonicTime) {
        self.breaker.event_ended(now);
    }

    /// A page that registers the tag again and again waits a second all the same.
    pub(in crate::machine) fn attempt_ended(&mut self, tag: &Tag, now: MonotonicTime, params: &SyncParameters) {
        self.recent_ends.note(tag, now, params.min_refire_spacing);
    }

    pub(in crate::machine) fn recent_end(&self, tag: &Tag) -> Option<MonotonicTime> {
        self.recent_ends.get(tag)
    }

    pub(in crate::machine) fn close(&mut self) {
        self.closed = true;
    }

    pub(in crate::machine) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let activities: usize = self.activities.values().map(Activity::heap_bytes).sum();
        self.key.heap_bytes() + memory::of_map(&self.activities) + activities + self.recent_ends.heap_bytes()
    }
}

/// Where the things of a kind stand.
fn place(kind: SyncKind) -> usize {
    match kind {
        SyncKind::OneShot => 0,
        SyncKind::Periodic => 1,
    }
}

fn readiness(state: WorkerState) -> WorkerReadiness {
    match state {
        WorkerState::Activating | WorkerState::Active => WorkerReadiness::Ready,
        WorkerState::NotLoaded => WorkerReadiness::NotLoaded,
        WorkerState::NoSuchRegistration | WorkerState::None => WorkerReadiness::NotActive,
    }
}
