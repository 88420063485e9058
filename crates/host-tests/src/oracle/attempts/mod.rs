//! Attempts from start to end, as they are seen from outside.

mod attempt;
mod ended;
mod views;

use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::{Facts, Origin, RegistrationKey, SyncKind, UserSwitch, WorkerState};
use background_sync::registration::{Now, WallTime};
use background_sync::scheduler::{NetworkId, NetworkState, SyncParameters};
use background_sync::{AttemptId, SyncEventInit};

use crate::Broken;
use crate::Site;
use crate::oracle::record::Certainty;
use crate::oracle::removed::permits;
use crate::oracle::series::Excused;
use crate::oracle::told::Told;
use crate::oracle::{Verdict, broken};
pub(super) use attempt::Tagged;
use attempt::{Attempt, Phase, has_used_up};
pub(super) use ended::{Cause, NeverRan, Ran};

/// The attempts of a session.
#[derive(Clone, Debug, Default)]
pub(in crate::oracle) struct Attempts {
    /// Those that are not over.
    all: BTreeMap<AttemptId, Attempt>,
    /// The last number.
    last: Option<AttemptId>,
    /// The process stands still.
    frozen: bool,
    /// Workers that were ended at a cap in this very moment.
    ended_at_cap: Vec<RegistrationKey>,
}

impl Attempts {
    pub(in crate::oracle) fn started(
        &mut self,
        now: Now,
        id: AttemptId,
        (key, kind): (&RegistrationKey, SyncKind),
        tags: Vec<Tagged>,
        parameters: &SyncParameters,
    ) -> Verdict {
        let (mut tags, asked) = match self.all.get(&id) {
            Some(Attempt { phase: Phase::Asking(_), tags, .. }) => (tags.clone(), true),
            Some(_) | None => (tags, false),
        };
        tags.retain(|(other, _)| *other == kind);
        let attempt = Attempt { key: key.clone(), started: now, tags, phase: Phase::Starting { ready: None } };
        if !asked && self.last.is_some_and(|last| id <= last) {
            return broken("I7", format!("{id:?} starts, and is not a new number"));
        }
        self.last = self.last.max(Some(id));
        self.all.insert(id, attempt);
        let live = || self.all.values().filter(|attempt| attempt.phase.is_live());
        let site = Site::of(key);
        let of_site = live().filter(|other| site.holds(&other.key)).count();
        if live().count() > parameters.max_concurrent_events || of_site > parameters.max_concurrent_events_per_origin {
            return broken(
                "I10",
                format!("{id:?} is one event too many: {of_site} of its origin, {} in all", live().count()),
            );
        }
        Ok(())
    }

    /// The user is asked before anything starts.
    pub(in crate::oracle) fn asking(
        &mut self,
        now: Now,
        id: AttemptId,
        key: &RegistrationKey,
        tags: Vec<Tagged>,
        about: Option<NetworkId>,
    ) -> Verdict {
        if self.last.is_some_and(|last| id <= last) {
            return broken("I7", format!("{id:?} asks the user, and is not a new number"));
        }
        self.last = Some(id);
        self.all.insert(id, Attempt { key: key.clone(), started: now, tags, phase: Phase::Asking(about) });
        Ok(())
    }

    /// Whether the user is being asked about this attempt.
    pub(in crate::oracle) fn is_asking(&self, id: AttemptId) -> bool {
        self.asked_about(id).is_some()
    }

    /// The network that the user is asked about for this attempt.
    pub(in crate::oracle) fn asked_about(&self, id: AttemptId) -> Option<Option<NetworkId>> {
        match &self.all.get(&id)?.phase {
            Phase::Asking(about) => Some(about.clone()),
            Phase::Starting { .. } | Phase::Running { .. } | Phase::Ending { .. } => None,
        }
    }

    /// The user has answered about an attempt, or has not in the time a start may take.
    pub(in crate::oracle) fn answered(&mut self, id: AttemptId, over: bool) -> Option<NeverRan> {
        let Some(Attempt { phase: Phase::Asking(_), key, tags, .. }) = self.all.get(&id) else { return None };
        let asked = NeverRan { key: key.clone(), tags: tags.clone() };
        if over {
            self.all.remove(&id);
        }
        Some(asked)
    }

    /// Attempts about which the user has been asked for as long as a start may take.
    pub(in crate::oracle) fn unanswered(&self, now: Now, parameters: &SyncParameters) -> Vec<AttemptId> {
        let late = |attempt: &Attempt| {
            matches!(attempt.phase, Phase::Asking(_))
                && now.monotonic.since(attempt.started.monotonic) >= parameters.max_start_duration
        };
        self.all.iter().filter(|(_, attempt)| late(attempt)).map(|(id, _)| *id).collect()
    }

    /// The worker of an attempt runs. Gives its key, the first time.
    pub(in crate::oracle) fn ready(
        &mut self,
        id: AttemptId,
        facts: Facts,
        network: NetworkState,
    ) -> Option<RegistrationKey> {
        let attempt = self.all.get_mut(&id)?;
        let Phase::Starting { ready: ready @ None } = &mut attempt.phase else { return None };
        *ready = Some((facts, network));
        Some(attempt.key.clone())
    }

    pub(in crate::oracle) fn not_started(&mut self, id: AttemptId) -> Option<NeverRan> {
        let Some(Attempt { phase: Phase::Starting { .. }, .. }) = self.all.get(&id) else { return None };
        self.all.remove(&id).map(|attempt| NeverRan { key: attempt.key, tags: attempt.tags })
    }

    /// A commit says that an attempt for this tag is about to begin.
    pub(in crate::oracle) fn written(&mut self, key: &RegistrationKey, tag: &Tagged) {
        let is_known =
            |attempt: &Attempt| attempt.key == *key && attempt.phase.tag(&attempt.tags).as_ref() == Some(tag);
        if self.all.values().any(is_known) {
            return;
        }
        let mut open = self.all.values_mut().filter(|attempt| {
            attempt.key == *key && attempt.tags.contains(tag) && matches!(attempt.phase, Phase::Starting { .. })
        });
        if let (Some(only), None) = (open.next(), open.next()) {
            only.tags = vec![tag.clone()];
        }
    }

    /// Whose worker an attempt starts.
    #[cfg(feature = "periodic")]
    pub(in crate::oracle) fn key_of(&self, id: AttemptId) -> Option<&RegistrationKey> {
        self.all.get(&id).map(|attempt| &attempt.key)
    }

    /// The kind of its event, if that is known.
    pub(in crate::oracle) fn kind_of(&self, id: AttemptId) -> Option<SyncKind> {
        let attempt = self.all.get(&id)?;
        let (first, _) = attempt.tags.first()?;
        attempt.tags.iter().all(|(kind, _)| kind == first).then_some(*first)
    }

    /// I4 and I2, and that a dispatch follows a start. Gives the key, and when it started. `own_cap` is the least and the
    /// most that its cap may be, whatever is left of a budget.
    pub(in crate::oracle) fn dispatched(
        &mut self,
        now: Now,
        id: AttemptId,
        event: &SyncEventInit,
        (cap, own_cap): (Duration, (Duration, Duration)),
        told: &Told,
    ) -> Result<(RegistrationKey, WallTime), Broken> {
        let tag = (event.kind, event.tag.clone());
        let wrong = |invariant, what: &str| Broken { invariant, what: format!("{id:?} {:?}: {what}", event.tag) };
        let Some(attempt) = self.all.get(&id) else { return Err(wrong("I7", "dispatched without a start")) };
        let (key, started) = (attempt.key.clone(), attempt.started.wall);
        let Phase::Starting { ready } = &attempt.phase else {
            return Err(wrong("I7", "dispatched, and was not starting"));
        };
        let Some((facts, network)) = ready else { return Err(wrong("I5", "dispatched before its worker was ready")) };
        if !network.is_online() || !told.is_online(key.origin()) {
            return Err(wrong("I4", "dispatched without a network"));
        }
        if told.link().is_held(now.monotonic) {
            return Err(wrong("hold", "dispatched while a link that flapped is held"));
        }
        if !permits(event.kind, facts.permission) || facts.switch == UserSwitch::Off {
            return Err(wrong("I1", "dispatched against the user's word"));
        }
        if told.is_restricted() {
            return Err(wrong("I1", "dispatched against the system's word"));
        }
        if facts.worker != WorkerState::Active {
            return Err(wrong("I1", "dispatched to a worker that is not active"));
        }
        if cap.is_zero() {
            return Err(wrong("I13", "dispatched without any time"));
        }
        if told.is_frozen() {
            return Err(wrong("I4", "dispatched by a frozen process"));
        }
        let busy = self.all.values().any(|other| other.key == key && other.phase.keeps_busy(&tag, now));
        if busy {
            return Err(wrong("I2", "dispatched while another event of its tag runs"));
        }
        if !attempt.tags.contains(&tag) {
            return Err(wrong("order", "dispatched, and others were before it or it could not start"));
        }
        // It may have been dispatched before or after that.
        let interrupted = if self.ended_at_cap.contains(&key) { Excused::Either } else { Excused::No };
        if let Some(attempt) = self.all.get_mut(&id) {
            attempt.tags = vec![tag];
            attempt.phase = Phase::Running { event: event.clone(), since: now.monotonic, own_cap, interrupted };
        }
        Ok((key, started))
    }

    /// Gives the start if it took too long, which is booked.
    pub(in crate::oracle) fn abandoned(
        &mut self,
        now: Now,
        id: AttemptId,
        parameters: &SyncParameters,
    ) -> Result<Option<NeverRan>, Broken> {
        let Some(Attempt { phase: Phase::Starting { .. } | Phase::Asking(_), .. }) = self.all.get(&id) else {
            return Err(Broken { invariant: "I7", what: format!("{id:?} is abandoned, and was not starting") });
        };
        let Some(attempt) = self.all.remove(&id) else { return Ok(None) };
        let took = now.monotonic.since(attempt.started.monotonic);
        let too_long =
            took >= parameters.max_start_duration && matches!(attempt.phase, Phase::Starting { ready: None });
        Ok(too_long.then_some(NeverRan { key: attempt.key, tags: attempt.tags }))
    }

    /// We ask for an end. Gives the event if this is what decides it.
    pub(in crate::oracle) fn terminated(&mut self, now: Now, id: AttemptId, cause: Cause) -> Result<Ran, Broken> {
        let wrong = || Broken { invariant: "I7", what: format!("{id:?} is terminated, and was not running") };
        let ran = self.end(now, id, cause).ok_or_else(wrong)?;
        if cause == Cause::Timeout {
            // What else runs in that worker ends with it.
            self.interrupt(|key| *key == ran.key);
            self.ended_at_cap.push(ran.key.clone());
        }
        Ok(ran)
    }

    /// The host says that it ended. Gives the event if this is what decides it.
    pub(in crate::oracle) fn finished(&mut self, now: Now, id: AttemptId, cause: Cause) -> Option<Ran> {
        let ran = self.end(now, id, cause);
        if let Some(Attempt { phase: Phase::Ending { .. }, .. }) = self.all.get(&id) {
            self.all.remove(&id);
        }
        ran
    }

    fn end(&mut self, now: Now, id: AttemptId, cause: Cause) -> Option<Ran> {
        let attempt = self.all.get_mut(&id)?;
        let Phase::Running { event, since, own_cap, interrupted } = &attempt.phase else { return None };
        // An event that has used up its own cap is charged, whatever else ended with it.
        let excused = match (cause, has_used_up(*since, *own_cap, now)) {
            (Cause::Timeout, Certainty::Yes) => Excused::No,
            (Cause::Timeout | Cause::Deferral | Cause::Shutdown, Certainty::No) => Excused::Yes,
            (Cause::Timeout, Certainty::Maybe) => Excused::Either,
            (Cause::Host | Cause::Removal, Certainty::No) => *interrupted,
            (Cause::Deferral | Cause::Shutdown, Certainty::Maybe | Certainty::Yes) => Excused::Either,
            (Cause::Host | Cause::Removal, Certainty::Maybe | Certainty::Yes) => match interrupted {
                Excused::No => Excused::No,
                Excused::Yes | Excused::Either => Excused::Either,
            },
        };
        let event = event.clone();
        attempt.phase = Phase::Ending { tag: (event.kind, event.tag.clone()), since: now.monotonic };
        Some(Ran { attempt: id, key: attempt.key.clone(), event, excused })
    }

    /// Whatever runs of these keys may fail now without being charged.
    pub(in crate::oracle) fn interrupt(&mut self, which: impl Fn(&RegistrationKey) -> bool) {
        for attempt in self.all.values_mut().filter(|attempt| which(&attempt.key)) {
            if let Phase::Running { interrupted, .. } = &mut attempt.phase {
                *interrupted = Excused::Yes;
            }
        }
    }

    pub(in crate::oracle) fn interrupt_origin(&mut self, origin: &Origin) {
        self.interrupt(|key| key.origin() == origin);
    }

    /// While the process stands still nobody gives up on an event that was to end.
    pub(in crate::oracle) fn stand_still(&mut self, frozen: bool) {
        self.ended_at_cap.clear();
        self.frozen = frozen;
    }

    /// The process stood still for so long: what ran has as much more time.
    pub(in crate::oracle) fn postpone(&mut self, by: Duration) {
        for attempt in self.all.values_mut() {
            match &mut attempt.phase {
                Phase::Running { since, .. } | Phase::Ending { since, .. } => *since = since.after(by),
                Phase::Asking(_) | Phase::Starting { .. } => {
                    attempt.started.monotonic = attempt.started.monotonic.after(by);
                }
            }
        }
    }
}
