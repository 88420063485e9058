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
#[cfg(feature = "periodic")]
mod periodic;
mod promise;
mod record;
mod removals;
mod removed;
mod requests;
mod seen;
mod series;
mod told;
mod views;
mod waking;
mod workers;

use background_sync::policy::RegistrationKey;
use background_sync::registration::{Now, StoredRegistration};
use background_sync::scheduler::ValidParameters;
use background_sync::{Input, Machine, Output};

use crate::Broken;
use account::Accounts;
use attempts::Attempts;
use background::Background;
use conditions::Said;
use durable::Durable;
use holds::{Hold, Memory};
use ids::Ids;
use model::Model;
#[cfg(feature = "periodic")]
use periodic::Periodic;
use record::Certainty;
use removals::Removals;
use requests::Requests;
use told::Told;
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
    #[cfg(feature = "periodic")]
    periodic: Periodic,
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
            #[cfg(feature = "periodic")]
            periodic: Periodic::starting(),
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
        #[cfg(feature = "periodic")]
        self.periodic.look(now, &self.told, self.said.has_run(), &self.parameters);
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
        self.attempts.none_past_its_cap(now, &self.told)?;
        self.background.within_the_day(now, &self.parameters)?;
        #[cfg(feature = "periodic")]
        self.periodic.within_the_day(now, &self.parameters)?;
        self.requests.keep_their_shares(&self.parameters)?;
        self.what_can_fire_fires()?;
        #[cfg(feature = "periodic")]
        self.what_is_due_fires()?;
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
            #[cfg(feature = "periodic")]
            self.periodic.doubt_everything(self.last_now.wall);
        }
        self.model.restart(stored, &self.parameters)?;
        #[cfg(feature = "periodic")]
        self.periodic.restart(self.last_now, stored)?;
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
        #[cfg(feature = "periodic")]
        let waits = waits || self.periodic.any_of_profile();
        #[cfg(feature = "periodic")]
        let may_be_woken = !self.waking.is_armed() && may_be_heard && !self.told.is_restricted();
        #[cfg(feature = "periodic")]
        let must = must || (may_be_woken && self.a_wake_up_is_due_for_a_plan());
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
