//! The engine's loop.

use std::time::Duration;

use background_sync::Next;

use super::jobs::ScriptFetch;
use super::mirror::Order;
use super::patient_store::{PATIENCE, Waited};
use super::running::RealmId;
use super::{Engine, EngineError, TimeMode};
use crate::script::{Answer, CallId, DomError};

/// A worker that has nothing to do is stopped after this long, and started again from its script.
const IDLE: Duration = Duration::from_secs(30);
/// Rounds at one moment after which something must be feeding itself. Realms that do are stopped long before.
const MOST_ROUNDS: u32 = 2_000_000;
/// Calls and tasks of one realm at one moment. A script with honest work stays far below.
pub(super) const MOST_STEPS: u32 = 20_000;

/// Something that happens at a later moment.
pub(super) struct Scheduled {
    pub(super) at: Duration,
    pub(super) what: Later,
}

pub(super) enum Later {
    /// A response arrives.
    Answer { realm: RealmId, call: CallId, url: String, answer: Result<Answer, DomError> },
    /// A worker's script arrives.
    Script(Box<ScriptFetch>),
    /// An event other than `sync` has had its time.
    Overdue { realm: RealmId, event: u64 },
}

impl Engine {
    /// Lets time go on to a moment since the start, and everything happen that is due until then.
    ///
    /// # Errors
    /// When something keeps itself busy, or the disk does not answer.
    pub fn advance_to(&mut self, at: Duration) -> Result<(), EngineError> {
        while !self.advance_towards(at)? {}
        Ok(())
    }

    /// Lets time go on to the next thing that happens, or to `at` if nothing does before. Says whether `at`
    /// is reached and everything is done that was due.
    ///
    /// # Errors
    /// When something keeps itself busy, or the disk does not answer.
    pub fn advance_towards(&mut self, at: Duration) -> Result<bool, EngineError> {
        if self.clock.is_asleep() {
            self.clock.advance_to(at);
            return Ok(true);
        }
        self.settle()?;
        let now = self.elapsed();
        if now >= at {
            return Ok(true);
        }
        let next = self.next_moment().map_or(at, |next| next.min(at));
        if next <= now && self.clock.mode() == TimeMode::Virtual {
            self.stalled += 1;
            if self.stalled > MOST_STEPS {
                return Err(EngineError::NeverSettles);
            }
        } else {
            self.stalled = 0;
        }
        self.pass_time_to(next);
        Ok(false)
    }

    /// In real time a result of the store ends the wait.
    fn pass_time_to(&self, at: Duration) {
        match self.clock.mode() {
            TimeMode::Virtual => self.clock.advance_to(at),
            TimeMode::Real => drop(self.store.pause(at.saturating_sub(self.elapsed()))),
        }
    }

    /// Does everything that is due at this moment. In virtual time the disk is waited for.
    ///
    /// # Errors
    /// When it never ends, or the disk does not answer.
    pub fn settle(&mut self) -> Result<(), EngineError> {
        for _ in 0..MOST_ROUNDS {
            if self.round() {
                continue;
            }
            self.steps_here.clear();
            match self.clock.mode() {
                TimeMode::Real => return Ok(()),
                TimeMode::Virtual => match self.store.wait() {
                    Waited::Idle => return Ok(()),
                    Waited::Finished => {}
                    Waited::Hung => return Err(EngineError::DiskHangs),
                },
            }
        }
        Err(EngineError::NeverSettles)
    }

    /// Like [`Engine::settle`], and in real time, too, the disk is waited for, while everything else goes on.
    pub(super) fn settle_with_the_disk(&mut self) -> Result<(), EngineError> {
        let end = self.elapsed().saturating_add(PATIENCE);
        loop {
            self.settle()?;
            if !self.store.is_under_way() || self.clock.is_asleep() {
                return Ok(());
            }
            if self.elapsed() > end {
                return Err(EngineError::DiskHangs);
            }
            let next = self.next_moment().map_or(end, |next| next.min(end));
            self.pass_time_to(next);
        }
    }

    /// One turn for everybody. Says whether something happened that may lead to more.
    fn round(&mut self) -> bool {
        let mut busy = self.driver.turn() == Next::AtOnce;
        self.take_log();
        if self.clock.is_asleep() {
            return busy;
        }
        busy |= self.take_orders();
        busy |= self.take_answers();
        busy |= self.serve_realms();
        busy |= self.run_due();
        busy |= self.advance_registrations();
        busy
    }

    /// When something happens next by itself.
    fn next_moment(&mut self) -> Option<Duration> {
        let driver = self.driver.machine().next_deadline().map(|at| self.clock.moment_of(at));
        let scheduled = self.scheduled.iter().map(|scheduled| scheduled.at).min();
        let timers: Vec<_> = self.realms_mut().filter_map(|(_, realm)| realm.next_timer()).collect();
        let timers = timers.into_iter().map(|ms| self.clock.moment_of_ms(ms)).min();
        let idle = self.running.values().filter(|running| self.has_nothing_to_do(running));
        let idle = idle.map(|running| running.idle_since + IDLE).min();
        [driver, scheduled, timers, idle].into_iter().flatten().min().map(|next| next.max(self.elapsed()))
    }

    /// Timers, responses and idle workers whose moment has come. Says whether there was one.
    ///
    /// Every realm gets one task a round: realms that are due at the same moment take turns.
    fn run_due(&mut self) -> bool {
        let now = self.elapsed();
        let mut busy = false;
        let due = |scheduled: &Scheduled| scheduled.at <= now;
        while let Some(at) = self.scheduled.iter().position(due) {
            if let Some(scheduled) = self.scheduled.remove(at) {
                self.happen(scheduled.what);
            }
            busy = true;
        }
        let wall = u64::try_from(self.clock.wall().unix_ms()).unwrap_or(0);
        let ran: Vec<_> = self.realms_mut().filter_map(|(id, realm)| realm.run_timer(wall).then_some(id)).collect();
        busy |= !ran.is_empty();
        ran.into_iter().for_each(|id| self.count_step(id));
        let idle = self.running.values();
        let idle = idle.filter(|running| self.has_nothing_to_do(running) && running.idle_since + IDLE <= now);
        for worker in idle.map(|running| running.worker).collect::<Vec<_>>() {
            self.stop_idle_worker(worker);
        }
        busy
    }

    fn happen(&mut self, later: Later) {
        match later {
            Later::Answer { realm, call, url: _, answer } => self.settle_call(realm, call, answer),
            Later::Script(fetch) => self.script_arrived(*fetch),
            Later::Overdue { realm, event } => self.overdue(realm, event),
        }
    }

    /// What is on its way from origins that cannot be reached any more is lost.
    pub(super) fn break_connections(&mut self) {
        let now = self.elapsed();
        let mut scheduled = std::mem::take(&mut self.scheduled);
        for Scheduled { at, what } in &mut scheduled {
            let lost = match what {
                Later::Answer { url, answer, .. } if !self.is_online(url) => {
                    *answer = Err(DomError::type_error("Failed to fetch: the connection was lost"));
                    true
                }
                Later::Script(fetch) => fetch.lose_unless(|url| self.is_online(url)),
                Later::Answer { .. } | Later::Overdue { .. } => false,
            };
            if lost {
                *at = now;
            }
        }
        self.scheduled = scheduled;
    }

    /// What background sync asked for.
    fn take_orders(&mut self) -> bool {
        let orders = std::mem::take(&mut self.mirror.borrow_mut().orders);
        let busy = !orders.is_empty();
        for order in orders {
            match order {
                Order::Start { key, completion } => self.start_for_sync(key, completion),
                Order::Dispatch { event, cap, completion } => self.dispatch_sync(&event, cap, completion),
                Order::Abandon { attempt } => {
                    self.record.abandoned += 1;
                    self.attempts.remove(&attempt);
                    self.awaiting_activation.retain(|(_, completion)| completion.attempt() != attempt);
                }
                Order::Terminate { attempt, reason } => self.terminate(attempt, reason),
            }
        }
        busy
    }

    /// What background sync replied.
    fn take_answers(&mut self) -> bool {
        let answers = self.answers.take();
        let busy = !answers.is_empty();
        for answered in answers {
            if self.realm(answered.realm).is_some() {
                self.settle_call(answered.realm, answered.call, answered.answer);
                answered.receipt.delivered();
            } else {
                answered.receipt.gone();
            }
        }
        busy
    }

    /// What the scripts ask for, print, and die of.
    fn serve_realms(&mut self) -> bool {
        let mut calls = Vec::new();
        let mut lines = Vec::new();
        for (id, realm) in self.realms_mut() {
            calls.extend(realm.take_calls().into_iter().map(|(call, what)| (id, call, what)));
            lines.extend(realm.take_log().into_iter().map(|line| (id, line)));
        }
        let busy = !calls.is_empty();
        // Before its calls are served: an event does not end well in a script that was stopped.
        let buried = self.bury_stopped();
        for (id, line) in lines {
            self.print(id, line);
        }
        for (id, call, what) in calls {
            self.count_step(id);
            self.serve(id, call, what);
        }
        buried || busy
    }

    /// A realm that goes on without time passing is stopped, before it stops everything else.
    fn count_step(&mut self, id: RealmId) {
        let steps = self.steps_here.entry(id).or_insert(0);
        *steps += 1;
        if *steps == MOST_STEPS
            && let Some(realm) = self.realm(id)
        {
            realm.interrupt_handle().interrupt();
        }
    }
}
