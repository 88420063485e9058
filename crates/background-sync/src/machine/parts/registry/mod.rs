//! Workers, the lists of their registrations, and what is going on with each tag.

mod activities;
mod activity;
mod recent_ends;
#[cfg(test)]
mod tests;
mod worker;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use background_sync_policy::{RegistrationKey, RegistrationPermit, SyncKind};
use background_sync_registration::{
    AfterFulfilment, AfterRejection, Asked, Charge, ListId, MonotonicTime, Now, Registered, Sequence, SyncRegistration,
    SyncRegistrationLists, Tag, TagId, Wait, memory,
};
#[cfg(feature = "periodic")]
use background_sync_registration::{AfterPeriodicEvent, PeriodicAsked, PeriodicRegistered};
use background_sync_scheduler::SyncParameters;
use rustc_hash::FxHashMap;

use super::origins::OriginIx;
use super::replies::Taken;
use super::table::{Name, Table};
use crate::{RequestId, WorkerState};
pub(in crate::machine) use activity::{Activity, Ask, Delivery, Wanted};
pub(in crate::machine) use worker::Worker;

/// Names a [`Worker`]; never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::machine) struct WorkerIx(Name);

impl WorkerIx {
    /// For what is kept beside workers.
    pub(in crate::machine) fn name(self) -> Name {
        self.0
    }

    /// The order of workers in half a word: which of two waits that end together goes first.
    pub(in crate::machine) fn rank(self) -> u32 {
        self.0.rank()
    }
}

/// What is known under the name of a tag.
#[derive(Clone, Copy)]
pub(in crate::machine) struct Record<'a> {
    pub(in crate::machine) tag: TagId,
    pub(in crate::machine) ix: WorkerIx,
    pub(in crate::machine) worker: &'a Worker,
    pub(in crate::machine) kind: SyncKind,
    pub(in crate::machine) name: &'a Tag,
    pub(in crate::machine) registration: Option<&'a SyncRegistration>,
}

/// Everything that is known by service worker registration and tag.
///
/// A tag has a name ([`TagId`]) as long as it is registered or anything goes on with it, and is looked up once an
/// input; everybody else holds the name.
#[derive(Debug, Default)]
pub(in crate::machine) struct Registry {
    workers: Table<Worker>,
    by_key: HashMap<RegistrationKey, WorkerIx>,
    /// By where the key of a worker lies in memory: most callers hold a clone of it, and that is found at once.
    by_address: FxHashMap<usize, WorkerIx>,
    /// Pages clear data of their own origin as often as they like: that must not look at the workers of others.
    by_origin: BTreeSet<(OriginIx, WorkerIx)>,
    /// By the small number of a list: its worker, and the kind of its syncs.
    by_list: Vec<Option<(WorkerIx, SyncKind)>>,
    lists: SyncRegistrationLists,
    /// Those on their way to the store included.
    registrations: usize,
    /// What a reply was about, until it is delivered.
    undelivered: FxHashMap<RequestId, TagId>,
}

impl Registry {
    pub(in crate::machine) fn find(&self, key: &RegistrationKey) -> Option<WorkerIx> {
        self.by_address.get(&key.address()).or_else(|| self.by_key.get(key)).copied()
    }

    pub(in crate::machine) fn worker(&self, ix: WorkerIx) -> Option<&Worker> {
        self.workers.get(ix.0)
    }

    pub(in crate::machine) fn worker_mut(&mut self, ix: WorkerIx) -> Option<&mut Worker> {
        self.workers.get_mut(ix.0)
    }

    /// All workers, first known first.
    pub(in crate::machine) fn workers(&self) -> impl Iterator<Item = (WorkerIx, &Worker)> {
        self.workers.iter().map(|(name, worker)| (WorkerIx(name), worker))
    }

    pub(in crate::machine) fn workers_where(&self, which: impl Fn(&Worker) -> bool) -> Vec<WorkerIx> {
        self.workers().filter(|(_, worker)| which(worker)).map(|(ix, _)| ix).collect()
    }

    /// The host knows its registrations.
    pub(in crate::machine) fn doubts_are_over(&mut self) {
        for ix in self.workers_where(|_| true) {
            if let Some(worker) = self.worker_mut(ix) {
                worker.doubt_is_over();
            }
        }
    }

    /// Those of an origin, first known first.
    pub(in crate::machine) fn workers_of(&self, origin: OriginIx) -> Vec<WorkerIx> {
        let (first, last) = ((origin, WorkerIx(Name::FIRST)), (origin, WorkerIx(Name::LAST)));
        self.by_origin.range(first..=last).map(|(_, ix)| *ix).collect()
    }

    pub(in crate::machine) fn worker_count(&self) -> (usize, usize) {
        (self.workers.len(), self.by_key.len())
    }

    /// Takes a new worker in.
    pub(in crate::machine) fn add(
        &mut self,
        key: &RegistrationKey,
        origin: OriginIx,
        state: WorkerState,
    ) -> Option<WorkerIx> {
        let lists = SyncKind::ALL.map(|kind| self.lists.add_list(key.clone(), kind));
        let ix = WorkerIx(self.workers.add(Worker::new(key.clone(), origin, lists, state))?);
        self.by_key.insert(key.clone(), ix);
        self.by_address.insert(key.address(), ix);
        self.by_origin.insert((origin, ix));
        for (list, kind) in lists.into_iter().zip(SyncKind::ALL) {
            let slot = list.slot() as usize;
            if self.by_list.len() <= slot {
                self.by_list.resize(slot + 1, None);
            }
            self.by_list[slot] = Some((ix, kind));
        }
        Some(ix)
    }

    /// Forgets a worker with which nothing goes on.
    pub(in crate::machine) fn remove(&mut self, ix: WorkerIx) -> Option<OriginIx> {
        let worker = self.workers.remove(ix.0)?;
        self.by_key.remove(worker.key());
        self.by_address.remove(&worker.key().address());
        self.by_origin.remove(&(worker.origin(), ix));
        for list in worker.lists() {
            self.by_list[list.slot() as usize] = None;
            self.lists.remove_list(list);
        }
        Some(worker.origin())
    }

    /// There is one registration of this tag more (`by` 1) or fewer (`by` -1). Gives its origin.
    pub(in crate::machine) fn count_registration(&mut self, tag: TagId, by: isize) -> Option<OriginIx> {
        let (ix, kind) = self.owner_of(self.lists.list_of(tag)?)?;
        let worker = self.workers.get_mut(ix.0)?;
        worker.count_registration(kind, by);
        self.registrations = self.registrations.saturating_add_signed(by);
        Some(worker.origin())
    }

    /// How many registrations there are, those on their way to the store included.
    pub(in crate::machine) fn registration_count(&self) -> usize {
        self.registrations
    }

    /// Whether a worker has neither registrations nor anything that goes on with a tag.
    pub(in crate::machine) fn is_idle(&self, ix: WorkerIx) -> bool {
        let is_empty = |list: ListId| self.lists.len_of(list) == 0;
        self.worker(ix).is_some_and(|worker| !worker.is_busy() && worker.lists().into_iter().all(is_empty))
    }

    /// The one look-up of an input that names a tag.
    pub(in crate::machine) fn find_tag(&self, ix: WorkerIx, kind: SyncKind, tag: &Tag) -> Option<TagId> {
        self.lists.find(self.worker(ix)?.list(kind), tag)
    }

    /// The name of a tag, which it has from now on.
    pub(in crate::machine) fn hold_tag(&mut self, ix: WorkerIx, kind: SyncKind, tag: Tag) -> Option<TagId> {
        let list = self.worker(ix)?.list(kind);
        self.lists.hold(list, tag)
    }

    pub(in crate::machine) fn tag(&self, tag: TagId) -> Option<&Tag> {
        self.lists.tag(tag)
    }

    pub(in crate::machine) fn kind_of(&self, tag: TagId) -> Option<SyncKind> {
        self.owner_of(self.lists.list_of(tag)?).map(|(_, kind)| kind)
    }

    pub(in crate::machine) fn worker_of(&self, tag: TagId) -> Option<WorkerIx> {
        self.owner_of(self.lists.list_of(tag)?).map(|(ix, _)| ix)
    }

    fn owner_of(&self, list: ListId) -> Option<(WorkerIx, SyncKind)> {
        *self.by_list.get(list.slot() as usize)?
    }

    /// Everything there is under a name, in one look.
    pub(in crate::machine) fn record(&self, tag: TagId) -> Option<Record<'_>> {
        let (list, name, registration) = self.lists.held(tag)?;
        let (ix, kind) = self.owner_of(list)?;
        Some(Record { tag, ix, worker: self.worker(ix)?, kind, name, registration })
    }

    pub(in crate::machine) fn registration(&self, tag: TagId) -> Option<&SyncRegistration> {
        self.lists.get(tag)
    }

    pub(in crate::machine) fn registration_mut(&mut self, tag: TagId) -> Option<&mut SyncRegistration> {
        self.lists.get_mut(tag)
    }

    /// The registration with this number, unless it is gone or another one took its tag.
    pub(in crate::machine) fn of_sequence(&self, tag: TagId, sequence: Sequence) -> Option<&SyncRegistration> {
        self.registration(tag).filter(|registration| registration.sequence() == sequence)
    }

    /// The lists, to read.
    pub(in crate::machine) fn lists(&self) -> &SyncRegistrationLists {
        &self.lists
    }

    /// The registrations of a worker, kind by kind, first registration first.
    pub(in crate::machine) fn registrations_of(
        &self,
        ix: WorkerIx,
    ) -> impl Iterator<Item = (TagId, &Tag, &SyncRegistration)> {
        self.worker(ix).into_iter().flat_map(|worker| worker.lists()).flat_map(|list| self.lists.iter(list))
    }

    /// Everything a worker has a name for: its list in its order, then tags that are not in it, in theirs.
    pub(in crate::machine) fn tags_of(&self, ix: WorkerIx) -> Vec<TagId> {
        let mut tags: Vec<_> = self.registrations_of(ix).map(|(tag, ..)| tag).collect();
        tags.extend(self.busy_tags(ix).into_iter().filter(|tag| self.registration(*tag).is_none()));
        tags
    }

    /// `getTags()`.
    pub(in crate::machine) fn list_tags(&self, ix: WorkerIx, kind: SyncKind) -> Vec<Tag> {
        self.worker(ix).map(|worker| self.lists.tags(worker.list(kind))).unwrap_or_default()
    }

    /// The same, and in their places what was taken out of the list since the question was asked.
    pub(in crate::machine) fn list_tags_with(&self, ix: WorkerIx, kind: SyncKind, taken: &[Arc<Taken>]) -> Vec<Tag> {
        if taken.is_empty() {
            return self.list_tags(ix, kind);
        }
        let there = self.worker(ix).into_iter().flat_map(|worker| self.lists.iter(worker.list(kind)));
        let there = there.map(|(_, tag, registration)| (registration.sequence(), tag));
        let mut all: Vec<_> = there.chain(taken.iter().map(|taken| (taken.sequence, &taken.tag))).collect();
        all.sort_by_key(|(sequence, _)| *sequence);
        all.into_iter().map(|(_, tag)| tag.clone()).collect()
    }

    /// So many registrations will be restored.
    pub(in crate::machine) fn reserve(&mut self, more: usize) {
        self.lists.reserve(more);
    }

    /// Adds a registration that was stored. `false` when its tag is registered already.
    pub(in crate::machine) fn restore(&mut self, tag: TagId, registration: SyncRegistration) -> bool {
        self.lists.restore(tag, registration)
    }

    /// sync.register.7 to sync.register.9 for one call that is durable. `None` for a tag that is not held any more.
    pub(in crate::machine) fn register(
        &mut self,
        tag: TagId,
        permit: RegistrationPermit,
        asked: Asked,
    ) -> Option<Registered> {
        let held = self.lists.list_of(tag).is_some();
        let registered = self.lists.register(tag, permit, asked);
        debug_assert!(registered.is_ok() || !held, "a permit is used up for the worker it was asked for");
        registered.ok()
    }

    /// periodic.register.7 to periodic.register.9 for one call that is durable. `None` for a tag that is not held any
    /// more.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn register_periodic(
        &mut self,
        tag: TagId,
        permit: RegistrationPermit,
        asked: PeriodicAsked,
    ) -> Option<PeriodicRegistered> {
        self.lists.register_periodic(tag, permit, asked).ok()
    }

    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn periodic_event_ended(
        &mut self,
        tag: TagId,
        succeeded: bool,
        ended: Now,
        charge: Charge,
        retry: Option<Wait>,
    ) -> AfterPeriodicEvent {
        self.lists.periodic_event_ended(tag, succeeded, ended, charge, retry)
    }

    pub(in crate::machine) fn fulfilled(&mut self, tag: TagId, ended: Now) -> AfterFulfilment {
        self.lists.fulfilled(tag, ended)
    }

    pub(in crate::machine) fn rejected(
        &mut self,
        tag: TagId,
        ended: Now,
        charge: Charge,
        back_off: Wait,
        deferred: bool,
    ) -> AfterRejection {
        self.lists.rejected(tag, ended, charge, back_off, deferred)
    }

    /// An event of a worker is dispatched.
    pub(in crate::machine) fn event_dispatched(&mut self, ix: WorkerIx, now: MonotonicTime, params: &SyncParameters) {
        if let Some(worker) = self.worker_mut(ix) {
            worker.event_dispatched(now, params);
        }
    }

    /// An event of a tag has ended.
    pub(in crate::machine) fn event_ended(&mut self, tag: TagId, now: MonotonicTime, params: &SyncParameters) {
        let Some((ix, kind)) = self.lists.list_of(tag).and_then(|list| self.owner_of(list)) else { return };
        if let (Some(worker), Some(tag)) = (self.workers.get_mut(ix.0), self.lists.tag(tag)) {
            match kind {
                SyncKind::OneShot => worker.event_ended(tag, now, params),
                SyncKind::Periodic => worker.periodic_event_ended(now),
            }
        }
    }

    /// An attempt of a one-shot tag came to nothing.
    pub(in crate::machine) fn attempt_ended(&mut self, tag: TagId, now: MonotonicTime, params: &SyncParameters) {
        let Some(ix) = self.worker_of(tag) else { return };
        if let (Some(worker), Some(tag)) = (self.workers.get_mut(ix.0), self.lists.tag(tag)) {
            worker.attempt_ended(tag, now, params);
        }
    }

    /// Takes a registration away. What its event waited for is waited for no longer.
    pub(in crate::machine) fn take(&mut self, tag: TagId) -> Option<SyncRegistration> {
        let registration = self.lists.remove(tag)?;
        let delivery = self.activity_mut(tag).and_then(Activity::forget_registration);
        if let Some(delivery) = delivery {
            self.undelivered.remove(&delivery.request);
        }
        Some(registration)
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        let Self { workers, by_key, by_address, by_origin, by_list, lists, registrations: _, undelivered } = self;
        let of_workers: usize = workers.iter().map(|(_, worker)| worker.heap_bytes()).sum();
        let maps = memory::of_map(by_key) + memory::of_map(by_address) + memory::of_map(undelivered);
        let others = memory::of_tree_set(by_origin) + memory::of_vec(by_list);
        workers.heap_bytes() + of_workers + maps + others + lists.heap_bytes()
    }
}
