use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use background_sync::policy::{Incarnation, Origin, RegistrationKey};
use background_sync::registration::Tag;
use background_sync_host_tests::Site;

use super::process::Running;
use super::{Nonsense, at};
use crate::timeline::place::Part;
use crate::timeline::{PartitionName, RequestName, Time, WorkerCondition, WorkerDeclaration, nearest};

/// A tag that a step registers, and of which worker.
pub type Made<'a> = (&'a str, Cow<'a, Tag>);

/// What a timeline has named, and how things stand at the step that is looked at.
#[derive(Debug)]
pub struct Known<'a> {
    workers: BTreeMap<&'a str, Option<WorkerCondition>>,
    sites: BTreeSet<Site>,
    /// What is registered anywhere in the timeline; `None` when scripts may register anything.
    made: Option<BTreeSet<Made<'a>>>,
    requests: BTreeMap<RequestName, Request>,
    /// What stays as it is until it is said otherwise, as it was said last.
    so: BTreeMap<String, String>,
    pub(super) running: Running,
    pub(super) now: Duration,
    step: usize,
}

/// What a request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Register,
    Tags,
    Cancel,
    Unregister,
    Clear,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    asked: Asked,
    step: usize,
    word: &'static str,
    /// An expectation was about it.
    heard: bool,
}

impl<'a> Known<'a> {
    pub(super) fn new(
        workers: &'a [WorkerDeclaration],
        made: Option<impl Iterator<Item = Made<'a>>>,
    ) -> Result<Self, Nonsense> {
        let mut keys: BTreeMap<RegistrationKey, &str> = BTreeMap::new();
        let (mut named, mut sites) = (BTreeMap::new(), BTreeSet::new());
        for (number, worker) in workers.iter().enumerate() {
            let path = |word| ["worker".into(), number.into(), Part::from(word)];
            let key = worker.key(Incarnation(1)).map_err(|error| {
                Nonsense::value(path("scope"), error, "write an absolute URL such as \"https://chat.example/\"")
            })?;
            sites.insert(Site::of(&key));
            if named.insert(worker.name.as_str(), Some(worker.state)).is_some() {
                let message = format!("a second worker `{}`", worker.name);
                return Err(Nonsense::value(path("name"), message, "names are used once"));
            }
            if let Some(other) = keys.insert(key, &worker.name) {
                let message = format!("`{}` is the scope of `{other}` already", worker.scope);
                return Err(Nonsense::value(
                    path("scope"),
                    message,
                    "give each worker a scope, or a partition, of its own",
                ));
            }
        }
        let made = made.map(Iterator::collect);
        Ok(Self {
            workers: named,
            sites,
            made,
            requests: BTreeMap::new(),
            so: BTreeMap::new(),
            running: Running::new(),
            now: Duration::ZERO,
            step: 0,
        })
    }

    pub(super) fn step(&mut self, number: usize, at: Duration) {
        (self.step, self.now) = (number, at);
    }

    /// A worker of this name was declared.
    pub(super) fn worker(&self, name: &str, path: &[&'static str]) -> Result<(), Nonsense> {
        if self.workers.contains_key(name) {
            return Ok(());
        }
        let message = format!("there is no worker `{name}`");
        Err(Nonsense::value(
            parts(path),
            message,
            one_of(name, self.workers.keys().copied(), "give a scope its name with [[worker]]"),
        ))
    }

    /// Something registers this tag, of this worker if one is meant.
    pub(super) fn tag(&self, worker: Option<&str>, tag: &Tag, path: &[&'static str]) -> Result<(), Nonsense> {
        let Some(made) = &self.made else { return Ok(()) };
        let meant = |(of, found): &&Made<'_>| worker.is_none_or(|worker| *of == worker) && **found == *tag;
        if made.iter().any(|made| meant(&made)) {
            return Ok(());
        }
        let of = worker.map(|worker| format!(" of `{worker}`")).unwrap_or_default();
        let of_it = made.iter().filter(|(of, _)| worker.is_none_or(|worker| *of == worker));
        let tags: Vec<_> = of_it.filter_map(|(_, tag)| tag.as_str()).collect();
        let help = one_of(tag.as_str().unwrap_or_default(), tags.into_iter(), "register it in a step before");
        let nonsense = Nonsense::value(parts(path), format!("nothing registers the tag {tag:?}{of}"), help);
        Err(Nonsense { idle: true, ..nonsense })
    }

    /// A worker of this partition and origin was declared.
    pub(super) fn site(&self, partition: PartitionName, origin: &Origin) -> Result<(), Nonsense> {
        self.partition(partition, &["partition"])?;
        if self.sites.contains(&Site { partition: partition.0, origin: origin.clone() }) {
            return Ok(());
        }
        let of_it = self.sites.iter().filter(|site| site.partition == partition.0).map(|site| site.origin.as_str());
        let message = format!("no worker of the partition `{partition}` has the origin {origin}");
        Err(Nonsense::value(parts(&["origin"]), message, one_of(origin.as_str(), of_it, "declare one with [[worker]]")))
    }

    /// A worker of this origin was declared.
    pub(super) fn origin(&self, origin: &Origin) -> Result<(), Nonsense> {
        if self.sites.iter().any(|site| site.origin == *origin) {
            return Ok(());
        }
        let all: BTreeSet<_> = self.sites.iter().map(|site| site.origin.as_str()).collect();
        let message = format!("no worker has the origin {origin}");
        Err(Nonsense::value(
            parts(&["origin"]),
            message,
            one_of(origin.as_str(), all.into_iter(), "declare one with [[worker]]"),
        ))
    }

    /// A worker of this partition was declared.
    pub(super) fn partition(&self, partition: PartitionName, path: &[&'static str]) -> Result<(), Nonsense> {
        if self.sites.iter().any(|site| site.partition == partition.0) {
            return Ok(());
        }
        let all: BTreeSet<_> = self.sites.iter().map(|site| PartitionName(site.partition).to_string()).collect();
        let help = one_of(&partition.to_string(), all.iter().map(String::as_str), "declare one with [[worker]]");
        Err(Nonsense::value(parts(path), format!("no worker is in the partition `{partition}`"), help))
    }

    /// A request is made, and perhaps given a name.
    pub(super) fn request(
        &mut self,
        id: Option<&RequestName>,
        asked: Asked,
        word: &'static str,
    ) -> Result<(), Nonsense> {
        let Some(id) = id else { return Ok(()) };
        let request = Request { asked, step: self.step, word, heard: false };
        match self.requests.insert(id.clone(), request) {
            None => Ok(()),
            Some(_) => {
                let message = format!("a second request `{id}`");
                Err(Nonsense::value(parts(&["id"]), message, "names of requests are used once"))
            }
        }
    }

    /// What a request asked for, now that its answer is looked at; `None` where scripts ask.
    pub(super) fn hear(&mut self, id: &str) -> Result<Option<Asked>, Nonsense> {
        if let Some(request) = self.requests.get_mut(id) {
            request.heard = true;
            return Ok(Some(request.asked));
        }
        if self.made.is_none() {
            return Ok(None);
        }
        let known = self.requests.keys().map(String::as_str);
        let help = one_of(id, known, "give the request an `id`, in this step or an earlier one");
        Err(Nonsense::value(parts(&["to"]), format!("no request is called `{id}` by now"), help))
    }

    /// Every request that has a name has it because somebody looks at its answer.
    pub(super) fn unasked(&self) -> Result<(), Nonsense> {
        let unheard = self.requests.iter().filter(|(_, request)| !request.heard && request.asked != Asked::Clear);
        let Some((id, request)) = unheard.min_by_key(|(_, request)| request.step) else { return Ok(()) };
        let help = format!("expect `reply = {{ to = \"{id}\" }}` with an answer, or leave `id` out");
        let message = format!("nothing looks at the answer to `{id}`");
        Err(Nonsense::idle([], message, help).below(parts(&["id"])).below(at(request.step, [request.word])))
    }

    /// What is so until something else is said: saying it again does nothing.
    pub(super) fn is_now(&mut self, what: String, value: String) -> Result<(), Nonsense> {
        match self.so.insert(what, value.clone()) {
            Some(before) if before == value => {
                Err(Nonsense::idle([], format!("this does nothing: it is {value} already"), "leave it out"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// All windows are gone, or may be.
    pub(super) fn no_windows(&mut self) {
        self.so.retain(|what, _| !what.starts_with("windows"));
    }

    /// A worker has this from now on; `None` when it is unregistered.
    pub(super) fn worker_is(&mut self, name: &str, state: Option<WorkerCondition>) -> Result<(), Nonsense> {
        let Some(before) = self.workers.get_mut(name) else { return Ok(()) };
        let same = *before == state && state != Some(WorkerCondition::Active);
        *before = state;
        if same { Err(Nonsense::idle([], "this does nothing: it is so already", "leave it out")) } else { Ok(()) }
    }

    /// A moment that has come.
    pub(super) fn has_come(&self, at: Time, path: &[&'static str]) -> Result<(), Nonsense> {
        if at.0 <= self.now {
            return Ok(());
        }
        let message = format!("{at} has not come yet: this step is at {}", Time(self.now));
        Err(Nonsense::value(parts(path), message, "expect it in a later step"))
    }

    /// A moment that has not gone by.
    pub(super) fn is_to_come(&self, at: Time, path: &[&'static str]) -> Result<(), Nonsense> {
        if at.0 >= self.now {
            return Ok(());
        }
        let message = format!("{at} has gone by: this step is at {}", Time(self.now));
        Err(Nonsense::value(parts(path), message, "expect it in an earlier step, or write a later moment"))
    }
}

/// A path from its words.
pub(super) fn parts(words: &[&'static str]) -> Vec<Part> {
    words.iter().copied().map(Part::from).collect()
}

/// What may stand there: the one that was meant, or all, or what to do when there is none.
pub(super) fn one_of<'b>(word: &str, known: impl Iterator<Item = &'b str>, none: &str) -> String {
    let known: Vec<_> = known.collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => none.to_owned(),
        None => format!("known here: {}; or {none}", known.join(", ")),
    }
}
