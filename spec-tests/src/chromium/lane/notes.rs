//! What pages and workers told the server, and what it is to tell them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use background_sync::registration::Tag;
use background_sync_simulator::timeline::{Behaviour, Deed, End, RequestName, WorkerName};

use serde::Deserialize;

use super::web::Report;
use crate::chromium::stopwatch::Stopwatch;
use crate::seen::{Answer, EventSeen, Kind, Moment};

/// The number of an event.
pub(super) type Number = usize;

/// Shared by the server's threads and the one that plays.
#[derive(Debug)]
pub(super) struct Notes {
    stopwatch: Stopwatch,
    kept: Mutex<Kept>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<(EventSeen, Course)>,
    answers: BTreeMap<RequestName, Answer>,
    here: BTreeSet<u64>,
    /// What was answered to those who told of an event.
    told: BTreeMap<String, (Number, Option<Tag>)>,
    behaviours: Vec<Behaviour>,
    /// Real time of a behaviour's `takes`.
    real: BTreeMap<Number, Duration>,
    to_stop: Vec<WorkerName>,
    /// Workers that must not be installed, or activated, yet.
    not_installed: BTreeSet<WorkerName>,
    not_activated: BTreeSet<WorkerName>,
    versions: BTreeMap<WorkerName, u64>,
    asked_to_drive: VecDeque<(u64, Drive)>,
    drives: u64,
    driven: BTreeSet<u64>,
    report: Option<Report>,
}

/// What a test asks of its driver.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Drive {
    /// The user decides on a permission.
    Permission {
        /// Its name.
        name: String,
        /// `granted`, `prompt` or `denied`.
        state: String,
    },
    /// The link is taken away, or given back.
    Network {
        /// Whether it is taken away.
        offline: bool,
    },
}

/// How an event goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// It ends like this after so long: fulfilled, or not.
    Will(bool),
    /// Nothing ends it but a step.
    Hangs,
    /// A step has ended it.
    Told(bool),
    /// It has ended like this.
    Over(bool),
}

impl Notes {
    pub(super) fn new() -> Self {
        Self { stopwatch: Stopwatch::start(), kept: Mutex::default(), changed: Condvar::new() }
    }

    pub(super) fn now(&self) -> Moment {
        self.stopwatch.read()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A thread that panicked has left a whole list behind: every change is one push or insertion.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An event has come: its number, and what its handler registers.
    pub(super) fn event(
        &self,
        key: String,
        worker: &str,
        kind: Kind,
        tag: Tag,
        last_chance: Option<bool>,
    ) -> (Number, Option<Tag>) {
        let at = self.now();
        let mut kept = self.kept();
        if let Some(told) = kept.told.get(&key) {
            return told.clone();
        }
        let behaviour = kept.taking(worker, kind, &tag);
        let number = kept.events.len();
        let course = match behaviour.deed.end() {
            Some(End::Fulfil) => Course::Will(true),
            Some(End::Reject) => Course::Will(false),
            Some(End::Terminate | End::Crash | End::Defer(_)) | None => Course::Hangs,
        };
        if behaviour.deed == Deed::Crash {
            kept.to_stop.push(worker.to_owned());
        }
        kept.real.insert(number, behaviour.takes.0);
        kept.events.push((EventSeen { worker: worker.to_owned(), kind, tag, last_chance, at }, course));
        let told = (number, behaviour.registers);
        kept.told.insert(key, told.clone());
        told
    }

    /// Waits until an event may end; whether it is fulfilled.
    pub(super) fn wait_for_end(&self, number: Number) -> bool {
        let mut kept = self.kept();
        let Some((event, _)) = kept.events.get(number) else { return true };
        let over = event.at.plus(kept.real.get(&number).copied().unwrap_or_default());
        let fulfilled = loop {
            let left = over.since(self.now());
            let wait = match kept.events[number].1 {
                Course::Told(fulfilled) | Course::Over(fulfilled) => break fulfilled,
                Course::Will(fulfilled) if left.is_zero() => break fulfilled,
                Course::Will(_) => left,
                Course::Hangs => Duration::from_secs(1),
            };
            kept = self.changed.wait_timeout(kept, wait).unwrap_or_else(PoisonError::into_inner).0;
        };
        kept.events[number].1 = Course::Over(fulfilled);
        fulfilled
    }

    /// Ends the oldest event of a worker and tag that runs; whether there was one.
    pub(super) fn finish(&self, worker: &str, kind: Option<Kind>, tag: &Tag, fulfilled: bool) -> bool {
        let mut kept = self.kept();
        let runs = |(event, course): &&mut (EventSeen, Course)| {
            let meant = event.worker == worker && event.tag == *tag && kind.is_none_or(|kind| kind == event.kind);
            meant && matches!(course, Course::Hangs | Course::Will(_))
        };
        let Some((_, course)) = kept.events.iter_mut().find(runs) else { return false };
        *course = Course::Told(fulfilled);
        self.changed.notify_all();
        true
    }

    /// A worker, or every one, was stopped: its events are over.
    pub(super) fn stopped(&self, worker: Option<&str>) {
        for (event, course) in &mut self.kept().events {
            if worker.is_none_or(|worker| event.worker == worker) {
                *course = Course::Over(false);
            }
        }
        self.changed.notify_all();
    }

    pub(super) fn running(&self) -> u64 {
        self.kept().events.iter().filter(|(_, course)| !matches!(course, Course::Over(_))).count() as u64
    }

    pub(super) fn events(&self) -> Vec<EventSeen> {
        self.kept().events.iter().map(|(event, _)| event.clone()).collect()
    }

    pub(super) fn answered(&self, id: RequestName, answer: Answer) {
        self.kept().answers.insert(id, answer);
    }

    pub(super) fn answers(&self) -> BTreeMap<RequestName, Answer> {
        self.kept().answers.clone()
    }

    pub(super) fn here(&self, page: u64) {
        self.kept().here.insert(page);
    }

    pub(super) fn is_here(&self, page: u64) -> bool {
        self.kept().here.contains(&page)
    }

    /// How a worker takes its events from now on. `takes` is in real time.
    pub(super) fn behave(&self, behaviour: Behaviour) {
        let mut kept = self.kept();
        if behaviour.times.is_none() {
            let of = |told: &Behaviour| (told.worker.clone(), told.tag.clone(), told.kind);
            kept.behaviours.retain(|old| old.times.is_some() || of(old) != of(&behaviour));
        }
        kept.behaviours.push(behaviour);
    }

    /// Workers that are to be stopped, since they are to crash.
    pub(super) fn take_to_stop(&self) -> Vec<WorkerName> {
        std::mem::take(&mut self.kept().to_stop)
    }

    pub(super) fn hold(&self, worker: &str, install: bool) {
        let mut kept = self.kept();
        if install {
            kept.not_installed.insert(worker.to_owned());
        } else {
            kept.not_activated.insert(worker.to_owned());
        }
    }

    /// Lets a worker be installed and activated; whether anything held it.
    pub(super) fn let_go(&self, worker: &str) -> bool {
        let mut kept = self.kept();
        let (installs, activates) = (kept.not_installed.remove(worker), kept.not_activated.remove(worker));
        self.changed.notify_all();
        installs || activates
    }

    pub(super) fn wait_for_install(&self, worker: &str) {
        self.wait_while(|kept| kept.not_installed.contains(worker));
    }

    pub(super) fn wait_for_activation(&self, worker: &str) {
        self.wait_while(|kept| kept.not_activated.contains(worker));
    }

    fn wait_while(&self, held: impl Fn(&Kept) -> bool) {
        let mut kept = self.kept();
        while held(&kept) {
            kept = self.changed.wait(kept).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A test asks its driver for something; returns when it is done.
    pub(super) fn drive(&self, drive: Drive) {
        let mut kept = self.kept();
        kept.drives += 1;
        let number = kept.drives;
        kept.asked_to_drive.push_back((number, drive));
        while !kept.driven.contains(&number) {
            kept = self.changed.wait(kept).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn take_drive(&self) -> Option<(u64, Drive)> {
        self.kept().asked_to_drive.pop_front()
    }

    pub(super) fn driven(&self, number: u64) {
        self.kept().driven.insert(number);
        self.changed.notify_all();
    }

    pub(super) fn reported(&self, report: Report) {
        self.kept().report = Some(report);
    }

    pub(super) fn report(&self) -> Option<Report> {
        self.kept().report.clone()
    }

    /// The worker's script is another from now on.
    pub(super) fn change_script(&self, worker: &str) {
        *self.kept().versions.entry(worker.to_owned()).or_default() += 1;
    }

    /// What differs in the script with this address.
    pub(super) fn version_for(&self, url: &str) -> u64 {
        let worker = url.split("worker=").nth(1).unwrap_or_default();
        self.kept().versions.get(worker).copied().unwrap_or_default()
    }
}

impl Kept {
    /// As in a simulated world: what goes for so many events first, then what names the tag, then the kind.
    fn taking(&mut self, worker: &str, kind: Kind, tag: &Tag) -> Behaviour {
        let fits = |told: &Behaviour| {
            told.worker == worker
                && told.tag.as_ref().is_none_or(|only| only == tag)
                && told.kind.is_none_or(|only| Kind::from(only) == kind)
        };
        if let Some(at) = self.behaviours.iter().position(|told| fits(told) && told.times.is_some()) {
            let told = self.behaviours[at].clone();
            match told.times {
                Some(times) if times > 1 => self.behaviours[at].times = Some(times - 1),
                Some(_) | None => {
                    self.behaviours.remove(at);
                }
            }
            return told;
        }
        let fitting = self.behaviours.iter().filter(|told| fits(told));
        let best = fitting.max_by_key(|told| (told.tag.is_some(), told.kind.is_some()));
        best.cloned().unwrap_or_else(|| Behaviour::good(WorkerName::from(worker)))
    }
}
