//! What the oracle makes of an input.

use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind, UserSwitch, WorkerState};
use background_sync::registration::Now;
use background_sync::{AttemptId, Input, NetworkSubject, NotStarted, Outcome};

use super::attempts::{Cause, NeverRan, Ran};
use super::link::Notice;
use super::model::End;
use super::removed::{Removed, permits};
use super::told::Sight;
use super::{Oracle, Verdict};
use crate::Site;

/// Clocks that come apart by more than this between two inputs were set, or slept. Small jumps add up until the
/// machine takes its waits from the wall clock again, so each of them counts.
const APART: Duration = Duration::from_millis(1);

impl Oracle {
    pub(super) fn hear(&mut self, now: Now, input: &Input) -> Verdict {
        self.hear_of_surroundings(now, input);
        #[cfg(feature = "periodic")]
        self.hear_periodic(now, input);
        if self.told.stopping()
            && !matches!(
                input,
                Input::Shutdown | Input::Committed { .. } | Input::CommitFailed { .. } | Input::ContentsLost { .. }
            )
        {
            return Ok(());
        }
        match input {
            Input::Register { request, key, tag, asked_by, .. } => {
                let hop = self.workers.longest_hop(key, *asked_by, now.monotonic, &self.parameters);
                let network = self.told.link().last_named();
                let ends_wait = self.parameters.register_ends_wait;
                self.model.asked(now, *request, (key, tag, *asked_by), hop, network, ends_wait);
                if self.requests.breaks_a_rule(*request, &self.parameters) {
                    self.model.refused(*request);
                }
            }
            Input::Loaded(loaded) => {
                self.model.loaded(now, loaded, self.workers.are_known());
            }
            Input::Committed { txn } => {
                if self.durable.committed(*txn) {
                    self.memory.store_works();
                }
            }
            Input::CommitFailed { txn } => {
                if self.durable.failed(*txn) {
                    self.memory.store_failed(now.monotonic);
                }
            }
            Input::ContentsLost { txn } => {
                if self.durable.lost_contents(*txn) {
                    self.memory.store_failed(now.monotonic);
                }
            }
            Input::Ready { .. } | Input::NotStarted { .. } | Input::Finished { .. } | Input::Answered { .. } => {
                self.hear_of_attempts(now, input);
            }
            Input::ReplyDelivered { request } | Input::RequesterGone { request } => self.model.delivered(*request),
            Input::Slept | Input::Woke | Input::Thawed => self.model.nothing_known_of_waits(),
            Input::NetworkChanged { .. } | Input::Frozen | Input::Tick => {}
            other => self.removals(other),
        }
        Ok(())
    }

    /// What describes the world counts whatever the machine does.
    fn hear_of_surroundings(&mut self, now: Now, input: &Input) {
        let was_loaded = self.told.is_loaded();
        match input {
            Input::Thawed => {
                let stood_still = self.told.frozen_for(now);
                self.attempts.postpone(stood_still);
                self.background.postpone(stood_still);
                self.accounts.postpone(stood_still);
                #[cfg(feature = "periodic")]
                self.periodic.postpone(stood_still);
            }
            Input::Frozen => self.attempts.interrupt(|_| true),
            Input::PartitionClosed { request: _, partition } if partition.is_private() => {
                self.background.closed(*partition);
                self.accounts.closed(*partition);
                self.model.closed(*partition);
            }
            Input::Loaded(loaded) if !was_loaded => self.accounts.loaded(now, &loaded.budgets),
            _ => {}
        }
        self.hear_of_conditions(input);
        self.requests.hear(input, &self.parameters);
        self.removals.hear(input, &self.parameters);
        self.waking.hear(now, input);
        // A call that finds no room tells nothing.
        if !self.requests.finds_no_room(input) {
            self.workers.hear(input, was_loaded);
            let before = self.told.link().state().clone();
            let notice = self.told.hear(now, input, &self.parameters);
            // Power, or what the network costs, may be what something waited for.
            if before != *self.told.link().state() || matches!(input, Input::PowerChanged { .. }) {
                self.waking.came_online();
            }
            self.hear_of_network(input, notice);
        }
    }

    fn hear_of_network(&mut self, input: &Input, notice: Notice) {
        let Input::NetworkChanged { subject, state, epoch } = input else { return };
        match subject {
            NetworkSubject::All => {
                if *epoch >= self.told.link().epoch() {
                    self.memory.nothing_known_of_origins();
                    self.said.nothing_known_of_origins();
                }
                self.model.network_named(self.told.link().last_named());
                match notice {
                    Notice::Up => {
                        self.waking.came_online();
                        self.memory.link_came_up();
                        self.model.link_came_up();
                    }
                    Notice::Down => self.attempts.interrupt(|_| true),
                    Notice::StillDown | Notice::Nothing => {}
                }
            }
            NetworkSubject::Origin(origin) => {
                self.said.of_origin(origin);
                if self.told.own_network(origin) == Some(state) {
                    self.memory.answered_about(origin);
                    if state.is_online() {
                        self.waking.came_online();
                    } else {
                        self.attempts.interrupt_origin(origin);
                    }
                }
            }
        }
    }

    fn hear_of_attempts(&mut self, now: Now, input: &Input) {
        match input {
            Input::Ready { attempt, facts, network } => {
                let Some(key) = self.attempts.ready(*attempt, *facts, network.clone()) else { return };
                self.said.ready_on(Site::of(&key), network);
                if !network.is_online() {
                    self.memory.refused(key.origin());
                }
                self.told.windows_told(now, Site::of(&key), facts.windows);
                self.told.restriction_told(facts.restriction);
                let kind = self.attempts.kind_of(*attempt).unwrap_or(SyncKind::OneShot);
                if facts.switch == UserSwitch::Off || !permits(kind, facts.permission) {
                    self.denied(kind, &key);
                }
                match facts.worker {
                    WorkerState::Active => {}
                    WorkerState::NotLoaded | WorkerState::Activating | WorkerState::None => {
                        self.workers.may_be_none(&key)
                    }
                    WorkerState::NoSuchRegistration => {
                        self.workers.may_be_none(&key);
                        if self.workers.are_known() {
                            self.model.worker_may_be_gone(&key);
                            #[cfg(feature = "periodic")]
                            self.periodic.worker_may_be_gone(&key);
                        }
                    }
                }
            }
            Input::NotStarted { attempt, reason } => {
                let Some(start) = self.attempts.not_started(*attempt) else { return };
                if *reason == NotStarted::NoActiveWorker {
                    self.workers.may_be_none(&start.key);
                }
                self.start_failed(now, *attempt, &start);
            }
            Input::Finished { attempt, outcome } => {
                let cause = if matches!(outcome, Outcome::Deferred(_)) { Cause::Deferral } else { Cause::Host };
                let cap_time = self.told.cap_time(now);
                if let Some(ran) = self.attempts.finished(cap_time, *attempt, cause) {
                    self.ended(now, &ran, (*outcome).into());
                }
            }
            Input::Answered { attempt, yes } => self.user_answered(*attempt, *yes),
            _ => {}
        }
    }

    pub(super) fn ended(&mut self, now: Now, ran: &Ran, end: End) {
        let cap_time = self.told.cap_time(now);
        self.background.ended(ran.attempt, cap_time);
        self.accounts.settled(cap_time, ran.attempt);
        self.workers.ended(&ran.key, now.monotonic);
        match ran.event.kind {
            SyncKind::OneShot => self.model.settle(ran, end, now, &self.parameters),
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => self.periodic.ended(now, ran, end, &self.parameters),
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => {}
        }
    }

    pub(super) fn start_failed(&mut self, now: Now, attempt: AttemptId, start: &NeverRan) {
        self.accounts.cancelled(attempt);
        self.model.start_failed(&start.key, &start.of(SyncKind::OneShot), now, &self.parameters);
        #[cfg(feature = "periodic")]
        self.periodic.start_failed(now, &start.key, &start.of(SyncKind::Periodic), &self.parameters);
    }

    /// A worker that was ready brought the news that syncs of a kind are not allowed any more.
    fn denied(&mut self, kind: SyncKind, key: &RegistrationKey) {
        self.requests.all_disturbed();
        match kind {
            SyncKind::OneShot => self.model.denied(key),
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => self.periodic.denied(key),
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => {}
        }
    }

    fn user_answered(&mut self, attempt: AttemptId, yes: bool) {
        let Some(about) = self.attempts.asked_about(attempt) else { return };
        // The answer is about the network that was up when it was asked for.
        let over = !yes || about.as_ref() != self.told.link().state().network_id();
        let Some(asked) = self.attempts.answered(attempt, over) else { return };
        if !over || !yes {
            let (tags, sure) = (asked.of(SyncKind::OneShot), asked.tags.len() == 1);
            self.model.user_answered(&asked.key, (&tags, sure), about.as_slice(), yes);
            #[cfg(feature = "periodic")]
            self.periodic.user_answered(&asked.key);
        }
        if over {
            self.accounts.cancelled(attempt);
        }
    }

    /// No answer in the time a start may take is a no.
    pub(super) fn user_never_answered(&mut self, now: Now) {
        self.attempts.stand_still(self.told.is_frozen());
        if self.told.is_frozen() {
            return;
        }
        for attempt in self.attempts.unanswered(now, &self.parameters) {
            self.waking.said_something(now);
            self.user_answered(attempt, false);
        }
    }

    pub(super) fn compare_clocks(&mut self, now: Now) {
        if now == self.last_now {
            return;
        }
        let ran = now.monotonic.since(self.last_now.monotonic);
        self.said.ran_for(ran);
        let shown = now.wall.since(self.last_now.wall);
        if ran.abs_diff(shown) > APART || now.wall < self.last_now.wall {
            self.model.nothing_known_of_waits();
            #[cfg(feature = "periodic")]
            self.periodic.nothing_known_of_waits();
            self.waking.something_changed();
        }
        if now.wall < self.last_now.wall {
            self.accounts.clock_was_set_back();
            #[cfg(feature = "periodic")]
            self.periodic.no_later_than(now.wall, self.last_now.wall.since(now.wall));
        }
        self.last_now = now;
        self.accounts.move_on(now);
    }

    /// Events whose origin comes in sight or goes out of it.
    pub(super) fn follow_windows(&mut self, now: Now) {
        let cap_time = self.told.cap_time(now);
        for (attempt, site, left) in self.attempts.running(cap_time) {
            match self.told.sight(now.monotonic, &site, &self.parameters) {
                Sight::Seen => {
                    self.background.ended(attempt, cap_time);
                    self.accounts.settled(cap_time, attempt);
                }
                Sight::Either | Sight::Background => self.accounts.out_of_sight(cap_time, attempt, &site, left),
            }
        }
    }

    /// Everything that takes registrations away without having kept them.
    fn removals(&mut self, input: &Input) {
        let (known, loaded) = (self.workers.are_known(), self.told.is_loaded());
        let of_workers = Removed::by_word_of_workers(input, known, loaded);
        for gone in of_workers.into_iter().chain(Removed::by(input)) {
            self.requests.disturbed(&gone);
            self.model.remove(&gone, &self.durable);
            #[cfg(feature = "periodic")]
            self.periodic.remove(&gone, &self.durable);
        }
    }
}
