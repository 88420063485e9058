//! What the oracle makes of what the machine wants done.

use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{Now, StoredState};
use background_sync::scheduler::NetworkMode;
use background_sync::{AttemptId, Output, Reply, RequestId, StoreOp, SyncEventInit, TerminateReason};

use super::attempts::{Cause, Tagged};
use super::background::Dispatched;
use super::durable::Carries;
use super::off;
use super::record::Certainty;
use super::requests::What;
use super::told::Sight;
use super::{Oracle, Verdict, broken};
use crate::Site;

impl Oracle {
    pub(super) fn see(&mut self, now: Now, output: &Output) -> Verdict {
        if !self.parameters.enabled {
            off::may_be_said(output)?;
        }
        self.waking.see(now, output)?;
        self.ids.see(output)?;
        match output {
            Output::Reply { request, reply } => self.see_reply(now, *request, reply),
            Output::Start { attempt, key, kind } => self.see_start(now, *attempt, key, *kind),
            Output::AskUser { attempt, key } => {
                let tags = self.startable_of_either(key);
                self.may_start(key, &tags)?;
                self.book_start(now, *attempt, key, &tags);
                #[cfg(feature = "periodic")]
                if tags.iter().any(|(kind, _)| *kind == SyncKind::Periodic) {
                    self.periodic.started(now.wall);
                }
                let about = self.told.link().state().network_id().cloned();
                self.attempts.asking(now, *attempt, key, tags, about)
            }
            Output::Dispatch { attempt, event, cap, background } => {
                self.see_dispatch(now, event, (*attempt, *cap, *background))
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
                let ran = self.attempts.terminated(self.told.cap_time(now), *attempt, cause)?;
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
                #[cfg(feature = "periodic")]
                self.periodic.are_all_in(ops)?;
                self.durable.commit(now.monotonic, *txn, ops, Carries::Everything)
            }
            Output::Event(entry) => {
                self.told.of_a_closed_partition(entry.key.as_ref())?;
                #[cfg(feature = "periodic")]
                self.periodic.logged(now, entry)?;
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
        if let What::Register { kind: SyncKind::OneShot, key, tag, .. } = &asked.what
            && self.attempts.is_busy(now, key, SyncKind::OneShot, tag).is_possible()
        {
            self.model.may_wait_still(now.monotonic, key, tag);
        }
        self.model.replied(now, request, &asked, reply, &self.parameters)?;
        #[cfg(feature = "periodic")]
        self.periodic.replied(request, &asked, reply, &self.durable, &self.parameters)?;
        self.durable.acknowledged(&asked, reply, &self.model, &self.parameters)
    }

    fn see_dispatch(
        &mut self,
        now: Now,
        event: &SyncEventInit,
        (attempt, cap, background): (AttemptId, Duration, bool),
    ) -> Verdict {
        let own_cap = self.own_cap(attempt, event);
        let (key, started) = self.attempts.dispatched(now, attempt, event, (cap, own_cap), &self.told)?;
        self.durable.written(&key, event)?;
        let dispatched = Dispatched { attempt, started, cap, background };
        match event.kind {
            SyncKind::OneShot => {
                self.fires_on_its_network(&key, event)?;
                self.meets_its_conditions(&key, event)?;
                self.model.dispatched(now, attempt, &key, event, &self.durable, &self.parameters)?;
                self.accounts.dispatched(now, attempt, background, cap);
                self.background.dispatched(now, &key, event, dispatched, &self.told, &self.parameters)?;
            }
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => {
                self.meets_periodic_conditions(&key, &event.tag)?;
                self.periodic.dispatched(now, &key, event, dispatched, &self.told, &self.parameters)?
            }
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => return broken("I1", format!("{attempt:?} is of a kind that nobody runs")),
        }
        self.workers.dispatched(&key, now.monotonic, &self.parameters);
        Ok(())
    }

    /// The least and the most that the execution cap of an event may be, whatever is left of a budget.
    fn own_cap(&self, attempt: AttemptId, event: &SyncEventInit) -> (Duration, Duration) {
        match event.kind {
            SyncKind::OneShot => {
                let _: AttemptId = attempt;
                let cap = self.parameters.event_duration(event.last_chance);
                (cap, cap)
            }
            #[cfg(feature = "periodic")]
            SyncKind::Periodic => {
                let key = self.attempts.key_of(attempt);
                self.periodic.own_cap(key, &event.tag, &self.parameters)
            }
            #[cfg(not(feature = "periodic"))]
            SyncKind::Periodic => (Duration::ZERO, Duration::ZERO),
        }
    }

    fn see_start(&mut self, now: Now, attempt: AttemptId, key: &RegistrationKey, kind: SyncKind) -> Verdict {
        let tags = if self.attempts.is_asking(attempt) {
            Vec::new()
        } else {
            let mut tags = self.startable_of_either(key);
            tags.retain(|(other, _)| *other == kind);
            self.may_start(key, &tags)?;
            self.book_start(now, attempt, key, &tags);
            tags
        };
        self.attempts.started(now, attempt, (key, kind), tags, &self.parameters)?;
        if kind == SyncKind::Periodic {
            self.accounts.cancelled(attempt);
            #[cfg(feature = "periodic")]
            self.periodic.started(now.wall);
        }
        self.origin_started(key);
        Ok(())
    }

    /// The tags of a key, of both kinds, that a start may be for.
    fn startable_of_either(&self, key: &RegistrationKey) -> Vec<Tagged> {
        #[allow(unused_mut, reason = "a build without periodic syncs adds nothing")]
        let mut tags = self.startable(key);
        #[cfg(feature = "periodic")]
        tags.extend(self.periodic_startable(key));
        tags
    }

    /// One-shot events without a window have to be paid for; which kind it is may be open while the user is asked.
    fn book_start(&mut self, now: Now, attempt: AttemptId, key: &RegistrationKey, tags: &[Tagged]) {
        if tags.iter().all(|(kind, _)| *kind == SyncKind::Periodic) {
            return;
        }
        let site = Site::of(key);
        let background = match self.told.sight(now.monotonic, &site, &self.parameters) {
            Sight::Seen => Certainty::No,
            Sight::Either => Certainty::Maybe,
            Sight::Background => Certainty::Yes,
        };
        self.accounts.started(now, attempt, &site, background, self.parameters.max_sync_event_duration);
    }

    /// Another network than the one it was registered on: never, or only when the user was asked.
    fn fires_on_its_network(&self, key: &RegistrationKey, event: &SyncEventInit) -> Verdict {
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
                        self.attempts.written(&stored.key, &(stored.kind, stored.tag.clone()));
                    }
                    self.model.written(stored)?;
                    #[cfg(feature = "periodic")]
                    self.periodic.written(stored)?;
                }
                StoreOp::PutBudget(budget) => self.accounts.written(now, budget)?,
                StoreOp::RemoveRegistration(_) | StoreOp::RemoveBudget(..) | StoreOp::PutProfile(_) => {}
            }
        }
        #[cfg(feature = "periodic")]
        self.periodic.forgets_with_the_last(now.wall, ops)?;
        Ok(())
    }
}
