use std::collections::BTreeMap;

use background_sync::policy::RegistrationKey;
use background_sync::{AttemptId, SyncEventInit};

use crate::timeline::{Behaviour, WorkerName};

/// What workers were told to do, and the attempts the host has on its hands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workers {
    scripts: Vec<Behaviour>,
    pub(crate) attempts: BTreeMap<AttemptId, HostAttempt>,
}

/// An attempt as the host sees it.
#[derive(Clone, Debug)]
pub(crate) struct HostAttempt {
    pub(crate) key: RegistrationKey,
    /// The event, once it was dispatched.
    pub(crate) event: Option<SyncEventInit>,
    pub(crate) behaviour: Behaviour,
}

impl Workers {
    pub(crate) fn tell(&mut self, behaviour: Behaviour) {
        if behaviour.times.is_none() {
            self.scripts
                .retain(|old| old.times.is_some() || old.worker != behaviour.worker || old.tag != behaviour.tag);
        }
        self.scripts.push(behaviour);
    }

    /// How a worker starts. The tag is not known yet, so a script for a single tag says nothing here
    /// unless no script is for every tag.
    pub(crate) fn starting(&self, worker: &str) -> Behaviour {
        let mine = || self.scripts.iter().filter(|script| script.worker == worker);
        let counted = mine().find(|script| script.times.is_some());
        let steady = mine().rev().find(|script| script.tag.is_none() && script.times.is_none());
        counted.or(steady).or_else(|| mine().next_back()).cloned().unwrap_or_else(|| good(worker))
    }

    /// How a worker takes an event: what goes for so many events first, then what names the tag.
    pub(crate) fn taking(&mut self, worker: &str, event: &SyncEventInit) -> Behaviour {
        let fits =
            |script: &Behaviour| script.worker == worker && script.tag.as_ref().is_none_or(|tag| *tag == event.tag);
        if let Some(at) = self.scripts.iter().position(|script| fits(script) && script.times.is_some()) {
            return self.use_up(at);
        }
        let mut fitting: Vec<_> = self.scripts.iter().filter(|script| fits(script)).collect();
        fitting.sort_by_key(|script| script.tag.is_some());
        fitting.last().map_or_else(|| good(worker), |script| (*script).clone())
    }

    /// A start that came to nothing uses a counted script up too.
    pub(crate) fn use_start(&mut self, worker: &str) {
        if let Some(at) = self.scripts.iter().position(|script| script.worker == worker && script.times.is_some()) {
            self.use_up(at);
        }
    }

    fn use_up(&mut self, at: usize) -> Behaviour {
        let script = self.scripts[at].clone();
        match script.times {
            Some(times) if times > 1 => self.scripts[at].times = Some(times - 1),
            Some(_) | None => {
                self.scripts.remove(at);
            }
        }
        script
    }

    /// Forgets every attempt: the process is gone.
    pub(crate) fn crash(&mut self) {
        self.attempts.clear();
    }
}

fn good(worker: &str) -> Behaviour {
    Behaviour::good(WorkerName::from(worker))
}
