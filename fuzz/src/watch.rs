//! What a content process got, held against what policy allows: at most that.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use background_sync::policy::{Facts, Limits, Origin, Partition, RegistrationKey, SyncKind};
use background_sync::registration::{MonotonicTime, Tag};
use background_sync::scheduler::SyncParameters;
use background_sync::{AttemptId, RegistrationView, Reply, RequestId, SyncEventInit};
use background_sync_policy::RegistrationRequest;

use super::rules;

const DAY: Duration = Duration::from_secs(86_400);

/// A registration that a call may make.
type Named = (RegistrationKey, SyncKind, Tag);
type Site = (Partition, Origin);

#[derive(Default)]
pub(super) struct Watch {
    requests: u64,
    /// Those without an answer, with what they may make if they are calls of `register`.
    open: BTreeMap<RequestId, Option<Named>>,
    /// What a call was allowed to make, and nothing has taken away since.
    allowed: BTreeSet<Named>,
    events: BTreeMap<AttemptId, Site>,
    /// Moments of one-shot events in the last day of a site that had no window.
    unseen: BTreeMap<Site, VecDeque<MonotonicTime>>,
}

impl Watch {
    /// A request that may make nothing.
    pub(super) fn asked(&mut self) -> RequestId {
        self.requests += 1;
        self.open.insert(RequestId(self.requests), None);
        RequestId(self.requests)
    }

    /// A call of `register`.
    pub(super) fn called(&mut self, key: &RegistrationKey, kind: SyncKind, tag: &Tag, facts: &Facts) -> RequestId {
        let request = self.asked();
        let told = RegistrationRequest::new(key, kind, tag.len_utf16(), None);
        if rules::first_broken(&told, facts, &limits()).is_none() {
            let named = (key.clone(), kind, tag.clone());
            self.open.insert(request, Some(named.clone()));
            self.allowed.insert(named);
        }
        request
    }

    /// I7 and I1: one answer, and a yes only to what may be.
    pub(super) fn replied(&mut self, request: RequestId, reply: &Reply) {
        let Some(allowed) = self.open.remove(&request) else { panic!("I7: a second reply to {request:?}: {reply:?}") };
        if matches!(reply, Reply::Registered(Ok(()))) {
            assert!(allowed.is_some(), "I1: {request:?} should have been refused");
        }
    }

    /// What is registered under these keys and of this kind goes; all kinds if none is named.
    pub(super) fn taken_away(&mut self, goes: impl Fn(&RegistrationKey, SyncKind) -> bool) {
        self.allowed.retain(|(key, kind, _)| !goes(key, *kind));
    }

    /// I1, I4, I13: an event is one that was asked for, has a network, and is rare when nobody looks. `unseen` says that
    /// the site has had no window for a while.
    pub(super) fn dispatched(
        &mut self,
        attempt: AttemptId,
        key: &RegistrationKey,
        event: &SyncEventInit,
        (now, unseen): (MonotonicTime, bool),
    ) {
        let named = (key.clone(), event.kind, event.tag.clone());
        assert!(self.allowed.contains(&named), "I1: an event of {named:?}, which nobody may have registered");
        let site = (key.partition(), key.origin().clone());
        if unseen && event.kind == SyncKind::OneShot {
            let starts = self.unseen.entry(site.clone()).or_default();
            starts.retain(|at| now.since(*at) < DAY);
            starts.push_back(now);
            let most = parameters().background_starts_per_day as usize;
            assert!(starts.len() <= most, "I13: {} unseen events of {site:?} within a day", starts.len());
        }
        assert!(self.events.insert(attempt, site).is_none(), "I2: a second event of {attempt:?}");
    }

    /// An event has come to its end.
    pub(super) fn ended(&mut self, attempt: AttemptId) {
        self.events.remove(&attempt);
    }

    /// I10: nothing is registered that may not be, and no more than may be; as many events run as may.
    pub(super) fn looks_at(&self, registrations: impl Iterator<Item = RegistrationView>) {
        let (mut of_workers, mut of_sites) = (BTreeMap::new(), BTreeMap::<Site, (usize, usize)>::new());
        for RegistrationView { key, kind, tag, .. } in registrations {
            let named = (key.clone(), kind, tag.clone());
            assert!(self.allowed.contains(&named), "I1: {named:?} is registered, and nobody may have done it");
            *of_workers.entry((key.clone(), kind)).or_insert(0) += 1;
            let of_site = of_sites.entry((key.partition(), key.origin().clone())).or_default();
            (of_site.0, of_site.1) = (of_site.0 + 1, of_site.1 + 2 * tag.len_utf16());
        }
        let limits = limits();
        let most = limits.max_registrations_per_worker;
        assert!(of_workers.values().all(|count| *count <= most), "I10: {of_workers:?}");
        let (most, bytes) = (limits.max_registrations_per_origin, limits.max_tag_bytes_per_origin);
        assert!(of_sites.values().all(|of| of.0 <= most && of.1 <= bytes), "I10: {of_sites:?}");
        let params = parameters();
        assert!(self.events.len() <= params.max_concurrent_events, "{:?} run at once", self.events);
        for site in self.events.values() {
            let running = self.events.values().filter(|of| *of == site).count();
            assert!(running <= params.max_concurrent_events_per_origin, "{running} of {site:?} run at once");
        }
    }

    /// I7: everybody was answered.
    pub(super) fn is_done(&self) {
        assert!(self.open.is_empty(), "I7: {:?} have no reply", self.open);
    }
}

fn limits() -> Limits {
    parameters().limits
}

/// Caps that are soon met.
pub(super) fn parameters() -> SyncParameters {
    SyncParameters::recommended().into_parameters().with(|it| {
        it.limits.max_tag_length = 40;
        it.limits.max_registrations_per_worker = 3;
        it.limits.max_registrations_per_origin = 5;
        it.limits.max_tag_bytes_per_origin = 120;
        it.max_concurrent_events = 3;
        it.max_concurrent_events_per_origin = 2;
        it.background_starts_per_day = 2;
    })
}
