//! The registry against a plain model: a list of tags, each with what is registered under it and what goes on.

use std::collections::BTreeMap;

use background_sync_policy::{Facts, Limits, RegistrationRequest, authorize};
use background_sync_registration::{Observed, Series, StoredRegistration, StoredState};
use proptest::prelude::*;

use super::*;
use crate::AttemptId;
use crate::machine::parts::named::{at, key, origins};

/// Of two origins each, and of two workers each.
const WORKERS: usize = 4;

/// A worker, a kind, a tag.
type Place = (usize, SyncKind, u8);

#[derive(Clone, Copy, Debug)]
enum Op {
    Meet(usize),
    /// Forgets a worker with which nothing goes on.
    Forget(usize),
    /// What the store has is put into the list.
    Restore(Place),
    /// It is taken away.
    Take(Place),
    Attempt(Place),
    AttemptEnds(Place),
    Await(Place, u64),
    Delivered(usize),
    Decline(Place),
    /// All that is over by then is forgotten.
    Over(u64),
}

fn place() -> impl Strategy<Value = Place> {
    (0..WORKERS, prop_oneof![Just(SyncKind::OneShot), Just(SyncKind::Periodic)], 0_u8..3)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..WORKERS).prop_map(Op::Meet),
        2 => (0..WORKERS).prop_map(Op::Forget),
        6 => place().prop_map(Op::Restore),
        3 => place().prop_map(Op::Take),
        3 => place().prop_map(Op::Attempt),
        3 => place().prop_map(Op::AttemptEnds),
        3 => (place(), 0_u64..20).prop_map(|(place, until)| Op::Await(place, until)),
        2 => any::<usize>().prop_map(Op::Delivered),
        2 => place().prop_map(Op::Decline),
        4 => (0_u64..20).prop_map(Op::Over),
    ]
}

/// What is known under one tag.
#[derive(Clone, Copy, Debug)]
struct Known {
    place: Place,
    tag: TagId,
    sequence: Option<u64>,
    busy: bool,
    attempt: Option<u64>,
    reply: Option<(u64, u64)>,
    declined: bool,
}

struct Room {
    registry: Registry,
    origins: [OriginIx; 2],
    /// The keys that workers were met with.
    keys: [RegistrationKey; WORKERS],
    met: BTreeMap<usize, WorkerIx>,
    known: Vec<Known>,
    /// Names that were given once and name nothing any more.
    gone: (Vec<WorkerIx>, Vec<TagId>),
    replies: Vec<u64>,
}

fn tag(number: u8) -> Tag {
    number.to_string().as_str().into()
}

fn registration(key: &RegistrationKey, sequence: u64) -> SyncRegistration {
    let stored = StoredRegistration {
        sequence: Sequence(sequence),
        key: key.clone(),
        kind: SyncKind::OneShot,
        tag: tag(0),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed::default(),
        network: None,
        schedule: None,
    };
    SyncRegistration::from_stored(&stored, Now::default())
}

impl Room {
    fn new() -> Self {
        let (known, gone, replies) = (Vec::new(), (Vec::new(), Vec::new()), Vec::new());
        let (registry, met) = (Registry::default(), BTreeMap::new());
        Self { registry, origins: origins(), keys: std::array::from_fn(key), met, known, gone, replies }
    }

    /// Whatever is known of a tag, which is held from now on.
    fn hold(&mut self, place: Place) -> Option<&mut Known> {
        let (worker, kind, number) = place;
        let ix = *self.met.get(&worker)?;
        let at = self.known.iter().position(|known| known.place == place).unwrap_or_else(|| {
            let tag = self.registry.hold_tag(ix, kind, tag(number)).unwrap();
            let (sequence, attempt, reply) = (None, None, None);
            self.known.push(Known { place, tag, sequence, busy: false, attempt, reply, declined: false });
            self.known.len() - 1
        });
        Some(&mut self.known[at])
    }

    fn find(&mut self, place: Place) -> Option<&mut Known> {
        self.known.iter_mut().find(|known| known.place == place)
    }

    /// What the machine does when something about a tag has ended.
    fn over(&mut self, tag: TagId, now: u64) {
        self.registry.activity_over(tag, at(now));
        let Some(known) = self.known.iter_mut().find(|known| known.tag == tag) else { return };
        known.reply.take_if(|(_, until)| *until <= now);
        known.declined &= known.sequence.is_some();
        known.busy &= known.attempt.is_some() || known.reply.is_some() || known.declined;
        if !known.busy && known.sequence.is_none() {
            self.gone.1.push(tag);
            self.known.retain(|known| known.tag != tag);
        }
    }

    fn meet(&mut self, number: usize) {
        if !self.met.contains_key(&number) {
            let ix = self.registry.add(&self.keys[number], self.origins[number / 2], WorkerState::Active).unwrap();
            self.met.insert(number, ix);
        }
    }

    fn forget(&mut self, number: usize) {
        let Some(ix) = self.met.get(&number).copied() else { return };
        let is_idle = !self.known.iter().any(|known| known.place.0 == number);
        assert_eq!(self.registry.is_idle(ix), is_idle);
        if is_idle {
            assert_eq!(self.registry.remove(ix), Some(self.origins[number / 2]));
            self.met.remove(&number);
            self.gone.0.push(ix);
        }
    }

    fn restore(&mut self, place: Place, sequence: u64) {
        let key = self.keys[place.0].clone();
        let Some(known) = self.hold(place) else { return };
        let (tag, is_new) = (known.tag, known.sequence.is_none());
        known.sequence = known.sequence.or(Some(sequence));
        assert_eq!(self.registry.restore(tag, registration(&key, sequence)), is_new);
        if is_new {
            assert_eq!(self.registry.count_registration(tag, 1), Some(self.origins[place.0 / 2]));
            // A list is in the order of first registrations.
            let at = self.known.iter().position(|known| known.tag == tag).unwrap();
            let known = self.known.remove(at);
            self.known.push(known);
        }
    }

    fn take(&mut self, place: Place) {
        let Some(known) = self.find(place) else { return };
        let (tag, sequence) = (known.tag, known.sequence.take());
        if sequence.is_some() {
            (known.reply, known.declined) = (None, false);
        }
        let taken = self.registry.take(tag).map(|registration| registration.sequence().0);
        assert_eq!(taken, sequence);
        if taken.is_some() {
            self.registry.count_registration(tag, -1);
        }
        self.over(tag, 0);
    }

    fn attempt(&mut self, place: Place, number: u64) {
        let Some(known) = self.hold(place) else { return };
        (known.busy, known.attempt) = (true, Some(number));
        let tag = known.tag;
        self.registry.begin_activity(tag).unwrap().attempt_begins(AttemptId(number));
    }

    fn attempt_ends(&mut self, place: Place) {
        let Some(known) = self.find(place) else { return };
        let (tag, attempt) = (known.tag, known.attempt.take());
        if let (Some(attempt), Some(activity)) = (attempt, self.registry.activity_mut(tag)) {
            activity.attempt_ends(AttemptId(attempt));
        }
        self.over(tag, 0);
    }

    fn await_delivery(&mut self, place: Place, request: u64, until: u64) {
        let Some(known) = self.hold(place) else { return };
        (known.busy, known.reply) = (true, Some((request, until)));
        let tag = known.tag;
        self.replies.push(request);
        self.registry.await_delivery(tag, Delivery { request: RequestId(request), until: at(until) });
    }

    fn delivered(&mut self, which: usize) {
        let Some(request) = self.replies.get(which % self.replies.len().max(1)).copied() else { return };
        let waits = self.known.iter_mut().find(|known| known.reply.is_some_and(|(of, _)| of == request));
        let waits = waits.map(|known| {
            known.reply = None;
            known.tag
        });
        assert_eq!(self.registry.delivered(RequestId(request)), waits);
        waits.into_iter().for_each(|tag| self.over(tag, 0));
    }

    fn decline(&mut self, place: Place) {
        let Some(known) = self.find(place).filter(|known| known.busy) else { return };
        known.declined = true;
        let tag = known.tag;
        self.registry.both_mut(tag).1.unwrap().decline(Some(9.into()));
    }

    fn take_in(&mut self, op: Op, number: u64) {
        match op {
            Op::Meet(worker) => self.meet(worker),
            Op::Forget(worker) => self.forget(worker),
            Op::Restore(place) => self.restore(place, number),
            Op::Take(place) => self.take(place),
            Op::Attempt(place) => self.attempt(place, number),
            Op::AttemptEnds(place) => self.attempt_ends(place),
            Op::Await(place, until) => self.await_delivery(place, number, until),
            Op::Delivered(which) => self.delivered(which),
            Op::Decline(place) => self.decline(place),
            Op::Over(now) => {
                let tags: Vec<_> = self.known.iter().map(|known| known.tag).collect();
                tags.into_iter().for_each(|tag| self.over(tag, now));
            }
        }
    }

    /// Tags of a worker that are registered, in their order.
    fn listed(&self, worker: usize, kind: SyncKind) -> Vec<Known> {
        let listed = self.known.iter().filter(|known| known.sequence.is_some());
        listed.filter(|known| known.place.0 == worker && known.place.1 == kind).copied().collect()
    }

    fn compare(&self) -> Result<(), TestCaseError> {
        let registry = &self.registry;
        self.known.iter().try_for_each(|known| self.compare_tag(known))?;
        self.met.iter().try_for_each(|(number, ix)| self.compare_worker(*number, *ix))?;
        let registered = self.known.iter().filter(|known| known.sequence.is_some()).count();
        prop_assert_eq!((registry.registration_count(), registry.lists().len()), (registered, registered));
        prop_assert_eq!(registry.worker_count(), (self.met.len(), self.met.len()));
        let mut in_order = Vec::from_iter(self.met.values().copied());
        in_order.sort();
        prop_assert_eq!(registry.workers().map(|(ix, _)| ix).collect::<Vec<_>>(), in_order.clone());
        for (number, origin) in self.origins.into_iter().enumerate() {
            let is_of = |ix: &WorkerIx| self.met.iter().any(|(worker, of)| of == ix && worker / 2 == number);
            prop_assert_eq!(registry.workers_of(origin), in_order.iter().copied().filter(is_of).collect::<Vec<_>>());
        }
        let unknown = (0..WORKERS).filter(|number| !self.met.contains_key(number));
        let found = |number: usize| registry.find(&self.keys[number]).or(registry.find(&key(number)));
        prop_assert_eq!(unknown.filter_map(found).count(), 0, "it was forgotten");
        let (workers, tags) = &self.gone;
        prop_assert!(workers.iter().all(|ix| registry.worker(*ix).is_none()));
        prop_assert!(tags.iter().all(|tag| registry.record(*tag).is_none() && registry.tag(*tag).is_none()));
        registry.lists().check_invariants().map_err(TestCaseError::fail)
    }

    fn compare_tag(&self, known: &Known) -> Result<(), TestCaseError> {
        let (registry, (worker, kind, number)) = (&self.registry, known.place);
        let ix = self.met[&worker];
        prop_assert_eq!(registry.find_tag(ix, kind, &tag(number)), Some(known.tag));
        prop_assert_eq!((registry.worker_of(known.tag), registry.kind_of(known.tag)), (Some(ix), Some(kind)));
        let record = registry.record(known.tag).unwrap();
        prop_assert_eq!((record.ix, record.kind, record.name), (ix, kind, &tag(number)));
        prop_assert_eq!(record.worker.key(), &self.keys[worker]);
        let sequence = record.registration.map(|registration| registration.sequence().0);
        prop_assert_eq!(sequence, known.sequence);
        let of_sequence = |sequence| registry.of_sequence(known.tag, Sequence(sequence)).is_some();
        prop_assert_eq!((of_sequence(sequence.unwrap_or(0)), of_sequence(u64::MAX)), (sequence.is_some(), false));
        let activity = registry.activity(known.tag);
        prop_assert_eq!(activity.is_some(), known.busy);
        prop_assert_eq!(activity.and_then(Activity::attempt), known.attempt.map(AttemptId));
        prop_assert_eq!(activity.and_then(Activity::reply_by), known.reply.map(|(_, until)| at(until)));
        prop_assert_eq!(activity.and_then(Activity::declined), known.declined.then(|| 9.into()));
        Ok(())
    }

    fn compare_worker(&self, number: usize, ix: WorkerIx) -> Result<(), TestCaseError> {
        let registry = &self.registry;
        let found = [registry.find(&self.keys[number]), registry.find(&key(number))];
        prop_assert_eq!(found, [Some(ix); 2], "by its key, and by an equal one");
        let lists = SyncKind::ALL.map(|kind| self.listed(number, kind));
        for (kind, list) in SyncKind::ALL.into_iter().zip(&lists) {
            let tags: Vec<_> = list.iter().map(|known| tag(known.place.2)).collect();
            prop_assert_eq!(registry.list_tags(ix, kind), tags);
            prop_assert_eq!(registry.worker(ix).map(|worker| worker.registrations(kind)), Some(list.len()));
        }
        let in_lists: Vec<_> = lists.concat().iter().map(|known| known.tag).collect();
        let registrations: Vec<_> = registry.registrations_of(ix).map(|(tag, ..)| tag).collect();
        prop_assert_eq!(&registrations, &in_lists);
        let mut busy: Vec<_> = self.known.iter().filter(|known| known.place.0 == number && known.busy).collect();
        busy.sort_by_key(|known| known.place.2);
        let names = |tags: Vec<TagId>| tags.into_iter().map(|tag| registry.tag(tag).cloned()).collect::<Vec<_>>();
        let expected: Vec<_> = busy.iter().map(|known| Some(tag(known.place.2))).collect();
        prop_assert_eq!(names(registry.busy_tags(ix)), expected);
        let others = busy.iter().filter(|known| known.sequence.is_none()).map(|known| Some(tag(known.place.2)));
        let expected: Vec<_> = names(in_lists).into_iter().chain(others).collect();
        prop_assert_eq!(names(registry.tags_of(ix)), expected);
        Ok(())
    }
}

proptest! {
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..60)) {
        let mut room = Room::new();
        (0..WORKERS).for_each(|number| room.meet(number));
        for (number, op) in (1_u64..).zip(ops) {
            room.take_in(op, number);
            room.compare()?;
        }
        // What was waited for by nobody any more is not kept either.
        let waited = room.known.iter().filter(|known| known.reply.is_some()).count();
        prop_assert_eq!(room.registry.undelivered.len(), waited);
    }
}

/// One call of a worker with one tag.
fn one() -> (Registry, WorkerIx, TagId) {
    let (mut registry, [origin]) = (Registry::default(), origins());
    let worker = registry.add(&key(0), origin, WorkerState::Active).unwrap();
    let tag = registry.hold_tag(worker, SyncKind::OneShot, tag(0)).unwrap();
    (registry, worker, tag)
}

fn permit() -> RegistrationPermit {
    let (key, limits) = (key(0), Limits::default());
    authorize(&RegistrationRequest::new_tag(&key, 1), &Facts::of_an_open_window(), &limits).unwrap()
}

#[test]
fn a_permit_registers_its_tag_and_one_for_a_tag_that_is_gone_registers_nothing() {
    let (mut registry, _, tag) = one();
    let asked = Asked { sequence: Sequence(4), at: Observed::default(), spacing: None, reregistered_in_a_row: 0 };
    assert_eq!(registry.register(tag, permit(), asked), Some(Registered::New));
    assert_eq!(registry.register(tag, permit(), asked), Some(Registered::StillPending));
    assert!(registry.take(tag).is_some());
    registry.activity_over(tag, at(0));
    assert_eq!(registry.register(tag, permit(), asked), None);
}

#[test]
fn the_end_of_an_event_goes_to_the_list_and_to_its_worker() {
    let (mut registry, worker, id) = one();
    registry.restore(id, registration(&key(0), 1));
    let params = SyncParameters::recommended();
    for (second, last_chance) in [(2, false), (3, true)] {
        registry.registration_mut(id).unwrap().wait_over(at(1_000));
        registry.registration_mut(id).unwrap().fire(last_chance).unwrap();
        registry.event_dispatched(worker, at(second), &params);
        registry.worker_mut(worker).unwrap().hop(at(second), &params);
        registry.event_ended(id, at(second), &params);
        assert_eq!(registry.worker(worker).unwrap().recent_end(&tag(0)), Some(at(second)));
        let now = Now { monotonic: at(second), ..Now::default() };
        let back_off = Wait::starting(now, std::time::Duration::from_secs(30));
        let after = registry.rejected(id, now, Charge::Charged, back_off, false);
        assert_eq!(after, if last_chance { AfterRejection::Removed } else { AfterRejection::Waiting });
    }
    assert!(!registry.worker_mut(worker).unwrap().hop(at(3), &params).is_zero(), "the worker's second hop");
    let quiet = at(4).after(params.loop_window);
    assert!(registry.worker_mut(worker).unwrap().hop(quiet, &params).is_zero(), "and both events have ended");
    assert_eq!(registry.fulfilled(id, Now::default()), AfterFulfilment::NotFiring, "it is gone");
    registry.attempt_ended(id, at(9), &params);
    assert_eq!(registry.worker(worker).unwrap().recent_end(&tag(0)), Some(at(9)));
}

#[test]
fn an_event_that_went_well_takes_its_registration_away() {
    let (mut registry, _, id) = one();
    registry.restore(id, registration(&key(0), 1));
    registry.registration_mut(id).unwrap().fire(false).unwrap();
    assert_eq!(registry.fulfilled(id, Now::default()), AfterFulfilment::Removed);
    assert!(registry.registration(id).is_none());
}

#[test]
fn all_doubts_end_together() {
    let (mut registry, [origin]) = (Registry::default(), origins());
    let workers = [0, 1].map(|number| registry.add(&key(number), origin, WorkerState::Active).unwrap());
    assert_eq!(workers.map(|ix| registry.worker_mut(ix).unwrap().doubt()), [true; 2]);
    let in_doubt = |worker: &Worker| worker.readiness() == background_sync_scheduler::WorkerReadiness::InDoubt;
    assert_eq!(registry.workers_where(in_doubt), workers);
    registry.doubts_are_over();
    assert_eq!(registry.workers_where(in_doubt), []);
}
