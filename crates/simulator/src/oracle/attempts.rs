use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::{ActiveWorker, Facts, PermissionState, RegistrationKey, UserSwitch};
use background_sync::registration::{MonotonicTime, Now, Tag};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{AttemptId, SyncEventInit};

use super::told::Told;
use super::{Verdict, broken};
use crate::timeline::{Site, Time};
use crate::world::Trouble;

/// How long a terminated event may keep its tag busy when the host never says that it ended.
const GRACE: Duration = Duration::from_secs(30);
/// An event may outlast its cap by this much before somebody has to notice.
const LATE: Duration = Duration::from_secs(1);

/// All attempts of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(BTreeMap<AttemptId, Attempt>);

#[derive(Clone, Debug)]
struct Attempt {
    key: RegistrationKey,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    Starting {
        ready: Option<(Facts, NetworkState)>,
    },
    Running {
        event: SyncEventInit,
        since: MonotonicTime,
    },
    /// Its end is decided; the host has not said that it is over.
    Ending {
        tag: Tag,
        since: MonotonicTime,
    },
    Over,
}

/// An event that ran.
#[derive(Clone, Debug)]
pub(super) struct Ran {
    pub(super) attempt: AttemptId,
    pub(super) key: RegistrationKey,
    pub(super) event: SyncEventInit,
}

impl Attempts {
    pub(super) fn started(
        &mut self,
        _now: Now,
        id: AttemptId,
        key: &RegistrationKey,
        parameters: &SyncParameters,
    ) -> Verdict {
        let attempt = Attempt { key: key.clone(), phase: Phase::Starting { ready: None } };
        if self.0.insert(id, attempt).is_some() {
            return broken("I7", format!("{id:?} starts a second time"));
        }
        let live = || self.0.values().filter(|attempt| attempt.phase.is_live());
        let of_site = live().filter(|other| Site::of(&other.key) == Site::of(key)).count();
        if live().count() > parameters.max_concurrent_events || of_site > parameters.max_concurrent_events_per_origin {
            return broken(
                "I10",
                format!("{id:?} is one event too many: {of_site} of its origin, {} in all", live().count()),
            );
        }
        Ok(())
    }

    /// The worker of an attempt runs. Gives its key, the first time.
    pub(super) fn ready(&mut self, id: AttemptId, facts: Facts, network: NetworkState) -> Option<RegistrationKey> {
        let attempt = self.0.get_mut(&id)?;
        let Phase::Starting { ready: ready @ None } = &mut attempt.phase else { return None };
        *ready = Some((facts, network));
        Some(attempt.key.clone())
    }

    pub(super) fn not_started(&mut self, id: AttemptId) {
        if let Some(attempt) = self.0.get_mut(&id)
            && let Phase::Starting { .. } = attempt.phase
        {
            attempt.phase = Phase::Over;
        }
    }

    /// I4 and I2, and that a dispatch follows a start.
    pub(super) fn dispatched(
        &mut self,
        now: Now,
        id: AttemptId,
        event: &SyncEventInit,
        cap: Duration,
        told: &Told,
    ) -> Result<RegistrationKey, Trouble> {
        let wrong =
            |invariant, what: &str| Trouble::Broken { invariant, what: format!("{id:?} {:?}: {what}", event.tag) };
        let Some(attempt) = self.0.get(&id) else { return Err(wrong("I7", "dispatched without a start")) };
        let key = attempt.key.clone();
        let Phase::Starting { ready } = &attempt.phase else {
            return Err(wrong("I7", "dispatched, and was not starting"));
        };
        let Some((facts, network)) = ready else { return Err(wrong("I5", "dispatched before its worker was ready")) };
        if !network.is_online() || !told.is_online(key.origin()) {
            return Err(wrong("I4", "dispatched without a network"));
        }
        if facts.permission == PermissionState::Denied || facts.switch == UserSwitch::Off {
            return Err(wrong("I1", "dispatched against the user's word"));
        }
        if facts.worker != ActiveWorker::Active {
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
        if let Some(attempt) = self.0.get_mut(&id) {
            attempt.phase = Phase::Running { event: event.clone(), since: now.monotonic };
        }
        Ok(key)
    }

    pub(super) fn abandoned(&mut self, id: AttemptId) -> Verdict {
        match self.0.get_mut(&id) {
            Some(attempt) if matches!(attempt.phase, Phase::Starting { .. }) => {
                attempt.phase = Phase::Over;
                Ok(())
            }
            Some(_) | None => broken("I7", format!("{id:?} is abandoned, and was not starting")),
        }
    }

    /// We ask for an end. Gives the event if this is what decides it.
    pub(super) fn terminated(&mut self, now: Now, id: AttemptId) -> Result<Option<Ran>, Trouble> {
        match self.end(now, id, true) {
            Some(ran) => Ok(Some(ran)),
            None => {
                Err(Trouble::Broken { invariant: "I7", what: format!("{id:?} is terminated, and was not running") })
            }
        }
    }

    /// The host says that it ended. Gives the event if this is what decides it.
    pub(super) fn finished(&mut self, now: Now, id: AttemptId) -> Option<Ran> {
        let ran = self.end(now, id, false);
        if let Some(attempt) = self.0.get_mut(&id)
            && let Phase::Ending { .. } = attempt.phase
        {
            attempt.phase = Phase::Over;
        }
        ran
    }

    fn end(&mut self, now: Now, id: AttemptId, by_us: bool) -> Option<Ran> {
        let attempt = self.0.get_mut(&id)?;
        let Phase::Running { event, .. } = &attempt.phase else { return None };
        let event = event.clone();
        attempt.phase =
            if by_us { Phase::Ending { tag: event.tag.clone(), since: now.monotonic } } else { Phase::Over };
        Some(Ran { attempt: id, key: attempt.key.clone(), event })
    }

    /// `sync.limit`: nobody outstays the cap of its kind.
    pub(super) fn none_past_its_cap(&mut self, now: Now, parameters: &SyncParameters, told: &Told) -> Verdict {
        for (id, attempt) in &mut self.0 {
            let Phase::Running { event, since } = &mut attempt.phase else { continue };
            if told.is_frozen() {
                // Nothing can be noticed; what is over is noticed after the thaw.
                *since = now.monotonic;
            }
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
}

impl Phase {
    fn is_live(&self) -> bool {
        match self {
            Self::Starting { .. } | Self::Running { .. } => true,
            Self::Ending { .. } | Self::Over => false,
        }
    }

    fn keeps_busy(&self, tag: &Tag, now: Now) -> bool {
        match self {
            Self::Running { event, .. } => event.tag == *tag,
            Self::Ending { tag: ending, since } => ending == tag && now.monotonic.since(*since) < GRACE,
            Self::Starting { .. } | Self::Over => false,
        }
    }
}
