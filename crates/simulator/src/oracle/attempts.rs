use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::{ActiveWorker, Facts, PermissionState, RegistrationKey, UserSwitch};
use background_sync::registration::{MonotonicTime, Now, Tag, WallTime};
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

/// The attempts of a session that are not over.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(BTreeMap<AttemptId, Attempt>, Option<AttemptId>);

#[derive(Clone, Debug)]
struct Attempt {
    key: RegistrationKey,
    started: WallTime,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    Asking,
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
        now: Now,
        id: AttemptId,
        key: &RegistrationKey,
        parameters: &SyncParameters,
    ) -> Verdict {
        let attempt = Attempt { key: key.clone(), started: now.wall, phase: Phase::Starting { ready: None } };
        let asked = matches!(self.0.get(&id), Some(Attempt { phase: Phase::Asking, .. }));
        if !asked && self.1.is_some_and(|last| id <= last) {
            return broken("I7", format!("{id:?} starts, and is not a new number"));
        }
        self.1 = self.1.max(Some(id));
        self.0.insert(id, attempt);
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

    /// The user is asked before anything starts.
    pub(super) fn asking(&mut self, now: Now, id: AttemptId, key: &RegistrationKey) -> Verdict {
        if self.1.is_some_and(|last| id <= last) {
            return broken("I7", format!("{id:?} asks the user, and is not a new number"));
        }
        self.1 = Some(id);
        self.0.insert(id, Attempt { key: key.clone(), started: now.wall, phase: Phase::Asking });
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
        if let Some(Attempt { phase: Phase::Starting { .. }, .. }) = self.0.get(&id) {
            self.0.remove(&id);
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
        let (key, started) = (attempt.key.clone(), attempt.started);
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
        Ok((key, started))
    }

    pub(super) fn abandoned(&mut self, id: AttemptId) -> Verdict {
        match self.0.get(&id) {
            Some(Attempt { phase: Phase::Starting { .. } | Phase::Asking, .. }) => {
                self.0.remove(&id);
                Ok(())
            }
            Some(_) | None => broken("I7", format!("{id:?} is abandoned, and was not starting")),
        }
    }

    /// We ask for an end. Gives the event if this is what decides it.
    pub(super) fn terminated(&mut self, now: Now, id: AttemptId) -> Result<Option<Ran>, Trouble> {
        match self.end(now, id) {
            Some(ran) => Ok(Some(ran)),
            None => {
                Err(Trouble::Broken { invariant: "I7", what: format!("{id:?} is terminated, and was not running") })
            }
        }
    }

    /// The host says that it ended. Gives the event if this is what decides it.
    pub(super) fn finished(&mut self, now: Now, id: AttemptId) -> Option<Ran> {
        let ran = self.end(now, id);
        if let Some(Attempt { phase: Phase::Ending { .. }, .. }) = self.0.get(&id) {
            self.0.remove(&id);
        }
        ran
    }

    fn end(&mut self, now: Now, id: AttemptId) -> Option<Ran> {
        let attempt = self.0.get_mut(&id)?;
        let Phase::Running { event, .. } = &attempt.phase else { return None };
        let event = event.clone();
        attempt.phase = Phase::Ending { tag: event.tag.clone(), since: now.monotonic };
        Some(Ran { attempt: id, key: attempt.key.clone(), event })
    }

    /// The process stood still for so long: what ran has as much more time.
    pub(super) fn postpone(&mut self, by: Duration) {
        for attempt in self.0.values_mut() {
            if let Phase::Running { since, .. } = &mut attempt.phase {
                *since = since.after(by);
            }
        }
    }

    /// `sync.limit`: nobody outstays the cap of its kind. While the process is frozen nobody can notice.
    pub(super) fn none_past_its_cap(&self, now: Now, parameters: &SyncParameters, told: &Told) -> Verdict {
        for (id, attempt) in &self.0 {
            let Phase::Running { event, since } = &attempt.phase else { continue };
            let cap = parameters.event_duration(event.last_chance);
            if !told.is_frozen() && now.monotonic.since(*since) > cap + LATE {
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
            Self::Ending { .. } | Self::Asking => false,
        }
    }

    fn keeps_busy(&self, tag: &Tag, now: Now) -> bool {
        match self {
            Self::Running { event, .. } => event.tag == *tag,
            Self::Ending { tag: ending, since } => ending == tag && now.monotonic.since(*since) < GRACE,
            Self::Starting { .. } | Self::Asking => false,
        }
    }
}
