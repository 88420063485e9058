//! An engine at work: processes, time, and what is done to it.

mod deeds;
mod expect;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use background_sync::scheduler::SyncParameters;
use background_sync::{Driver, Next, Notice, Report};

use crate::watch::Watch;
use crate::watched::{StoreWatch, WatchedEngine, watched};
use crate::{EngineUnderTest, Rule, VirtualClock};

/// How long a store or an engine with threads may take in real time, before it counts as silent.
const PATIENCE: Duration = Duration::from_secs(5);

/// More rounds than any scenario needs without time going on.
const MOST_ROUNDS: u32 = 1_000;

/// One engine in one scenario.
pub(crate) struct Session<E: EngineUnderTest> {
    engine: E,
    clock: VirtualClock,
    watch: Rc<RefCell<Watch>>,
    store: StoreWatch,
    process: Process<E::Host>,
    lives: u8,
    patience: Duration,
    /// Rounds that are given to come to rest.
    rounds: u32,
}

struct Process<H> {
    driver: Driver<WatchedEngine<H>>,
    woken: Arc<AtomicBool>,
}

impl<E: EngineUnderTest> Session<E> {
    /// An engine that has just been started for the first time.
    pub(crate) fn new(mut engine: E) -> Self {
        let clock = VirtualClock::new();
        let watch = Rc::new(RefCell::new(Watch::new(SyncParameters::recommended())));
        let store = StoreWatch::default();
        let process = begin(&mut engine, &clock, &watch, &store, 0);
        let mut session =
            Self { engine, clock, watch, store, process, lives: 0, patience: PATIENCE, rounds: MOST_ROUNDS };
        session.after_start();
        session
    }

    /// The process dies, and another one begins.
    pub(crate) fn crash(self) -> Self {
        let Self { mut engine, clock, watch, store, process, lives, patience, rounds } = self;
        drop(process);
        store.process_died();
        watch.borrow_mut().process_died();
        let lives = lives + 1;
        let process = begin(&mut engine, &clock, &watch, &store, lives);
        let mut session = Self { engine, clock, watch, store, process, lives, patience, rounds };
        session.after_start();
        session
    }

    /// The engine is shut down, and started again.
    pub(crate) fn restart(mut self) -> Self {
        self.process.driver.poster().notify(Notice::Shutdown);
        self.settle();
        if !self.process.driver.is_stopped() {
            self.found(Rule::NeverSettles, "the shutdown does not end");
        }
        self.crash()
    }

    fn after_start(&mut self) {
        self.settle();
        let known = self.watch.borrow().has_heard(|input| matches!(input, background_sync::Input::WorkersKnown { .. }));
        if !known {
            self.found(Rule::WorkersKnown, "nothing was said of it after the start");
        }
    }

    /// Lets engine and driver work until neither has anything to do at this moment, and looks at what should be done by then.
    pub(crate) fn settle(&mut self) {
        self.run_until_rest();
        self.watch.borrow_mut().at_rest(self.process.driver.machine(), self.store.is_open());
    }

    fn run_until_rest(&mut self) {
        for _ in 0..self.rounds {
            let before = self.watch.borrow().happened();
            let next = self.round();
            if !self.store.is_quiet(self.patience) {
                // It is not waited for again.
                self.patience = Duration::ZERO;
                return self.found(Rule::StoreSilent, "a load or a commit has no answer");
            }
            let at_once = matches!(next, Next::AtOnce | Next::Within(Duration::ZERO));
            let woken = self.process.woken.load(Ordering::Acquire);
            if !at_once && !woken && self.watch.borrow().happened() == before {
                return;
            }
        }
        // An engine that never comes to rest is not waited for again.
        self.rounds = 1;
        self.found(Rule::NeverSettles, format!("{MOST_ROUNDS} rounds, and there is more to do"));
    }

    /// The engine's part of a turn, then the driver's.
    fn round(&mut self) -> Next {
        let driver = &mut self.process.driver;
        self.engine.turn(driver.engine_mut().inner());
        self.process.woken.store(false, Ordering::Release);
        let next = driver.turn();
        for report in driver.reports() {
            if let Report::HostPanicked(panic) = report {
                self.watch.borrow_mut().findings.add(Rule::HostPanicked, panic.to_string());
            }
        }
        next
    }

    /// Time goes on, and whatever becomes due in it is done.
    pub(crate) fn advance(&mut self, time: Duration) {
        self.advance_until(time, |_| false);
    }

    /// Time goes on until something is so, but no longer than `most`. Says whether it is.
    pub(crate) fn advance_until(&mut self, most: Duration, is_so: impl Fn(&mut Self) -> bool) -> bool {
        let mut left = most;
        loop {
            self.settle();
            if is_so(self) {
                return true;
            }
            if left.is_zero() {
                return false;
            }
            let due = match self.process.driver.turn() {
                Next::Within(due) => due,
                Next::AtOnce => Duration::ZERO,
                Next::WhenWoken | Next::Stopped => left,
            };
            // The engine has its own timers, which nobody knows here.
            let longest = Duration::from_secs(10);
            let shortest = if self.rounds == 1 { longest } else { Duration::from_millis(1) };
            let step = due.clamp(shortest, longest).min(left);
            self.clock.advance(step);
            left -= step;
        }
    }

    pub(crate) fn found(&mut self, rule: Rule, what: impl Into<String>) {
        self.watch.borrow_mut().findings.add(rule, what);
    }

    /// What was found. Nothing happens any more.
    pub(crate) fn end(mut self) -> Vec<(Rule, String)> {
        self.settle();
        let mut findings = self.watch.borrow_mut().findings.take();
        findings.extend(self.store.take_findings());
        findings
    }
}

fn begin<E: EngineUnderTest>(
    engine: &mut E,
    clock: &VirtualClock,
    watch: &Rc<RefCell<Watch>>,
    store: &StoreWatch,
    lives: u8,
) -> Process<E::Host> {
    let woken = Arc::new(AtomicBool::new(false));
    let wakes = Arc::clone(&woken);
    let wake = move || wakes.store(true, Ordering::Release);
    let hosts = |way_in: &background_sync::Poster| watched(engine.start(way_in, clock), watch, store);
    let mut driver = Driver::new(SyncParameters::recommended(), [lives; 32], wake, hosts);
    let (sees, of_store) = (Rc::clone(watch), store.clone());
    driver.tap(move |now, input, outputs| {
        sees.borrow_mut().see(now, input, outputs, || of_store.registrations());
    });
    Process { driver, woken }
}
