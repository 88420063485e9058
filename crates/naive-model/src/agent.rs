use crate::one_shot::OneShot;
use crate::periodic::Periodic;
use crate::{Kind, Op, OriginId, Replied, Running, Seen, Tag, WORKERS, WorkerId};

/// The user agent of both texts.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Minutes since it began.
    pub(crate) now: u64,
    /// `sync.def.online`
    pub(crate) online: bool,
    pub(crate) origins: [Origin; 2],
    pub(crate) workers: [Worker; WORKERS],
    pub(crate) running: Vec<Event>,
    /// By kind, one-shot first: the user's switch.
    pub(crate) switched_on: [bool; 2],
    /// periodic.process.1.1: when a pass last fired something.
    pub(crate) last_pass: Option<u64>,
    last_id: u64,
}

/// What there is of an origin.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) windows: bool,
    /// By kind, one-shot first.
    pub(crate) granted: [bool; 2],
    /// `periodic.def.lastFire`
    pub(crate) last_fire: Option<u64>,
    /// Since when it has periodic registrations.
    pub(crate) registered_since: Option<u64>,
    /// When the turn of those that fire is over, if any do.
    pub(crate) turn_ends: Option<u64>,
}

/// A service worker registration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Worker {
    pub(crate) active: bool,
    /// `sync.def.list`
    pub(crate) one_shot: Vec<OneShot>,
    /// `periodic.def.active`
    pub(crate) periodic: Vec<Periodic>,
}

/// An event that runs. What it is about may be gone from its list.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) registration: u64,
    pub(crate) said: Running,
    pub(crate) began: u64,
    /// Its service worker registration is gone: one that is made anew knows nothing of it.
    pub(crate) orphaned: bool,
}

impl Default for Agent {
    fn default() -> Self {
        Self::new()
    }
}

impl Agent {
    /// Offline, every worker active, every origin with a window and the permission for both kinds.
    #[must_use]
    pub fn new() -> Self {
        let origin = Origin { windows: true, granted: [true, true], ..Origin::default() };
        let worker = Worker { active: true, ..Worker::default() };
        Self {
            now: 0,
            online: false,
            origins: [origin.clone(), origin],
            workers: std::array::from_fn(|_| worker.clone()),
            running: Vec::new(),
            switched_on: [true, true],
            last_pass: None,
            last_id: 0,
        }
    }

    /// Makes something happen, and lets a minute pass. Says what a call came to.
    pub fn apply(&mut self, op: Op) -> Option<Replied> {
        let replied = match op {
            Op::Register { worker, tag } => Some(self.register(worker, tag)),
            Op::RegisterPeriodic { worker, tag, hours } => Some(self.register_periodic(worker, tag, hours * 60)),
            Op::UnregisterPeriodic { worker, tag } => Some(self.unregister_periodic(worker, tag)),
            Op::Online => self.now_online(),
            Op::Offline => {
                self.online = false;
                None
            }
            Op::Settle { nth, fulfilled } => self.settle(nth, fulfilled),
            Op::Windows { origin, open } => {
                self.origins[origin.0].windows = open;
                None
            }
            Op::Permission { origin, kind, granted } => self.permission(origin, kind, granted),
            Op::Switch { kind, on } => self.switch(kind, on),
            Op::Unregister { worker } => self.unregister(worker),
            Op::Install { worker } => {
                self.workers[worker.0].active = true;
                None
            }
            Op::Crash => self.crash(),
            Op::Pass { minutes } => self.pass(u64::from(minutes)),
        };
        self.retries_are_due();
        self.process();
        self.minute();
        replied
    }

    /// What can be seen of it.
    #[must_use]
    pub fn seen(&self) -> Seen {
        let mut registered = Vec::new();
        for (ix, worker) in self.workers.iter().enumerate() {
            let id = WorkerId(ix);
            registered.extend(worker.one_shot.iter().map(|it| (id, Kind::OneShot, it.tag, it.state.name())));
            registered.extend(worker.periodic.iter().map(|it| (id, Kind::Periodic, it.tag, it.state.name())));
        }
        let mut running: Vec<_> = self.running.iter().map(|event| event.said).collect();
        running.sort_unstable();
        Seen { registered, running }
    }

    /// What both `register` methods ask first, in this order.
    pub(crate) fn refusal(&self, worker: WorkerId, kind: Kind) -> Option<Replied> {
        let origin = &self.origins[worker.origin().0];
        // sync.register.2, periodic.register.2
        if !self.workers[worker.0].active {
            return Some(Replied::Rejected("InvalidStateError"));
        }
        // sync.register.3, periodic.register.3
        if !self.switched_on[kind as usize] || !origin.granted[kind as usize] {
            return Some(Replied::Rejected("NotAllowedError"));
        }
        // sync.register.4 to sync.register.6, periodic.register.4 to periodic.register.6
        (!origin.windows).then_some(Replied::Rejected("InvalidAccessError"))
    }

    pub(crate) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// An event begins; unless one of the same tag still runs, of a registration that is gone: one event of a tag at a time.
    pub(crate) fn begin(&mut self, registration: u64, said: Running) {
        self.running.push(Event { registration, said, began: self.now, orphaned: false });
    }

    pub(crate) fn is_running(&self, worker: WorkerId, kind: Kind, tag: Tag) -> bool {
        let is_it = |said: &Running| (said.worker, said.kind, said.tag) == (worker, kind, tag);
        self.running.iter().any(|event| !event.orphaned && is_it(&event.said))
    }

    fn now_online(&mut self) -> Option<Replied> {
        self.online = true;
        self.fire_all_pending();
        None
    }

    fn settle(&mut self, nth: usize, fulfilled: bool) -> Option<Replied> {
        let at = self.place_of(nth)?;
        let event = self.running.remove(at);
        match event.said.kind {
            Kind::OneShot => self.one_shot_settled(&event, fulfilled),
            Kind::Periodic => self.periodic_settled(&event, fulfilled),
        }
        None
    }

    /// In the order in which they can be seen: of two at once it is of no account which began first.
    fn place_of(&self, nth: usize) -> Option<usize> {
        let mut sorted: Vec<usize> = (0..self.running.len()).collect();
        sorted.sort_by_key(|ix| self.running[*ix].said);
        sorted.get(nth.checked_rem(sorted.len())?).copied()
    }

    /// The event that [`Op::Settle`] would end.
    pub(crate) fn nth_running(&self, nth: usize) -> Option<&Event> {
        self.running.get(self.place_of(nth)?)
    }

    /// A decision: what the permission was for is removed, and what runs goes on for nobody (periodic.revoke.1).
    fn permission(&mut self, origin: OriginId, kind: Kind, granted: bool) -> Option<Replied> {
        self.origins[origin.0].granted[kind as usize] = granted;
        if !granted {
            self.remove(kind, |worker| worker.origin() == origin);
        }
        None
    }

    /// A decision: switching off does the same, and ends what runs.
    fn switch(&mut self, kind: Kind, on: bool) -> Option<Replied> {
        self.switched_on[kind as usize] = on;
        if !on {
            self.remove(kind, |_| true);
            self.running.retain(|event| event.said.kind != kind);
        }
        None
    }

    fn unregister(&mut self, worker: WorkerId) -> Option<Replied> {
        self.workers[worker.0].active = false;
        self.remove(Kind::OneShot, |it| it == worker);
        self.remove(Kind::Periodic, |it| it == worker);
        self.running.iter_mut().filter(|event| event.said.worker == worker).for_each(|event| event.orphaned = true);
        None
    }

    fn remove(&mut self, kind: Kind, of: impl Fn(WorkerId) -> bool) {
        for ix in (0..WORKERS).filter(|ix| of(WorkerId(*ix))) {
            match kind {
                Kind::OneShot => self.workers[ix].one_shot.clear(),
                Kind::Periodic => {
                    self.workers[ix].periodic.clear();
                    self.look_for_the_last(WorkerId(ix).origin());
                }
            }
        }
    }

    /// An origin without a periodic registration has none since any time.
    pub(crate) fn look_for_the_last(&mut self, origin: OriginId) {
        let mut of_it = (0..WORKERS).filter(|ix| WorkerId(*ix).origin() == origin);
        if of_it.all(|ix| self.workers[ix].periodic.is_empty()) {
            self.origins[origin.0].registered_since = None;
        }
    }

    /// A decision: what was acknowledged survives, in the state that its row was in. Windows and workers go with the process.
    fn crash(&mut self) -> Option<Replied> {
        self.running.clear();
        self.origins.iter_mut().for_each(|origin| origin.windows = false);
        self.one_shot_after_a_crash();
        self.periodic_after_a_crash();
        self.fire_all_pending();
        None
    }

    /// Minute by minute, but for those in which nothing can change.
    fn pass(&mut self, minutes: u64) -> Option<Replied> {
        let end = self.now + minutes;
        while self.now < end {
            let next = self.next_change().map_or(end, |next| next.min(end));
            self.now = next - 1;
            self.minute();
        }
        None
    }

    fn minute(&mut self) {
        self.now += 1;
        self.waits_are_over();
        self.periodic_events_are_over();
        self.turns_are_over();
        self.retries_are_due();
        self.process();
    }
}
