use std::collections::BTreeMap;

use background_sync::policy::{RegistrationKey, SyncKind};
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
    pub(crate) kind: SyncKind,
    /// The event, once it was dispatched.
    pub(crate) event: Option<SyncEventInit>,
    pub(crate) behaviour: Behaviour,
}

impl Workers {
    pub(crate) fn tell(&mut self, behaviour: Behaviour) {
        if behaviour.times.is_none() {
            let of = |script: &Behaviour| (script.worker.clone(), script.tag.clone(), script.kind);
            self.scripts.retain(|old| old.times.is_some() || of(old) != of(&behaviour));
        }
        self.scripts.push(behaviour);
    }

    /// How a worker starts. The tag is not known yet, so a script for a single tag says nothing here
    /// unless no script is for every tag.
    pub(crate) fn starting(&self, worker: &str, kind: SyncKind) -> Behaviour {
        let mine = || self.scripts.iter().filter(|script| is_for(script, worker, kind));
        let counted = mine().find(|script| script.times.is_some());
        let steady = mine().rev().find(|script| script.tag.is_none() && script.times.is_none());
        counted.or(steady).or_else(|| mine().next_back()).cloned().unwrap_or_else(|| good(worker))
    }

    /// How a worker takes an event: what goes for so many events first, then what names the tag, then
    /// the kind.
    pub(crate) fn taking(&mut self, worker: &str, event: &SyncEventInit) -> Behaviour {
        let of_tag = |script: &Behaviour| script.tag.as_ref().is_none_or(|tag| *tag == event.tag);
        let fits = |script: &Behaviour| is_for(script, worker, event.kind) && of_tag(script);
        if let Some(at) = self.scripts.iter().position(|script| fits(script) && script.times.is_some()) {
            return self.use_up(at);
        }
        let mut fitting: Vec<_> = self.scripts.iter().filter(|script| fits(script)).collect();
        fitting.sort_by_key(|script| (script.tag.is_some(), script.kind.is_some()));
        fitting.last().map_or_else(|| good(worker), |script| (*script).clone())
    }

    /// A start that came to nothing uses a counted script up too.
    pub(crate) fn use_start(&mut self, worker: &str, kind: SyncKind) {
        let counted = |script: &Behaviour| is_for(script, worker, kind) && script.times.is_some();
        if let Some(at) = self.scripts.iter().position(counted) {
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

fn is_for(script: &Behaviour, worker: &str, kind: SyncKind) -> bool {
    script.worker == worker && script.kind.is_none_or(|only| only == kind)
}

fn good(worker: &str) -> Behaviour {
    Behaviour::good(WorkerName::from(worker))
}
