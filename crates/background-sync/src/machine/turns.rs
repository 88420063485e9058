//! Who starts next: origins take turns, within each the first registration goes first.

use std::time::Duration;

use background_sync_registration::{Sequence, SyncRegistration};

use super::Machine;
use super::state::{Attempt, AttemptPhase, OriginIx, OriginNetwork, OriginState, Timer, WorkerIx, Written};
use crate::{AttemptId, Output};

/// An oracle that was asked about an origin and says nothing is asked again after this long.
const ORACLE_PATIENCE: Duration = Duration::from_secs(60);

impl Machine {
    /// Starts what may start. Looks at nothing that is not ready.
    pub(super) fn take_turns(&mut self) {
        while self.may_start() {
            let Some(origin) = self.rotation.next_turn() else { return };
            self.take_turn(origin);
        }
    }

    fn may_start(&self) -> bool {
        self.phase.is_running()
            && !self.is_suspended()
            && self.attempts.len() < self.params.max_concurrent_events
            && self.connectivity.is_online(self.monotonic())
            && !self.is_restricted()
    }

    /// One start for this origin, if it may have one. Whatever stops it lets it join again later. The first
    /// registration decides for those behind it, so that none of them overtakes it.
    fn take_turn(&mut self, ix: OriginIx) {
        let Some(origin) = self.origins.get(&ix) else { return };
        if origin.attempts >= self.params.max_concurrent_events_per_origin || self.waits_for_the_store(origin) {
            return;
        }
        let Some((sequence, worker)) = origin.ready.first_key_value().map(|(s, w)| (*s, *w)) else { return };
        if self.is_spread(ix) || !self.has_budget(ix) || !self.has_network(ix) {
            return;
        }
        self.start(worker, sequence, ix);
        self.rotation.join(ix);
    }

    /// After a commit that failed nothing of the profile starts until the store is tried again.
    pub(super) fn waits_for_the_store(&self, origin: &OriginState) -> bool {
        self.journal.retry_at.is_some() && !origin.partition.is_private()
    }

    /// After start-up and after a link came back, origins do not all start in one moment.
    fn is_spread(&mut self, ix: OriginIx) -> bool {
        let now = self.monotonic();
        let link_epoch = self.link_epoch;
        let within = self.wake.time_left(now);
        let Some(origin) = self.origins.get_mut(&ix) else { return true };
        if origin.spread_epoch != link_epoch {
            origin.spread_epoch = link_epoch;
            let most = if origin.in_background(now, self.params.background_grace) {
                self.params.first_fire_spread_in_background
            } else {
                self.params.first_fire_spread
            };
            // A wake-up has to see it happen: half of its time at most.
            let most = within.map_or(most, |left| most.min(left / 2));
            origin.spread_until = now.after(self.jitter.up_to(most));
            self.place_for_wake(ix);
        }
        let Some(origin) = self.origins.get(&ix) else { return true };
        if origin.spread_until > now {
            self.timers.set(Timer::Origin(ix), origin.spread_until);
            return true;
        }
        false
    }

    /// I13: without a window, a day's starts and event time are limited.
    fn has_budget(&mut self, ix: OriginIx) -> bool {
        let now = self.monotonic();
        let Some(wait) = self.origins.get(&ix).and_then(|origin| self.budget_wait(origin)) else { return true };
        self.timers.set(Timer::Origin(ix), now.after(wait));
        self.place_for_wake(ix);
        false
    }

    /// How long an origin has to wait until its first registration may start without a window.
    pub(super) fn budget_wait(&self, origin: &OriginState) -> Option<Duration> {
        let now = self.now();
        if !self.params.limits_background() || !origin.in_background(now.monotonic, self.params.background_grace) {
            return None;
        }
        let (sequence, worker) = origin.ready.first_key_value()?;
        let first = self.workers.get(worker)?.list.get_by_sequence(*sequence)?;
        let last_chance = self.params.last_chance(first.series(), first.registered(), self.observed());
        origin.budget.wait(now, self.params.least_background_time(last_chance), &self.params)
    }

    /// The oracle is asked about an origin only when it heads the queue, and again if it does not answer.
    fn has_network(&mut self, ix: OriginIx) -> bool {
        let now = self.monotonic();
        let epoch = self.connectivity.epoch();
        let Some(origin) = self.origins.get_mut(&ix) else { return false };
        match origin.network {
            OriginNetwork::Answered { online, general_epoch } if general_epoch == epoch => online,
            OriginNetwork::Asked { again_at } if again_at > now => {
                self.timers.set(Timer::Origin(ix), again_at);
                false
            }
            OriginNetwork::Asked { .. } | OriginNetwork::NotAsked | OriginNetwork::Answered { .. } => {
                let again_at = now.after(ORACLE_PATIENCE);
                origin.network = OriginNetwork::Asked { again_at };
                self.timers.set(Timer::Origin(ix), again_at);
                let origin = origin.origin.clone();
                self.emit(Output::AskNetwork { origin });
                false
            }
        }
    }

    fn start(&mut self, ix: WorkerIx, sequence: Sequence, origin_ix: OriginIx) {
        let Some(worker) = self.workers.get(&ix) else { return };
        let Some(registration) = worker.list.get_by_sequence(sequence) else { return };
        let (key, tag) = (worker.key.clone(), registration.tag().clone());
        let last_chance = self.params.last_chance(registration.series(), registration.registered(), self.observed());
        let ask = self.must_ask(registration);
        let id = AttemptId(self.next_attempt);
        self.next_attempt += 1;
        let deadline = self.monotonic().after(self.params.max_start_duration);
        let about = self.identity(self.connectivity.state());
        let phase = if ask { AttemptPhase::AskingUser { deadline, about } } else { starting(deadline, &key) };
        if let Some(worker) = self.workers.get_mut(&ix) {
            worker.activities.entry(tag.clone()).or_default().attempt = Some(id);
        }
        let (wall, monotonic, cap) = (self.wall(), self.monotonic(), self.params.event_duration(last_chance));
        let mut ticket = None;
        if let Some(origin) = self.origins.get_mut(&origin_ix) {
            origin.attempts += 1;
            let counts = self.params.limits_background();
            if counts && origin.in_background(monotonic, self.params.background_grace) {
                ticket = Some(origin.budget.book_next(wall, cap, &self.params));
                self.budget_changed(origin_ix);
            }
        }
        let (worker, origin) = (ix, origin_ix);
        let attempt =
            Attempt { worker, origin, key: key.clone(), tag: tag.clone(), sequence, last_chance, ticket, phase };
        self.attempts.insert(id, attempt);
        self.timers.set(Timer::Attempt(id), deadline);
        self.place(ix, sequence);
        if ask {
            self.emit(Output::AskUser { attempt: id, key });
        } else {
            // The worker starts while the attempt is being written.
            self.emit(Output::Start { attempt: id, key });
            self.dirty(ix, &tag, sequence, true);
        }
    }

    /// The user's answer about another network.
    pub(super) fn answered(&mut self, id: AttemptId, yes: bool) {
        let here = self.identity(self.connectivity.state());
        let Some(attempt) = self.attempts.get(&id) else { return self.ignore("an answer nobody waits for") };
        let AttemptPhase::AskingUser { about, .. } = attempt.phase else {
            return self.ignore("an answer nobody waits for");
        };
        let (ix, tag, sequence, key) = (attempt.worker, attempt.tag.clone(), attempt.sequence, attempt.key.clone());
        if !yes {
            self.decline(ix, &tag, about);
        }
        // The answer is about the network that was up when it was asked for.
        if !yes || about != here {
            return self.release(id);
        }
        let deadline = self.monotonic().after(self.params.max_start_duration);
        if let Some(attempt) = self.attempts.get_mut(&id) {
            attempt.phase = starting(deadline, &key);
        }
        self.timers.set(Timer::Attempt(id), deadline);
        if let Some(registration) = self.workers.get_mut(&ix).and_then(|w| w.list.get_by_sequence_mut(sequence)) {
            registration.set_network(here);
        }
        self.emit(Output::Start { attempt: id, key });
        self.dirty(ix, &tag, sequence, true);
    }

    fn decline(
        &mut self,
        ix: WorkerIx,
        tag: &background_sync_registration::Tag,
        here: Option<background_sync_registration::NetworkIdentity>,
    ) {
        if let Some(activity) = self.workers.get_mut(&ix).and_then(|worker| worker.activities.get_mut(tag)) {
            activity.declined = here;
        }
    }

    /// The registration an attempt is for, unless it is gone or another one took its tag.
    pub(super) fn registration_of(&self, attempt: &Attempt) -> Option<&SyncRegistration> {
        self.workers.get(&attempt.worker)?.list.get_by_sequence(attempt.sequence)
    }
}

fn starting(
    deadline: background_sync_registration::MonotonicTime,
    key: &background_sync_policy::RegistrationKey,
) -> AttemptPhase {
    // I12: a private attempt has nothing to be written to.
    let written = if key.partition().is_private() { Written::Yes } else { Written::No };
    AttemptPhase::Starting { deadline, written, ready: None }
}
