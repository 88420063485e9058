//! The trusted side of an engine, as small as can be: it knows the pages, and asks the process for no fact.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, PermissionState, RegistrationKey, StorageKey, SyncKind,
    WindowClients, WorkerState,
};
use background_sync::registration::{MonotonicTime, Now, WallTime};
use background_sync::scheduler::NetworkState;
use background_sync::{AttemptId, Input, Loaded, Machine, NetworkSubject, Outcome, Output, PeriodicInput};
use background_sync_simulator::seed_of;

use super::messages::{FromContent, Heard, Named};
use super::watch::{self, Watch};

/// Deadlines that are kept on the way through a length of time.
const DEADLINES_ON_THE_WAY: usize = 100;
/// So long after its last window closed nobody looks at a site any more.
const UNSEEN: Duration = Duration::from_secs(60);
/// Only a frame in somebody else's page: it has no window, ever.
const FRAMED: usize = 1;

/// A page that the router has given to the process.
struct Page {
    partition: Partition,
    origin: Origin,
    /// Since when there is no window.
    closed: Option<MonotonicTime>,
    /// By kind, one-shot first.
    granted: [bool; 2],
}

/// Hands the process's messages to a machine.
pub(super) struct Router {
    machine: Machine,
    watch: Watch,
    now: Now,
    online: bool,
    epoch: u64,
    pages: [Page; 4],
    /// Workers that were heard of.
    workers: BTreeSet<RegistrationKey>,
    started: BTreeMap<AttemptId, (RegistrationKey, SyncKind)>,
    /// Attempts that the process was told of.
    told: Vec<AttemptId>,
}

impl Router {
    pub(super) fn new() -> Self {
        let page = |partition, origin, closed| {
            let origin = Origin::parse(origin).expect("an origin");
            Page { partition, origin, closed, granted: [true; 2] }
        };
        let (profile, private) = (Partition::Profile(PartitionId(0)), Partition::Private(PartitionId(0)));
        let mut router = Self {
            machine: Machine::new(watch::parameters().validated().expect("small caps make sense"), seed_of(7)),
            watch: Watch::default(),
            now: Now { wall: WallTime::from_unix_ms(1_700_000_000_000), ..Now::default() },
            online: true,
            epoch: 0,
            pages: [
                page(profile, "https://a.example", None),
                page(profile, "https://framed.example", Some(MonotonicTime::ZERO)),
                // In the clear.
                page(profile, "http://a.example", None),
                page(private, "https://a.example", None),
            ],
            workers: BTreeSet::new(),
            started: BTreeMap::new(),
            told: Vec::new(),
        };
        router.say(Input::Loaded(Loaded::default()));
        router.say(Input::WorkersKnown { states: Vec::new() });
        router.online(true);
        router
    }

    pub(super) fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Process(said) => self.process(said),
            Heard::Passes(ms) => self.pass(Duration::from_millis(ms.into())),
            Heard::Online(online) => self.online(online),
            Heard::Window(page, open) => self.window(page.into(), open),
            Heard::Granted(page, kind, granted) => self.granted(page.into(), kind, granted),
        }
    }

    /// Everybody is answered, and the machine comes to rest.
    pub(super) fn shut_down(mut self) {
        self.say(Input::Shutdown);
        self.watch.is_done();
        assert!(self.machine.is_stopped(), "nothing is left to be done and it has not stopped");
    }

    fn process(&mut self, said: FromContent) {
        match said {
            FromContent::Register(page, named, tag, asked_by) => {
                let Some((key, facts)) = self.caller(page, named, SyncKind::OneShot) else { return };
                let request = self.watch.called(&key, SyncKind::OneShot, &tag, &facts);
                self.say(Input::Register { request, key, tag, asked_by, facts });
            }
            FromContent::RegisterPeriodic(page, named, tag, min_interval, asked_by) => {
                let Some((key, facts)) = self.caller(page, named, SyncKind::Periodic) else { return };
                let request = self.watch.called(&key, SyncKind::Periodic, &tag, &facts);
                let call = PeriodicInput::Register { request, key, tag, min_interval, asked_by, facts };
                self.say(Input::Periodic(call));
            }
            FromContent::Unregister(page, named, tag) => {
                let Some((key, _)) = self.caller(page, named, SyncKind::Periodic) else { return };
                let request = self.watch.asked();
                self.say(Input::Periodic(PeriodicInput::Unregister { request, key, tag }));
            }
            FromContent::GetTags(page, named, kind) => {
                let Some((key, _)) = self.caller(page, named, kind) else { return };
                let request = self.watch.asked();
                self.say(Input::GetTags { request, key, kind });
            }
            FromContent::WorkerGone(page, named) => {
                let Some((key, _)) = self.caller(page, named, SyncKind::OneShot) else { return };
                self.workers.remove(&key);
                self.watch.taken_away(|of, _| *of == key);
                self.say(Input::Unregistered { request: None, key });
            }
            FromContent::Ready(attempt) => self.ready(self.meant(attempt)),
            FromContent::NotStarted(attempt, reason) => {
                let attempt = self.meant(attempt);
                self.say(Input::NotStarted { attempt, reason });
            }
            FromContent::Finished(attempt, outcome) => {
                let attempt = self.meant(attempt);
                self.watch.ended(attempt);
                self.say(Input::Finished { attempt, outcome });
            }
            FromContent::Answered(request, true) => self.say(Input::ReplyDelivered { request }),
            FromContent::Answered(request, false) => self.say(Input::RequesterGone { request }),
        }
    }

    /// The key that the process means, and what is true of its page. Nothing for a page that it was not given, and for
    /// a registration that is not of that page's origin.
    fn caller(&mut self, page: u8, named: Named, kind: SyncKind) -> Option<(RegistrationKey, Facts)> {
        let page = self.pages.get(usize::from(page))?;
        let key = match named {
            Named::Scope(scope) => {
                let storage_key = StorageKey::first_party(page.origin.clone());
                RegistrationKey::new(page.partition, storage_key, &scope, Incarnation(1)).ok()?
            }
            Named::Key(key) => key,
        };
        if !page.is_of(&key) {
            return None;
        }
        let facts = page.facts(kind);
        if self.workers.insert(key.clone()) {
            self.say(Input::WorkerChanged { key: key.clone(), state: WorkerState::Active });
        }
        Some((key, facts))
    }

    /// A small number is that of an attempt that the process was told of, from 1: no bytes could name it otherwise.
    fn meant(&self, attempt: AttemptId) -> AttemptId {
        let told = usize::try_from(attempt.0).ok().and_then(|number| self.told.get(number.checked_sub(1)?));
        told.copied().unwrap_or(attempt)
    }

    /// Facts are those of the worker that was to be started, whatever the process calls it.
    fn ready(&mut self, attempt: AttemptId) {
        let of = self.started.get(&attempt);
        let facts = of.and_then(|(key, kind)| self.page_of(key).map(|page| page.facts(*kind)));
        let facts = facts.unwrap_or(Facts::of_an_open_window());
        self.say(Input::Ready { attempt, facts, network: self.network() });
    }

    fn window(&mut self, page: usize, open: bool) {
        let now = self.now.monotonic;
        let Some(page) = self.pages.get_mut(page).filter(|_| page != FRAMED) else { return };
        page.closed = if open { None } else { page.closed.or(Some(now)) };
        let (partition, origin, windows) = (page.partition, page.origin.clone(), page.windows());
        self.say(Input::ClientsChanged { partition, origin, windows });
    }

    fn granted(&mut self, page: usize, kind: SyncKind, granted: bool) {
        let Some(page) = self.pages.get_mut(page) else { return };
        page.granted[kind as usize] = granted;
        let (partition, origin, state) = (page.partition, page.origin.clone(), page.permission(kind));
        if !granted {
            let site = (partition, &origin);
            self.watch.taken_away(|key, of| of == kind && (key.partition(), key.origin()) == site);
        }
        self.say(Input::PermissionChanged { request: None, partition, origin, kind, state });
    }

    fn online(&mut self, online: bool) {
        self.online = online;
        let told = self.told_network(NetworkSubject::All);
        self.say(told);
    }

    fn told_network(&mut self, subject: NetworkSubject) -> Input {
        self.epoch += 1;
        Input::NetworkChanged { subject, state: self.network(), epoch: self.epoch }
    }

    fn network(&self) -> NetworkState {
        if self.online { NetworkState::online() } else { NetworkState::Offline }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now.monotonic.after(time);
        for _ in 0..DEADLINES_ON_THE_WAY {
            match self.machine.next_deadline().filter(|at| *at < end) {
                Some(at) => self.tick_at(at),
                None => break,
            }
        }
        self.tick_at(end);
    }

    fn tick_at(&mut self, at: MonotonicTime) {
        let time = at.since(self.now.monotonic);
        self.now = Now { monotonic: self.now.monotonic.after(time), wall: self.now.wall.after(time) };
        self.say(Input::Tick);
    }

    /// Tells the machine, and does at once what it wants done.
    fn say(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.machine.handle(self.now, input);
            while let Some(output) = self.machine.poll_output() {
                inputs.extend(self.obey(output));
            }
            if let Err(broken) = self.machine.check_invariants() {
                panic!("{broken}");
            }
            self.watch.looks_at(self.machine.registrations());
        }
    }

    fn obey(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Reply { request, reply } => self.watch.replied(request, &reply),
            Output::Start { attempt, key, kind } => {
                self.told.push(attempt);
                self.started.insert(attempt, (key, kind));
            }
            Output::Dispatch { attempt, event, .. } => {
                let Some((key, _)) = self.started.remove(&attempt) else { panic!("{attempt:?} was not started") };
                let page = self.page_of(&key).unwrap_or_else(|| panic!("{key:?} is of no page"));
                assert!(self.online, "I4: an event of {key:?} without a network");
                assert!(page.granted[event.kind as usize], "I1: an event of {key:?} without the permission");
                let now = self.now.monotonic;
                let unseen = page.closed.is_some_and(|closed| now.since(closed) > UNSEEN);
                self.watch.dispatched(attempt, &key, &event, (now, unseen));
            }
            Output::Abandon { attempt } => drop(self.started.remove(&attempt)),
            Output::Terminate { attempt, .. } => {
                // A worker that does not end is ended, with its process.
                self.watch.ended(attempt);
                return Some(Input::Finished { attempt, outcome: Outcome::Terminated });
            }
            Output::Commit { txn, .. } | Output::Rewrite { txn, .. } => return Some(Input::Committed { txn }),
            Output::AskNetwork { origin } => return Some(self.told_network(NetworkSubject::Origin(origin))),
            Output::AskUser { attempt, .. } => return Some(Input::Answered { attempt, yes: false }),
            Output::Load | Output::ArmWakeUp(_) | Output::WakeDone { .. } | Output::KeepAlive(_) | Output::Event(_) => {
            }
        }
        None
    }

    fn page_of(&self, key: &RegistrationKey) -> Option<&Page> {
        self.pages.iter().find(|page| page.is_of(key))
    }
}

impl Page {
    fn is_of(&self, key: &RegistrationKey) -> bool {
        (key.partition(), key.origin()) == (self.partition, &self.origin)
    }

    fn windows(&self) -> WindowClients {
        WindowClients::new(u32::from(self.closed.is_none()), 0)
    }

    fn permission(&self, kind: SyncKind) -> PermissionState {
        if self.granted[kind as usize] { PermissionState::Granted } else { PermissionState::Denied }
    }

    /// Of a page in the clear it is said that it is secure: that it is not has to be noticed.
    fn facts(&self, kind: SyncKind) -> Facts {
        Facts { windows: self.windows(), permission: self.permission(kind), ..Facts::of_an_open_window() }
    }
}
