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
mod calls;
mod conditions;
mod durable;
mod heard;
mod holds;
mod ids;
mod kept;
mod link;
mod model;
mod off;
mod promise;
mod record;
mod removals;
mod removed;
mod requests;
mod series;
mod told;
mod views;
mod waking;
mod workers;

use background_sync::policy::RegistrationKey;
use background_sync::registration::{Now, StoredRegistration, StoredState};
use background_sync::scheduler::ValidParameters;
use background_sync::{AttemptId, Input, Machine, Output, Reply, RequestId, StoreOp, TerminateReason};

use crate::{Broken, Site};
use account::Accounts;
use attempts::{Attempts, Cause};
use background::{Background, Dispatched};
use conditions::Said;
use durable::{Carries, Durable};
use holds::{Hold, Memory};
use ids::Ids;
use model::Model;
use record::Certainty;
use removals::Removals;
use requests::{Requests, What};
use told::{Sight, Told};
use waking::{Need, Waking};
use workers::Workers;

/// A naive second account of the specification and of the invariants, over what a machine was told and said so far: it
/// knows nothing else of it, so it watches any implementation of the same inputs and outputs.
#[derive(Clone, Debug)]
pub struct Oracle {
    parameters: ValidParameters,
    told: Told,
    workers: Workers,
    model: Model,
    requests: Requests,
    removals: Removals,
    ids: Ids,
    attempts: Attempts,
    durable: Durable,
    background: Background,
    accounts: Accounts,
    waking: Waking,
    memory: Memory,
    said: Said,
    last_now: Now,
}

/// The result of a look.
type Verdict = Result<(), Broken>;

/// A broken invariant.
fn broken(invariant: &'static str, what: impl Into<String>) -> Verdict {
    Err(Broken { invariant, what: what.into() })
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
            removals: Removals::default(),
            ids: Ids::default(),
            attempts: Attempts::default(),
            durable: Durable::default(),
            background: Background::default(),
            accounts: Accounts::default(),
            waking: Waking::default(),
            memory: Memory::started(),
            said: Said::default(),
            last_now: Now::default(),
        }
    }

    /// One input and everything the machine said to it.
    ///
    /// # Errors
    /// The first thing that must not be.
    pub fn observe(&mut self, now: Now, input: &Input, outputs: &[Output]) -> Result<(), Broken> {
        // A monotonic clock that goes back stands still.
        let now = Now { monotonic: now.monotonic.max(self.last_now.monotonic), ..now };
        self.compare_clocks(now);
        self.durable.another_moment();
        self.hear(now, input)?;
        self.follow_windows(now);
        self.user_never_answered(now);
        if !outputs.is_empty() {
            self.waking.said_something(now);
        }
        // A termination decides its event, whatever else is said about it in the same breath.
        let is_end = |output: &&Output| matches!(output, Output::Terminate { .. });
        let rest = outputs.iter().filter(|output| !is_end(output));
        outputs.iter().filter(is_end).chain(rest).try_for_each(|output| self.see(now, output))?;
        self.told.after(input);
        self.overrides_end();
        self.attempts.none_past_its_cap(now, &self.parameters, &self.told)?;
        self.background.within_the_day(now, &self.parameters)?;
        self.requests.keep_their_shares(&self.parameters)?;
        self.what_can_fire_fires()?;
        // Nothing is asked of anybody before the store was read, or while the machine stops.
        if !self.told.is_loaded() || self.told.stopping() {
            return Ok(());
        }
        let need = self.need(now);
        self.waking.check(now, need)
    }

    /// Compares what was said to be durably gone with what the store holds now, which is asked for only then.
    ///
    /// # Errors
    /// What it holds all the same.
    pub fn gone_as_said(
        &mut self,
        outputs: &[Output],
        stored: impl FnOnce() -> Vec<StoredRegistration>,
    ) -> Result<(), Broken> {
        if removals::any_answer(outputs) { self.removals.gone_as_said(&stored()) } else { Ok(()) }
    }

    /// The process died; this is what its store holds.
    ///
    /// # Errors
    /// What should be in it and is not.
    pub fn process_died(&mut self, stored: &[StoredRegistration]) -> Result<(), Broken> {
        if self.durable.has_lost_something() {
            // What a store lost that nobody could give back in time is gone without anybody's fault.
            self.model.doubt_everything();
        }
        self.model.restart(stored, &self.parameters)?;
        self.background.died();
        self.durable.restart(stored);
        self.requests = Requests::default();
        self.removals = Removals::default();
        self.ids.died();
        self.attempts = Attempts::default();
        self.accounts = Accounts::default();
        self.workers.died();
        self.waking = Waking::default();
        self.memory = Memory::started();
        self.said.died();
        self.told = Told::default();
        Ok(())
    }

    /// Nothing is on its way between host and machine.
    ///
    /// # Errors
    /// What should have happened by now (invariant I7).
    pub fn check_end(&self, machine: &Machine) -> Result<(), Broken> {
        if !self.parameters.enabled {
            off::nothing_is_due(machine)?;
        }
        if self.told.is_loaded() || machine.is_stopped() || !self.parameters.enabled {
            self.requests.all_answered()?;
        }
        // While the store takes nothing they wait.
        if machine.is_stopped()
            || !self.parameters.enabled
            || (self.told.is_loaded() && !self.memory.store_hold(self.last_now.monotonic).is_possible())
        {
            self.removals.all_answered()?;
        }
        self.check_log(machine)?;
        if machine.is_stopped() { self.attempts.all_ended() } else { Ok(()) }
    }

    fn see(&mut self, now: Now, output: &Output) -> Verdict {
        if !self.parameters.enabled {
            off::may_be_said(output)?;
        }
        self.waking.see(now, output)?;
        self.ids.see(output)?;
        match output {
            Output::Reply { request, reply } => self.see_reply(now, *request, reply),
            Output::Start { attempt, key, kind: _ } => self.see_start(now, *attempt, key),
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
                self.meets_its_conditions(&key, event)?;
                self.model.dispatched(now, *attempt, &key, event, &self.durable, &self.parameters)?;
                self.workers.dispatched(&key, now.monotonic, &self.parameters);
                self.accounts.dispatched(now, *attempt, *background, *cap);
                let dispatched = Dispatched { attempt: *attempt, started, cap: *cap, background: *background };
                self.background.dispatched(now, &key, event, dispatched, &self.told, &self.parameters)
            }
            Output::Abandon { attempt } => {
                self.accounts.cancelled(*attempt);
                // A shutdown gives up what starts, however long that took already: nothing of it is booked.
                if let Some(start) = self.attempts.abandoned(now, *attempt, &self.parameters)?
                    && !self.told.stopping()
                {
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
                let ran = self.attempts.terminated(self.told.cap_time(now), *attempt, cause, &self.parameters)?;
                self.ended(now, &ran, (*reason).into());
                Ok(())
            }
            Output::Commit { txn, ops } => {
                self.see_written(now, ops)?;
                self.durable.commit(now.monotonic, *txn, ops, Carries::Changes)
            }
            Output::Rewrite { txn, ops } => {
                self.see_written(now, ops)?;
                self.durable.holds_everything(ops, &self.model)?;
                self.durable.commit(now.monotonic, *txn, ops, Carries::Everything)
            }
            Output::Event(entry) => {
                self.told.of_a_closed_partition(entry.key.as_ref())?;
                self.model.logged(now, entry, &self.parameters)
            }
            Output::AskNetwork { origin } => {
                self.memory.asked_about(origin, now.monotonic);
                Ok(())
            }
            Output::ArmWakeUp(Some(wake_up)) if !self.may_be_woken_under(wake_up) => {
                broken("I16", format!("a wake-up under a condition that nothing has: {wake_up:?}"))
            }
            Output::Load | Output::ArmWakeUp(_) | Output::WakeDone { .. } | Output::KeepAlive(_) => Ok(()),
        }
    }

    fn see_reply(&mut self, now: Now, request: RequestId, reply: &Reply) -> Verdict {
        let loaded = self.told.is_loaded();
        if let (Reply::Durable(answer), false) = (reply, self.parameters.enabled) {
            // Once it has stopped it says that of everything.
            if !self.told.stopping() {
                return self.removals.answered_while_off(request, *answer);
            }
        }
        if let Reply::Durable(answer) = reply {
            return self.removals.answered(request, *answer, loaded, self.told.stopping());
        }
        let asked = self.requests.answered(request, reply, &self.parameters, loaded)?;
        if let What::Register { key, tag, .. } = &asked.what
            && self.attempts.is_busy(now, key, tag).is_possible()
        {
            self.model.may_wait_still(now.monotonic, key, tag);
        }
        self.model.replied(now, request, &asked, reply, &self.parameters)?;
        self.durable.acknowledged(&asked, reply, &self.model, &self.parameters)
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
            let mut records = self.model.records().filter(|(name, record)| of_profile(&name.0) && record.certain);
            records.any(|(name, record)| {
                let holds: [Hold; 3] = hold;
                !self.model.has_asks(name) && holds.iter().all(|hold| !self.hold(*hold, name, record).is_possible())
            })
        };
        let link = self.told.link().state();
        let may_be_heard = link.is_online() || *link == background_sync::scheduler::NetworkState::Offline;
        let attempts = self.attempts.any(now, |_| true);
        let profile = if attempts.is_possible() { self.attempts.any(now, of_profile) } else { Certainty::No };
        // Whether one must be asked for is of interest only while none is.
        let must = !self.waking.is_armed()
            && may_be_heard
            && !self.told.is_restricted()
            && !self.told.is_suspended()
            && (profile == Certainty::Yes || waits([Hold::OtherNetwork, Hold::Worker, Hold::OriginNetwork]));
        let waits =
            self.model.records().any(|(name, _)| of_profile(&name.0)) || self.model.any_on_their_way(of_profile);
        // Of the end of a restriction it hears without being woken.
        let may = profile.is_possible() || (waits && !self.told.is_restricted());
        Need {
            wake_up: Certainty::between(may, must),
            recovery: profile.is_possible(),
            attempts,
            writing: self.durable.is_writing(),
            store_failed: self.memory.store_hold(now.monotonic),
        }
    }
}
