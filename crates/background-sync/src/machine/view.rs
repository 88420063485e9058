//! What inspectors see.

use std::time::Duration;

use background_sync_policy::{RegistrationKey, SystemRestriction};
use background_sync_registration::{
    MonotonicTime, RegistrationState, Sequence, Series, SyncRegistration, Tag, WallTime,
};
use background_sync_scheduler::NetworkState;
use serde::{Deserialize, Serialize};

use super::Machine;
use super::state::{AttemptPhase, OriginNetwork, OriginState, Phase, Worker};
use crate::{LogEntry, WorkerState};

/// Counters of one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Events dispatched.
    pub events_dispatched: u64,
    /// Commits sent to the store.
    pub commits: u64,
    /// Commits that failed.
    pub commits_failed: u64,
    /// Inputs that made no sense and were ignored.
    pub inputs_ignored: u64,
    /// Readings of a monotonic clock that went astray by itself, and were not followed.
    pub clock_readings_distrusted: u64,
    /// Changes of the network that mattered.
    pub network_changes: u64,
    /// Registrations looked at. What an operation costs does not depend on how many there are, and
    /// this is how tests know.
    pub registrations_visited: u64,
}

/// A reason why a registration does not fire now. Times are on the wall clock, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyNot {
    /// There is no such registration.
    NotRegistered,
    /// The store is being read.
    Loading,
    /// The call that registers it is not durable yet.
    Commit,
    /// The reply of the call that made it pending is not delivered yet.
    ReplyNotDelivered {
        /// It counts as delivered then.
        until: WallTime,
    },
    /// The last attempt failed; the back-off lasts.
    BackOff {
        /// It ends then.
        until: WallTime,
    },
    /// It has to stay away from the event before.
    Spacing {
        /// It may fire then.
        until: WallTime,
    },
    /// The host asked for this time.
    Deferred {
        /// It ends then.
        until: WallTime,
    },
    /// Its event is being started.
    Starting,
    /// Its event runs, or one of an earlier registration of its tag.
    Running,
    /// The host has not read its service worker registrations yet.
    WorkerNotLoaded,
    /// There is no active worker.
    NoActiveWorker,
    /// The network oracle has not spoken yet.
    NetworkUnknown,
    /// There is no network.
    Offline,
    /// A portal answers instead of the network.
    Captive,
    /// The link flapped and is held.
    NetworkHold {
        /// It counts as up then.
        until: WallTime,
    },
    /// The oracle was asked about this origin and has not answered, or said no.
    OriginNetwork,
    /// It may fire only on another network.
    OtherNetwork,
    /// First events after start-up or link return are spread.
    Spread {
        /// Its turn may come then.
        until: WallTime,
    },
    /// The origin has no background time or starts left.
    Budget {
        /// Something is forgotten then.
        until: WallTime,
    },
    /// As many events run as may.
    Concurrency,
    /// As many events of this origin run as may.
    OriginConcurrency,
    /// The store does not take writes.
    Store {
        /// It is tried again then.
        until: WallTime,
    },
    /// The operating system restricts background work.
    SystemRestricted,
    /// The system sleeps, or the process is frozen.
    Suspended,
    /// The machine is shutting down.
    Shutdown,
}

/// One registration as an inspector sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationView {
    /// The service worker registration.
    pub key: RegistrationKey,
    /// The tag.
    pub tag: Tag,
    /// Its number.
    pub sequence: Sequence,
    /// The state's name in the specification.
    pub state: String,
    /// Attempts so far.
    pub series: Series,
    /// When it was last registered.
    pub registered_at: WallTime,
    /// Why it does not fire now; empty when it is about to.
    pub why_not: Vec<WhyNot>,
}

impl Machine {
    /// All registrations, worker by worker, first registration first.
    pub fn registrations(&self) -> impl Iterator<Item = RegistrationView> {
        self.workers.values().flat_map(|worker| {
            worker.list.iter().map(|registration| RegistrationView {
                key: worker.key.clone(),
                tag: registration.tag().clone(),
                sequence: registration.sequence(),
                state: registration.state().name().to_owned(),
                series: registration.series(),
                registered_at: registration.registered().wall,
                why_not: self.why_not(&worker.key, registration.tag()),
            })
        })
    }

    /// A registration's state, as it is now.
    #[must_use]
    pub fn registration(&self, key: &RegistrationKey, tag: &Tag) -> Option<&SyncRegistration> {
        self.workers.get(self.worker_by_key.get(key)?)?.list.get(tag)
    }

    /// How many registrations there are, those on their way to the store included.
    #[must_use]
    pub fn registration_count(&self) -> usize {
        self.registration_count
    }

    /// The log, oldest first.
    pub fn log(&self) -> impl DoubleEndedIterator<Item = &LogEntry> {
        self.log.entries()
    }

    /// The counters of this session.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats { clock_readings_distrusted: self.clock.distrusted(), ..self.stats }
    }

    /// The oracle's last word.
    #[must_use]
    pub fn network(&self) -> &NetworkState {
        self.connectivity.state()
    }

    /// Why a tag's event does not start now, all reasons that are known; empty when it is about to.
    #[must_use]
    pub fn why_not(&self, key: &RegistrationKey, tag: &Tag) -> Vec<WhyNot> {
        match self.phase {
            Phase::Loading { .. } => return vec![WhyNot::Loading],
            Phase::Stopping { .. } | Phase::Stopped => return vec![WhyNot::Shutdown],
            Phase::Running => {}
        }
        let Some(worker) = self.worker_by_key.get(key).and_then(|ix| self.workers.get(ix)) else {
            return vec![WhyNot::NotRegistered];
        };
        let activity = worker.activities.get(tag);
        let Some(registration) = worker.list.get(tag) else {
            let on_its_way = activity.is_some_and(|activity| !activity.asks.is_empty());
            return vec![if on_its_way { WhyNot::Commit } else { WhyNot::NotRegistered }];
        };
        let mut reasons = self.why_not_itself(worker, registration);
        if let Some(origin) = self.origins.get(&worker.origin) {
            self.why_not_origin(origin, &mut reasons);
        }
        self.why_not_anybody(&mut reasons);
        reasons
    }

    fn why_not_itself(&self, worker: &Worker, registration: &SyncRegistration) -> Vec<WhyNot> {
        let mut reasons = Vec::new();
        let activity = worker.activities.get(registration.tag());
        if let Some(attempt) = activity.and_then(|activity| self.attempts.get(&activity.attempt?)) {
            reasons.push(match attempt.phase {
                AttemptPhase::AskingUser { .. } | AttemptPhase::Starting { .. } => WhyNot::Starting,
                AttemptPhase::Running { .. } | AttemptPhase::Terminating { .. } => WhyNot::Running,
            });
        }
        let now = self.monotonic();
        match registration.state() {
            RegistrationState::Pending { not_before } => {
                if let Some(wait) = not_before.filter(|wait| !wait.is_over(now)) {
                    reasons.push(WhyNot::Spacing { until: wait.until_wall() });
                }
            }
            // A wait that is over is noticed when the attempt before has let go of the tag.
            RegistrationState::Waiting { back_off, .. } if back_off.is_over(now) => {}
            RegistrationState::Waiting { back_off, deferred: true } => {
                reasons.push(WhyNot::Deferred { until: back_off.until_wall() });
            }
            RegistrationState::Waiting { back_off, deferred: false } => {
                reasons.push(WhyNot::BackOff { until: back_off.until_wall() });
            }
            RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => {}
        }
        let delivery = activity.and_then(|activity| activity.delivery).filter(|delivery| delivery.until > now);
        if let Some(delivery) = delivery {
            reasons.push(WhyNot::ReplyNotDelivered { until: self.on_wall(delivery.until) });
        }
        match worker.state {
            WorkerState::NotLoaded => reasons.push(WhyNot::WorkerNotLoaded),
            WorkerState::NoSuchRegistration | WorkerState::None => reasons.push(WhyNot::NoActiveWorker),
            WorkerState::Activating | WorkerState::Active => {}
        }
        if self.belongs_elsewhere(registration, activity.and_then(|activity| activity.declined)) {
            reasons.push(WhyNot::OtherNetwork);
        }
        reasons
    }

    fn why_not_origin(&self, origin: &OriginState, reasons: &mut Vec<WhyNot>) {
        let now = self.monotonic();
        if let Some(until) = self.journal.retry_at.filter(|_| self.waits_for_the_store(origin)) {
            reasons.push(WhyNot::Store { until: self.on_wall(until) });
        }
        if origin.attempts >= self.params.max_concurrent_events_per_origin {
            reasons.push(WhyNot::OriginConcurrency);
        }
        if origin.spread_until > now {
            reasons.push(WhyNot::Spread { until: self.on_wall(origin.spread_until) });
        }
        if let Some(wait) = self.budget_wait(origin) {
            reasons.push(WhyNot::Budget { until: self.wall().after(wait) });
        }
        let general = self.connectivity.epoch();
        match origin.network {
            OriginNetwork::Asked { .. } => reasons.push(WhyNot::OriginNetwork),
            OriginNetwork::Answered { online: false, general_epoch } if general_epoch == general => {
                reasons.push(WhyNot::OriginNetwork);
            }
            OriginNetwork::NotAsked | OriginNetwork::Answered { .. } => {}
        }
    }

    fn why_not_anybody(&self, reasons: &mut Vec<WhyNot>) {
        let now = self.monotonic();
        match self.connectivity.state() {
            NetworkState::Unknown => reasons.push(WhyNot::NetworkUnknown),
            NetworkState::Offline => reasons.push(WhyNot::Offline),
            NetworkState::Captive => reasons.push(WhyNot::Captive),
            NetworkState::Online { .. } => {}
        }
        if let Some(until) = self.connectivity.held_until(now) {
            reasons.push(WhyNot::NetworkHold { until: self.on_wall(until) });
        }
        if self.attempts.len() >= self.params.max_concurrent_events {
            reasons.push(WhyNot::Concurrency);
        }
        match self.restriction {
            SystemRestriction::Restricted => reasons.push(WhyNot::SystemRestricted),
            SystemRestriction::None => {}
        }
        if self.is_suspended() {
            reasons.push(WhyNot::Suspended);
        }
    }

    fn on_wall(&self, at: MonotonicTime) -> WallTime {
        let left: Duration = at.since(self.monotonic());
        self.wall().after(left)
    }
}
