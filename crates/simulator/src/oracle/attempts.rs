use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::{Facts, Origin, PermissionState, RegistrationKey, UserSwitch, WorkerState};
use background_sync::registration::{MonotonicTime, Now, Tag, WallTime};
use background_sync::scheduler::{NetworkId, NetworkState, SyncParameters};
use background_sync::{AttemptId, SyncEventInit};

use super::record::Certainty;
use super::series::Excused;
use super::told::Told;
use super::{Verdict, broken};
use crate::timeline::{Site, Time};
use crate::world::Trouble;

/// How long a terminated event may keep its tag busy when the host never says that it ended.
const GRACE: Duration = Duration::from_secs(30);
/// An event may outlast its cap by this much before somebody has to notice.
const LATE: Duration = Duration::from_secs(1);

/// The attempts of a session that are not over, the last number, whether the process stands still, and workers that
/// were ended at a cap in this very moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(BTreeMap<AttemptId, Attempt>, Option<AttemptId>, bool, Vec<RegistrationKey>);

#[derive(Clone, Debug)]
struct Attempt {
    key: RegistrationKey,
    started: Now,
    /// The tags it may be for; one, once that is known.
    tags: Vec<Tag>,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    /// The user is asked about this network.
    Asking(Option<NetworkId>),
    Starting {
        ready: Option<(Facts, NetworkState)>,
    },
    Running {
        event: SyncEventInit,
        since: MonotonicTime,
        /// Whether something happened meanwhile that the worker could not help.
        interrupted: Excused,
    },
    /// Its end is decided; the host has not said that it is over.
    Ending {
        tag: Tag,
        since: MonotonicTime,
    },
}

/// An event that ran.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    pub(super) attempt: AttemptId,
    pub(super) key: RegistrationKey,
    pub(super) event: SyncEventInit,
    pub(super) excused: Excused,
}

/// A start that came to nothing, and the tags that it may have been for.
#[derive(Clone, Debug)]
pub(super) struct NeverRan {
    pub(super) key: RegistrationKey,
    pub(super) tags: Vec<Tag>,
}

/// Why an event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The host says so.
    Host,
    /// The host says that it has to wait.
    Deferral,
    /// We asked for it when its time was over.
    Timeout,
    /// We asked for it at the shutdown.
    Shutdown,
    /// We asked for it for another reason.
    Removal,
}

impl Attempts {
    pub(super) fn started(
        &mut self,
        now: Now,
        id: AttemptId,
        key: &RegistrationKey,
        tags: Vec<Tag>,
        parameters: &SyncParameters,
    ) -> Verdict {
        let (tags, asked) = match self.0.get(&id) {
            Some(Attempt { phase: Phase::Asking(_), tags, .. }) => (tags.clone(), true),
            Some(_) | None => (tags, false),
        };
        let attempt = Attempt { key: key.clone(), started: now, tags, phase: Phase::Starting { ready: None } };
        if !asked && self.1.is_some_and(|last| id <= last) {
            return broken("I7", format!("{id:?} starts, and is not a new number"));
        }
        self.1 = self.1.max(Some(id));
        self.0.insert(id, attempt);
        let live = || self.0.values().filter(|attempt| attempt.phase.is_live());
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
    pub(super) fn asking(
        &mut self,
        now: Now,
        id: AttemptId,
        key: &RegistrationKey,
        tags: Vec<Tag>,
        about: Option<NetworkId>,
    ) -> Verdict {
        if self.1.is_some_and(|last| id <= last) {
            return broken("I7", format!("{id:?} asks the user, and is not a new number"));
        }
        self.1 = Some(id);
        self.0.insert(id, Attempt { key: key.clone(), started: now, tags, phase: Phase::Asking(about) });
        Ok(())
    }

    /// Whether the user is being asked about this attempt.
    pub(super) fn is_asking(&self, id: AttemptId) -> bool {
        self.asked_about(id).is_some()
    }

    /// The network that the user is asked about for this attempt.
    pub(super) fn asked_about(&self, id: AttemptId) -> Option<Option<NetworkId>> {
        match &self.0.get(&id)?.phase {
            Phase::Asking(about) => Some(about.clone()),
            Phase::Starting { .. } | Phase::Running { .. } | Phase::Ending { .. } => None,
        }
    }

    /// The user has answered about an attempt, or has not in the time a start may take.
    pub(super) fn answered(&mut self, id: AttemptId, over: bool) -> Option<NeverRan> {
        let Some(Attempt { phase: Phase::Asking(_), key, tags, .. }) = self.0.get(&id) else { return None };
        let asked = NeverRan { key: key.clone(), tags: tags.clone() };
        if over {
            self.0.remove(&id);
        }
        Some(asked)
    }

    /// Attempts about which the user has been asked for as long as a start may take.
    pub(super) fn unanswered(&self, now: Now, parameters: &SyncParameters) -> Vec<AttemptId> {
        let late = |attempt: &Attempt| {
            matches!(attempt.phase, Phase::Asking(_))
                && now.monotonic.since(attempt.started.monotonic) >= parameters.max_start_duration
        };
        self.0.iter().filter(|(_, attempt)| late(attempt)).map(|(id, _)| *id).collect()
    }

    /// The worker of an attempt runs. Gives its key, the first time.
    pub(super) fn ready(&mut self, id: AttemptId, facts: Facts, network: NetworkState) -> Option<RegistrationKey> {
        let attempt = self.0.get_mut(&id)?;
        let Phase::Starting { ready: ready @ None } = &mut attempt.phase else { return None };
        *ready = Some((facts, network));
        Some(attempt.key.clone())
    }

    pub(super) fn not_started(&mut self, id: AttemptId) -> Option<NeverRan> {
        let Some(Attempt { phase: Phase::Starting { .. }, .. }) = self.0.get(&id) else { return None };
        self.0.remove(&id).map(|attempt| NeverRan { key: attempt.key, tags: attempt.tags })
    }

    /// A commit says that an attempt for this tag is about to begin.
    pub(super) fn written(&mut self, key: &RegistrationKey, tag: &Tag) {
        if self.0.values().any(|attempt| attempt.key == *key && attempt.phase.tag(&attempt.tags) == Some(tag)) {
            return;
        }
        let mut open = self.0.values_mut().filter(|attempt| {
            attempt.key == *key && attempt.tags.contains(tag) && matches!(attempt.phase, Phase::Starting { .. })
        });
        if let (Some(only), None) = (open.next(), open.next()) {
            only.tags = vec![tag.clone()];
        }
    }

    /// I4 and I2, and that a dispatch follows a start. Gives the key, and when it started.
    pub(super) fn dispatched(
        &mut self,
        now: Now,
        id: AttemptId,
        event: &SyncEventInit,
        cap: Duration,
        told: &Told,
    ) -> Result<(RegistrationKey, WallTime), Trouble> {
        let wrong =
            |invariant, what: &str| Trouble::Broken { invariant, what: format!("{id:?} {:?}: {what}", event.tag) };
        let Some(attempt) = self.0.get(&id) else { return Err(wrong("I7", "dispatched without a start")) };
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
        if facts.permission == PermissionState::Denied || facts.switch == UserSwitch::Off {
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
        let busy = self.0.values().any(|other| other.key == key && other.phase.keeps_busy(&event.tag, now));
        if busy {
            return Err(wrong("I2", "dispatched while another event of its tag runs"));
        }
        if !attempt.tags.contains(&event.tag) {
            return Err(wrong("order", "dispatched, and others were before it or it could not start"));
        }
        // It may have been dispatched before or after that.
        let interrupted = if self.3.contains(&key) { Excused::Either } else { Excused::No };
        if let Some(attempt) = self.0.get_mut(&id) {
            attempt.tags = vec![event.tag.clone()];
            attempt.phase = Phase::Running { event: event.clone(), since: now.monotonic, interrupted };
        }
        Ok((key, started))
    }

    /// Gives the start if it took too long, which is booked.
    pub(super) fn abandoned(
        &mut self,
        now: Now,
        id: AttemptId,
        parameters: &SyncParameters,
    ) -> Result<Option<NeverRan>, Trouble> {
        let Some(Attempt { phase: Phase::Starting { .. } | Phase::Asking(_), .. }) = self.0.get(&id) else {
            return Err(Trouble::Broken {
                invariant: "I7",
                what: format!("{id:?} is abandoned, and was not starting"),
            });
        };
        let Some(attempt) = self.0.remove(&id) else { return Ok(None) };
        let took = now.monotonic.since(attempt.started.monotonic);
        let too_long =
            took >= parameters.max_start_duration && matches!(attempt.phase, Phase::Starting { ready: None });
        Ok(too_long.then_some(NeverRan { key: attempt.key, tags: attempt.tags }))
    }

    /// We ask for an end. Gives the event if this is what decides it.
    pub(super) fn terminated(
        &mut self,
        now: Now,
        id: AttemptId,
        cause: Cause,
        parameters: &SyncParameters,
    ) -> Result<Ran, Trouble> {
        let wrong = || Trouble::Broken { invariant: "I7", what: format!("{id:?} is terminated, and was not running") };
        let ran = self.end(now, id, cause, parameters).ok_or_else(wrong)?;
        if cause == Cause::Timeout {
            // What else runs in that worker ends with it.
            self.interrupt(|key| *key == ran.key);
            self.3.push(ran.key.clone());
        }
        Ok(ran)
    }

    /// The host says that it ended. Gives the event if this is what decides it.
    pub(super) fn finished(
        &mut self,
        now: Now,
        id: AttemptId,
        cause: Cause,
        parameters: &SyncParameters,
    ) -> Option<Ran> {
        let ran = self.end(now, id, cause, parameters);
        if let Some(Attempt { phase: Phase::Ending { .. }, .. }) = self.0.get(&id) {
            self.0.remove(&id);
        }
        ran
    }

    fn end(&mut self, now: Now, id: AttemptId, cause: Cause, parameters: &SyncParameters) -> Option<Ran> {
        let attempt = self.0.get_mut(&id)?;
        let Phase::Running { event, since, interrupted } = &attempt.phase else { return None };
        // An event that has used up its own cap is charged, whatever else ended with it.
        let own_cap = parameters.event_duration(event.last_chance);
        let used_up = now.monotonic.since(*since) >= own_cap;
        let excused = match (cause, used_up) {
            (Cause::Timeout, true) => Excused::No,
            (Cause::Timeout, false) => Excused::Yes,
            (Cause::Deferral | Cause::Shutdown, false) => Excused::Yes,
            (Cause::Host | Cause::Removal, false) => *interrupted,
            (Cause::Deferral | Cause::Shutdown, true) => Excused::Either,
            (Cause::Host | Cause::Removal, true) => match interrupted {
                Excused::No => Excused::No,
                Excused::Yes | Excused::Either => Excused::Either,
            },
        };
        let event = event.clone();
        attempt.phase = Phase::Ending { tag: event.tag.clone(), since: now.monotonic };
        Some(Ran { attempt: id, key: attempt.key.clone(), event, excused })
    }

    /// Whatever runs of these keys may fail now without being charged.
    pub(super) fn interrupt(&mut self, which: impl Fn(&RegistrationKey) -> bool) {
        for attempt in self.0.values_mut().filter(|attempt| which(&attempt.key)) {
            if let Phase::Running { interrupted, .. } = &mut attempt.phase {
                *interrupted = Excused::Yes;
            }
        }
    }

    pub(super) fn interrupt_origin(&mut self, origin: &Origin) {
        self.interrupt(|key| key.origin() == origin);
    }

    /// While the process stands still nobody gives up on an event that was to end.
    pub(super) fn stand_still(&mut self, frozen: bool) {
        self.3.clear();
        self.2 = frozen;
    }

    /// The process stood still for so long: what ran has as much more time.
    pub(super) fn postpone(&mut self, by: Duration) {
        for attempt in self.0.values_mut() {
            match &mut attempt.phase {
                Phase::Running { since, .. } | Phase::Ending { since, .. } => *since = since.after(by),
                Phase::Asking(_) | Phase::Starting { .. } => {
                    attempt.started.monotonic = attempt.started.monotonic.after(by);
                }
            }
        }
    }

    /// `sync.limit`: nobody outstays the cap of its kind. While the process is frozen nobody can notice.
    pub(super) fn none_past_its_cap(&self, now: Now, parameters: &SyncParameters, told: &Told) -> Verdict {
        if told.is_frozen() {
            return Ok(());
        }
        for (id, attempt) in &self.0 {
            let Phase::Running { event, since, .. } = &attempt.phase else { continue };
            let cap = parameters.event_duration(event.last_chance);
            if now.monotonic.since(*since) > cap + LATE {
                return broken("cap", format!("{id:?} {:?} runs for more than {}", event.tag, Time(cap)));
            }
        }
        Ok(())
    }

    /// I7, after a shutdown.
    pub(super) fn all_ended(&self) -> Verdict {
        match self.0.iter().find(|(_, attempt)| attempt.phase.is_live()) {
            Some((id, attempt)) => broken("I7", format!("{id:?} never ended: {attempt:?}")),
            None => Ok(()),
        }
    }

    /// Whether there are as many attempts as may be; of one origin, or of all.
    pub(super) fn are_full(&self, now: Now, site: Option<&Site>, most: usize) -> Certainty {
        if self.0.len() < most {
            return Certainty::No;
        }
        let of_site = || self.0.values().filter(|attempt| site.is_none_or(|site| site.holds(&attempt.key)));
        // What is live takes a place.
        let may = of_site().filter(|attempt| attempt.phase.takes_a_place(now, self.2)).count();
        let must = || of_site().filter(|attempt| attempt.phase.is_live()).count();
        Certainty::between(may >= most, may >= most && must() >= most)
    }

    /// Whether an attempt for this tag is going on.
    pub(super) fn is_busy(&self, now: Now, key: &RegistrationKey, tag: &Tag) -> Certainty {
        let mut busy = Certainty::No;
        for attempt in self.0.values().filter(|attempt| attempt.tags.contains(tag) && attempt.key == *key) {
            if attempt.phase.is_live() && attempt.tags.len() == 1 {
                return Certainty::Yes;
            }
            if attempt.phase.takes_a_place(now, self.2) {
                busy = Certainty::Maybe;
            }
        }
        busy
    }

    /// Whether anything is going on, and whether anything of the profile may be.
    pub(super) fn any(&self, now: Now, which: impl Fn(&RegistrationKey) -> bool) -> Certainty {
        let mut any = Certainty::No;
        for attempt in self.0.values().filter(|attempt| which(&attempt.key)) {
            if attempt.phase.is_live() {
                return Certainty::Yes;
            }
            if attempt.phase.takes_a_place(now, self.2) {
                any = Certainty::Maybe;
            }
        }
        any
    }

    /// Events that run, with their site and how much of their own cap is left.
    pub(super) fn running(
        &self,
        now: Now,
        parameters: &SyncParameters,
    ) -> impl Iterator<Item = (AttemptId, Site, Duration)> {
        self.0.iter().filter_map(move |(id, attempt)| match &attempt.phase {
            Phase::Running { event, since, .. } => {
                let cap = parameters.event_duration(event.last_chance);
                Some((*id, Site::of(&attempt.key), since.after(cap).since(now.monotonic)))
            }
            Phase::Asking(_) | Phase::Starting { .. } | Phase::Ending { .. } => None,
        })
    }
}

impl Phase {
    fn is_live(&self) -> bool {
        match self {
            Self::Starting { .. } | Self::Running { .. } => true,
            Self::Ending { .. } | Self::Asking(_) => false,
        }
    }

    /// The tag it is for, if that is known.
    fn tag<'a>(&'a self, tags: &'a [Tag]) -> Option<&'a Tag> {
        match (self, tags) {
            (Self::Running { event, .. }, _) => Some(&event.tag),
            (Self::Ending { tag, .. }, _) => Some(tag),
            (Self::Starting { .. } | Self::Asking(_), [only]) => Some(only),
            (Self::Starting { .. } | Self::Asking(_), _) => None,
        }
    }

    /// An event that was to end takes its place until it has, or nobody waits for it any more.
    fn takes_a_place(&self, now: Now, frozen: bool) -> bool {
        match self {
            Self::Asking(_) | Self::Starting { .. } | Self::Running { .. } => true,
            Self::Ending { since, .. } => frozen || now.monotonic.since(*since) < GRACE,
        }
    }

    fn keeps_busy(&self, tag: &Tag, now: Now) -> bool {
        match self {
            Self::Running { event, .. } => event.tag == *tag,
            Self::Ending { tag: ending, since } => ending == tag && now.monotonic.since(*since) < GRACE,
            Self::Starting { .. } | Self::Asking(_) => false,
        }
    }
}
