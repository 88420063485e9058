use std::collections::BTreeMap;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::{AttemptId, SyncEventInit};

use crate::timeline::{Behaviour, WorkerName};

/// What workers were told to do, and the attempts the host has on its hands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Workers {
    scripts: Vec<Script>,
    /// How often workers were told what to do.
    told: usize,
    /// What was replaced or ran out before it was of use.
    wasted: Option<(usize, String)>,
    pub(crate) attempts: BTreeMap<AttemptId, HostAttempt>,
}

/// What a worker was told.
#[derive(Clone, Debug)]
struct Script {
    behaviour: Behaviour,
    /// Which of the times that workers were told something.
    number: usize,
    used: bool,
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
            let replaced = |old: &Script| old.behaviour.times.is_none() && of(&old.behaviour) == of(&behaviour);
            let wasted = self.scripts.iter().find(|old| replaced(old) && !old.used).map(Script::in_vain);
            self.wasted = self.wasted.take().or(wasted);
            self.scripts.retain(|old| !replaced(old));
        }
        self.scripts.push(Script { behaviour, number: self.told, used: false });
        self.told += 1;
    }

    /// What a worker was told for events that did not come.
    pub(crate) fn unused(&self) -> Option<(usize, String)> {
        let left = self.scripts.iter().find(|script| !script.used || script.behaviour.times.is_some());
        self.wasted.clone().or_else(|| left.map(Script::in_vain))
    }

    /// How a worker starts. The tag is not known yet, so a script for a single tag says nothing here
    /// unless no script is for every tag.
    pub(crate) fn starting(&mut self, worker: &str, kind: SyncKind) -> Behaviour {
        let mine = || self.scripts.iter().enumerate().filter(|(_, script)| is_for(&script.behaviour, worker, kind));
        let counted = mine().find(|(_, script)| script.behaviour.times.is_some());
        let every = |script: &Behaviour| script.tag.is_none() && script.times.is_none();
        let steady = mine().rev().find(|(_, script)| every(&script.behaviour));
        let found = counted.or(steady).or_else(|| mine().next_back()).map(|(at, _)| at);
        found.map_or_else(|| good(worker), |at| self.use_once(at))
    }

    /// How a worker takes an event: what goes for so many events first, then what names the tag, then
    /// the kind.
    pub(crate) fn taking(&mut self, worker: &str, event: &SyncEventInit) -> Behaviour {
        let of_tag = |script: &Behaviour| script.tag.as_ref().is_none_or(|tag| *tag == event.tag);
        let fits = |script: &Behaviour| is_for(script, worker, event.kind) && of_tag(script);
        let counted = |script: &Behaviour| fits(script) && script.times.is_some();
        if let Some(at) = self.scripts.iter().position(|script| counted(&script.behaviour)) {
            return self.use_up(at);
        }
        let mut fitting: Vec<_> =
            self.scripts.iter().enumerate().filter(|(_, script)| fits(&script.behaviour)).collect();
        fitting.sort_by_key(|(_, script)| (script.behaviour.tag.is_some(), script.behaviour.kind.is_some()));
        let last = fitting.last().map(|(at, _)| *at);
        last.map_or_else(|| good(worker), |at| self.use_once(at))
    }

    /// A start that came to nothing uses a counted script up too.
    pub(crate) fn use_start(&mut self, worker: &str, kind: SyncKind) {
        let counted = |script: &Behaviour| is_for(script, worker, kind) && script.times.is_some();
        if let Some(at) = self.scripts.iter().position(|script| counted(&script.behaviour)) {
            self.use_up(at);
        }
    }

    fn use_once(&mut self, at: usize) -> Behaviour {
        self.scripts[at].used = true;
        self.scripts[at].behaviour.clone()
    }

    fn use_up(&mut self, at: usize) -> Behaviour {
        let behaviour = self.use_once(at);
        match behaviour.times {
            Some(times) if times > 1 => self.scripts[at].behaviour.times = Some(times - 1),
            Some(_) | None => {
                self.scripts.remove(at);
            }
        }
        behaviour
    }

    /// Forgets every attempt: the process is gone.
    pub(crate) fn crash(&mut self) {
        self.attempts.clear();
    }
}

impl Script {
    fn in_vain(&self) -> (usize, String) {
        let Behaviour { worker, times, .. } = &self.behaviour;
        let what = match (self.used, times) {
            (true, Some(left)) => format!("`{worker}` was told what to do with {left} more events than came"),
            (_, _) => format!("`{worker}` was told what to do with an event, and none came"),
        };
        (self.number, what)
    }
}

fn is_for(script: &Behaviour, worker: &str, kind: SyncKind) -> bool {
    script.worker == worker && script.kind.is_none_or(|only| only == kind)
}

fn good(worker: &str) -> Behaviour {
    Behaviour::good(WorkerName::from(worker))
}
