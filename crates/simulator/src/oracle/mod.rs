//! Watches inputs and outputs, and nothing else, and says what must not be.
//!
//! It is a naive second account of the specification and of the invariants I1 to I17: lists are plain
//! maps, nothing is clever. It knows the machine only by what goes in and what comes out, so it watches
//! any implementation of the same inputs and outputs; at quiet moments it compares what inspectors are shown. Where
//! what may be seen depends on the order of two things at the same moment, or on chance, it takes all of it for
//! right, and says so.

mod account;
mod attempts;
mod background;
mod durable;
mod holds;
mod link;
mod model;
mod record;
mod removed;
mod requests;
mod series;
mod told;
mod views;
mod waking;
mod workers;

use background_sync::policy::{ActiveWorker, PermissionState, RegistrationKey, UserSwitch};
use background_sync::registration::{Now, StoredRegistration, StoredState};
use background_sync::scheduler::ValidParameters;
use background_sync::{
    AttemptId, Input, Machine, NetworkSubject, NotStarted, Outcome, Output, StoreOp, TerminateReason,
};

use crate::timeline::Site;
use crate::world::Trouble;
use account::Accounts;
use attempts::{Attempts, Cause, NeverRan, Ran};
use background::{Background, Dispatched};
use durable::{Carries, Durable};
use holds::{Hold, Memory};
use link::Notice;
use model::Model;
use record::Certainty;
use removed::Removed;
use requests::Requests;
use told::{Sight, Told};
use waking::{Need, Waking};
use workers::Workers;

/// What the machine was told and said so far. See the [module](self).
#[derive(Clone, Debug)]
pub struct Oracle {
    parameters: ValidParameters,
    told: Told,
    workers: Workers,
    model: Model,
    requests: Requests,
    attempts: Attempts,
    durable: Durable,
    background: Background,
    accounts: Accounts,
    waking: Waking,
    memory: Memory,
    last_now: Now,
}

/// Clocks that come apart by more than this between two inputs were set, or slept.
const APART: std::time::Duration = std::time::Duration::from_secs(1);

/// The result of a look.
pub(crate) type Verdict = Result<(), Trouble>;

/// A broken invariant.
pub(crate) fn broken(invariant: &'static str, what: impl Into<String>) -> Verdict {
    Err(Trouble::Broken { invariant, what: what.into() })
}

impl Oracle {
    /// Before anything happened.
    #[must_use]
    pub fn new(parameters: ValidParameters) -> Self {
        Self {
            parameters,
            told: Told::default(),
            workers: Workers::default(),
            model: Model::starting(),
            requests: Requests::default(),
            attempts: Attempts::default(),
            durable: Durable::default(),
            background: Background::default(),
            accounts: Accounts::default(),
            waking: Waking::default(),
            memory: Memory::started(),
            last_now: Now::default(),
        }
    }

    /// One input and everything the machine said to it.
    ///
    /// # Errors
    /// The first thing that must not be.
    pub fn observe(&mut self, now: Now, input: &Input, outputs: &[Output]) -> Result<(), Trouble> {
        // A monotonic clock that goes back stands still.
        let now = Now { monotonic: now.monotonic.max(self.last_now.monotonic), ..now };
        self.compare_clocks(now);
        self.hear(now, input)?;
        self.follow_windows(now);
        self.user_never_answered(now);
        if !outputs.is_empty() {
            self.waking.said_something(now);
        }
        // A termination decides its event, whatever else is said about it in the same breath.
        let (ends, rest): (Vec<_>, Vec<_>) =
            outputs.iter().partition(|output| matches!(output, Output::Terminate { .. }));
        ends.into_iter().chain(rest).try_for_each(|output| self.see(now, output))?;
        self.told.after(input);
        self.attempts.none_past_its_cap(now, &self.parameters, &self.told)?;
        self.background.within_the_day(now, &self.parameters)?;
        self.requests.keep_their_shares(&self.parameters)?;
        self.what_can_fire_fires()?;
        let need = self.need(now);
        self.waking.check(now, need)
    }

    /// The process died; this is what its store holds.
    ///
    /// # Errors
    /// What should be in it and is not.
    pub fn process_died(&mut self, stored: &[StoredRegistration]) -> Result<(), Trouble> {
        if self.durable.has_lost_something() {
            // What a store lost that nobody could give back in time is gone without anybody's fault.
            self.model.doubt_everything();
        }
        self.model.restart(stored, &self.parameters)?;
        self.background.died();
        self.durable.restart(stored);
        self.requests = Requests::default();
        self.attempts = Attempts::default();
        self.accounts = Accounts::default();
        self.workers.died();
        self.waking = Waking::default();
        self.memory = Memory::started();
        self.told = Told::default();
        Ok(())
    }

    /// Nothing is on its way between host and machine.
    ///
    /// # Errors
    /// What should have happened by now (invariant I7).
    pub fn check_end(&self, machine: &Machine) -> Result<(), Trouble> {
        if self.told.is_loaded() || machine.is_stopped() {
            self.requests.all_answered()?;
        }
        self.check_log(machine)?;
        if machine.is_stopped() { self.attempts.all_ended() } else { Ok(()) }
    }

    fn hear(&mut self, now: Now, input: &Input) -> Verdict {
        self.hear_of_surroundings(now, input);
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
                self.model.asked(now, *request, (key, tag, *asked_by), hop, network);
            }
            Input::Loaded(loaded) => {
                self.model.loaded(now, loaded);
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
            }
            Input::Frozen => self.attempts.interrupt(|_| true),
            Input::PartitionClosed { partition } if partition.is_private() => {
                self.background.closed(*partition);
                self.accounts.closed(*partition);
                self.model.closed(*partition);
            }
            Input::Loaded(loaded) if !was_loaded => self.accounts.loaded(now, &loaded.budgets),
            _ => {}
        }
        self.requests.hear(input, &self.parameters);
        self.waking.hear(now, input);
        // A call that finds no room tells nothing.
        if !self.requests.finds_no_room(input) {
            self.workers.hear(input, was_loaded);
            let notice = self.told.hear(now, input, &self.parameters);
            self.hear_of_network(input, notice);
        }
    }

    fn hear_of_network(&mut self, input: &Input, notice: Notice) {
        let Input::NetworkChanged { subject, state, epoch } = input else { return };
        match subject {
            NetworkSubject::All => {
                if *epoch >= self.told.link().epoch() {
                    self.memory.nothing_known_of_origins();
                }
                self.model.network_named(self.told.link().last_named());
                match notice {
                    Notice::Up => {
                        self.memory.link_came_up();
                        self.model.link_came_up();
                    }
                    Notice::Down => self.attempts.interrupt(|_| true),
                    Notice::StillDown | Notice::Nothing => {}
                }
            }
            NetworkSubject::Origin(origin) => {
                if self.told.own_network(origin) == Some(state) {
                    self.memory.answered_about(origin);
                    if !state.is_online() {
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
                if !network.is_online() {
                    self.memory.refused(key.origin());
                }
                self.told.windows_told(now, Site::of(&key), facts.windows);
                self.told.restriction_told(facts.restriction);
                if facts.switch == UserSwitch::Off || facts.permission == PermissionState::Denied {
                    self.model.denied(&key);
                }
                match facts.worker {
                    ActiveWorker::Active => {}
                    ActiveWorker::Activating | ActiveWorker::None => self.workers.may_be_none(&key),
                    ActiveWorker::NoSuchRegistration => {
                        self.workers.may_be_none(&key);
                        self.model.worker_may_be_gone(&key);
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
                if let Some(ran) = self.attempts.finished(now, *attempt, cause, &self.parameters) {
                    self.ended(now, &ran, (*outcome).into());
                }
            }
            Input::Answered { attempt, yes } => self.user_answered(*attempt, *yes),
            _ => {}
        }
    }

    fn ended(&mut self, now: Now, ran: &Ran, end: model::End) {
        self.background.ended(ran.attempt, now);
        self.accounts.settled(now, ran.attempt);
        self.workers.ended(&ran.key, now.monotonic);
        self.model.settle(ran, end, now, &self.parameters);
    }

    fn start_failed(&mut self, now: Now, attempt: AttemptId, start: &NeverRan) {
        self.accounts.cancelled(attempt);
        self.model.start_failed(&start.key, &start.tags, now, &self.parameters);
    }

    fn user_answered(&mut self, attempt: AttemptId, yes: bool) {
        let Some(about) = self.attempts.asked_about(attempt) else { return };
        // The answer is about the network that was up when it was asked for.
        let over = !yes || about.as_ref() != self.told.link().state().network_id();
        let Some(asked) = self.attempts.answered(attempt, over) else { return };
        if !over || !yes {
            self.model.user_answered(&asked.key, &asked.tags, about.as_slice(), yes);
        }
        if over {
            self.accounts.cancelled(attempt);
        }
    }

    /// No answer in the time a start may take is a no.
    fn user_never_answered(&mut self, now: Now) {
        for attempt in self.attempts.unanswered(now, &self.parameters) {
            self.waking.said_something(now);
            self.user_answered(attempt, false);
        }
    }

    fn compare_clocks(&mut self, now: Now) {
        let ran = now.monotonic.since(self.last_now.monotonic);
        let shown = now.wall.since(self.last_now.wall);
        if ran.abs_diff(shown) > APART || now.wall < self.last_now.wall {
            self.model.nothing_known_of_waits();
            self.waking.something_changed();
        }
        if now.wall < self.last_now.wall {
            self.accounts.clock_was_set_back();
        }
        self.last_now = now;
        self.accounts.move_on(now);
    }

    /// Events whose origin comes in sight or goes out of it.
    fn follow_windows(&mut self, now: Now) {
        for (attempt, site, left) in self.attempts.running(now, &self.parameters) {
            match self.told.sight(now.monotonic, &site, &self.parameters) {
                Sight::Seen => {
                    self.background.ended(attempt, now);
                    self.accounts.settled(now, attempt);
                }
                Sight::Either | Sight::Background => self.accounts.out_of_sight(now, attempt, &site, left),
            }
        }
    }

    /// Everything that takes registrations away without having kept them.
    fn removals(&mut self, input: &Input) {
        if let Some(gone) = Removed::by(input) {
            self.requests.disturbed(&gone);
            self.model.remove(&gone, &self.durable);
        }
    }

    fn see(&mut self, now: Now, output: &Output) -> Verdict {
        self.waking.see(now, output)?;
        match output {
            Output::Reply { request, reply } => {
                let asked = self.requests.answered(*request, reply, &self.parameters, self.told.is_loaded())?;
                self.model.replied(now, *request, &asked, reply, &self.parameters)?;
                self.durable.acknowledged(&asked, reply, &self.model)
            }
            Output::Start { attempt, key } => self.see_start(now, *attempt, key),
            Output::AskUser { attempt, key } => {
                let tags = self.startable(key);
                self.may_start(key, &tags)?;
                self.book_start(now, *attempt, key);
                let about = self.told.link().state().network_id().cloned();
                self.attempts.asking(now, *attempt, key, tags, about)
            }
            Output::Dispatch { attempt, event, cap, background } => {
                let (key, started) = self.attempts.dispatched(now, *attempt, event, *cap, &self.told)?;
                self.durable.written(&key, event)?;
                self.fires_on_its_network(&key, event)?;
                self.model.dispatched(now, *attempt, &key, event, &self.parameters)?;
                self.workers.dispatched(&key, now.monotonic, &self.parameters);
                self.accounts.dispatched(now, *attempt, *background, *cap);
                let sight = self.told.sight(now.monotonic, &Site::of(&key), &self.parameters);
                let dispatched = Dispatched { attempt: *attempt, started, cap: *cap, background: *background };
                self.background.dispatched(now, &key, event, dispatched, sight, &self.parameters)
            }
            Output::Abandon { attempt } => {
                self.accounts.cancelled(*attempt);
                if let Some(start) = self.attempts.abandoned(now, *attempt, &self.parameters)? {
                    self.start_failed(now, *attempt, &start);
                }
                Ok(())
            }
            Output::Terminate { attempt, reason } => {
                let cause = match reason {
                    TerminateReason::Timeout => Cause::Timeout,
                    TerminateReason::Shutdown => Cause::Shutdown,
                    TerminateReason::SwitchedOff | TerminateReason::PartitionClosed => Cause::Removal,
                };
                let ran = self.attempts.terminated(now, *attempt, cause, &self.parameters)?;
                self.ended(now, &ran, (*reason).into());
                Ok(())
            }
            Output::Commit { txn, ops } => {
                self.see_written(now, ops)?;
                self.durable.commit(*txn, ops, Carries::Changes)
            }
            Output::Rewrite { txn, ops } => {
                self.see_written(now, ops)?;
                self.durable.holds_everything(ops, &self.model)?;
                self.durable.commit(*txn, ops, Carries::Everything)
            }
            Output::Event(entry) => {
                self.told.of_a_closed_partition(entry.key.as_ref())?;
                self.model.logged(now, entry, &self.parameters)
            }
            Output::AskNetwork { origin } => {
                self.memory.asked_about(origin, now.monotonic);
                Ok(())
            }
            Output::Load | Output::ArmWakeUp(_) | Output::WakeDone { .. } | Output::KeepAlive(_) => Ok(()),
        }
    }

    fn see_start(&mut self, now: Now, attempt: AttemptId, key: &RegistrationKey) -> Verdict {
        let tags = if self.attempts.is_asking(attempt) {
            Vec::new()
        } else {
            let tags = self.startable(key);
            self.may_start(key, &tags)?;
            self.book_start(now, attempt, key);
            tags
        };
        self.attempts.started(now, attempt, key, tags, &self.parameters)?;
        self.origin_started(key);
        Ok(())
    }

    fn book_start(&mut self, now: Now, attempt: AttemptId, key: &RegistrationKey) {
        let site = Site::of(key);
        let background = match self.told.sight(now.monotonic, &site, &self.parameters) {
            Sight::Seen => Certainty::No,
            Sight::Either => Certainty::Maybe,
            Sight::Background => Certainty::Yes,
        };
        self.accounts.started(now, attempt, &site, background, self.parameters.max_sync_event_duration);
    }

    /// Another network than the one it was registered on: never, or only when the user was asked.
    fn fires_on_its_network(&self, key: &RegistrationKey, event: &background_sync::SyncEventInit) -> Verdict {
        use background_sync::scheduler::NetworkMode;
        let Some(record) = self.model.record(&(key.clone(), event.tag.clone())) else { return Ok(()) };
        let elsewhere = match self.parameters.network_mode {
            NetworkMode::Any => Certainty::No,
            NetworkMode::Same | NetworkMode::AskOnChange => record.is_elsewhere(self.told.link().state().network_id()),
        };
        match elsewhere {
            Certainty::Yes => broken("network", format!("{:?} fires on another network", event.tag)),
            Certainty::No | Certainty::Maybe => Ok(()),
        }
    }

    fn see_written(&mut self, now: Now, ops: &[StoreOp]) -> Verdict {
        for op in ops {
            match op {
                StoreOp::PutRegistration(stored) => {
                    if let StoredState::Firing(_) = stored.state {
                        self.attempts.written(&stored.key, &stored.tag);
                    }
                    self.model.written(stored)?;
                }
                StoreOp::PutBudget(budget) => self.accounts.written(now, budget)?,
                StoreOp::RemoveRegistration(_) | StoreOp::RemoveBudget(..) | StoreOp::PutProfile(_) => {}
            }
        }
        Ok(())
    }

    fn need(&self, now: Now) -> Need {
        let of_profile = |key: &RegistrationKey| !key.partition().is_private();
        let waits = |hold| {
            let records = self.model.records().filter(|(name, record)| of_profile(&name.0) && record.certain);
            records.filter(|(name, _)| !self.model.has_asks(name)).any(|(name, record)| {
                let holds: [Hold; 3] = hold;
                holds.iter().all(|hold| !self.hold(*hold, name, record).is_possible())
            })
        };
        let link = self.told.link().state();
        let may_be_heard = link.is_online() || *link == background_sync::scheduler::NetworkState::Offline;
        let profile = self.attempts.any(now, of_profile);
        let must = may_be_heard
            && !self.told.is_restricted()
            && !self.told.is_suspended()
            && (waits([Hold::Worker, Hold::OtherNetwork, Hold::OriginNetwork]) || profile == Certainty::Yes);
        let may = profile.is_possible()
            || self.model.records().any(|(name, _)| of_profile(&name.0))
            || self.model.any_on_their_way(of_profile);
        Need {
            wake_up: Certainty::between(may, must),
            recovery: profile.is_possible(),
            attempts: self.attempts.any(now, |_| true),
            writing: self.durable.is_writing(),
            store_failed: self.memory.store_hold(now.monotonic),
            running: self.told.is_loaded() && !self.told.stopping(),
        }
    }
}
