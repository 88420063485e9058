//! The engine's loop.

use std::time::Duration;

use background_sync::registration::MonotonicTime;
use background_sync_simulator::timeline::Time;
use background_sync_simulator::world::Logged;

use super::mirror::Order;
use super::running::{RealmId, RunningWorker};
use super::workers::ScriptFetch;
use super::{Engine, EngineError, Happening, Who};
use crate::script::{Answer, CallId, DomError, LogLevel, Realm};

/// A worker that has nothing to do is stopped after this long, and started again from its script.
const IDLE: Duration = Duration::from_secs(30);
/// Rounds at one moment after which something must be feeding itself.
const MOST_ROUNDS: u32 = 100_000;

/// Something that happens at a later moment.
pub(super) struct Scheduled {
    pub(super) at: Duration,
    pub(super) what: Later,
}

pub(super) enum Later {
    /// A response arrives.
    Answer { realm: RealmId, call: CallId, answer: Result<Answer, DomError> },
    /// A worker's script arrives.
    Script(Box<ScriptFetch>),
}

impl Engine {
    /// Lets time go on to a moment since the start, and everything happen that is due until then.
    ///
    /// # Errors
    /// When something keeps itself busy.
    pub fn advance_to(&mut self, at: Duration) -> Result<(), EngineError> {
        loop {
            self.settle()?;
            match self.next_moment() {
                Some(next) if next <= at => self.clock.advance_to(next),
                Some(_) | None => break,
            }
        }
        self.clock.advance_to(at);
        self.settle()
    }

    /// Does everything that is due at this moment.
    ///
    /// # Errors
    /// When it never ends.
    pub fn settle(&mut self) -> Result<(), EngineError> {
        for _ in 0..MOST_ROUNDS {
            self.driver.turn();
            self.take_log();
            let mut busy = self.take_orders();
            busy |= self.take_answers();
            busy |= self.serve_realms();
            busy |= self.run_due();
            if !busy && !self.store.wait() {
                return Ok(());
            }
        }
        Err(EngineError::NeverSettles)
    }

    /// When something happens next by itself.
    fn next_moment(&mut self) -> Option<Duration> {
        let driver = self.driver.machine().next_deadline().map(MonotonicTime::since_start);
        let scheduled = self.scheduled.iter().map(|scheduled| scheduled.at).min();
        let now = self.elapsed();
        let timers: Vec<_> = self.realms_mut().filter_map(|(_, realm)| realm.next_timer()).collect();
        let timers = timers.into_iter().map(|ms| self.clock.moment_of(ms)).min();
        let idle = self
            .running
            .values()
            .filter(|worker| worker.events.is_empty())
            .map(|worker| worker.idle_since + IDLE)
            .min();
        [driver, scheduled, timers, idle].into_iter().flatten().min().map(|next| next.max(now))
    }

    /// Timers, responses and idle workers whose moment has come. Says whether there was one.
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
        for (_, realm) in self.realms_mut() {
            busy |= realm.run_timer(wall);
        }
        let nothing_to_do = |worker: &RunningWorker| worker.events.is_empty() && worker.idle_since + IDLE <= now;
        let idle = self.running.iter().filter(|(_, worker)| nothing_to_do(worker));
        let idle: Vec<_> = idle.map(|(key, _)| key.clone()).collect();
        for key in idle {
            self.stop_idle_worker(&key);
        }
        busy
    }

    fn happen(&mut self, later: Later) {
        match later {
            Later::Answer { realm, call, answer } => self.settle_call(realm, call, answer),
            Later::Script(fetch) => self.install(*fetch),
        }
    }

    /// What background sync asked for.
    fn take_orders(&mut self) -> bool {
        let orders = std::mem::take(&mut self.mirror.borrow_mut().orders);
        let busy = !orders.is_empty();
        for order in orders {
            match order {
                Order::Start { key, completion } => self.start_for_sync(key, completion),
                Order::Dispatch { attempt, event, cap } => self.dispatch_sync(attempt, &event, cap),
                Order::Abandon { attempt } => drop(self.attempts.remove(&attempt)),
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
        let mut busy = !calls.is_empty();
        for (id, line) in lines {
            self.print(id, line);
        }
        for (id, call, what) in calls {
            self.serve(id, call, what);
        }
        busy |= self.bury_stopped();
        busy
    }

    fn print(&mut self, id: RealmId, line: crate::script::LogEntry) {
        let who = self.who(id);
        let place = if line.file.is_empty() { String::new() } else { format!("{}:{}", line.file, line.line) };
        match line.level {
            LogLevel::UncaughtError => {
                self.tell(Who::Trouble, format!("uncaught in {}: {}", who.name(), line.text), place)
            }
            LogLevel::UnhandledRejection => {
                self.tell(Who::Trouble, format!("unhandled rejection in {}: {}", who.name(), line.text), place);
            }
            LogLevel::Platform => self.tell(Who::Trouble, line.text, place),
            LogLevel::Debug | LogLevel::Log | LogLevel::Info | LogLevel::Warn | LogLevel::Error => {
                self.console.push_back(line.text.clone());
                self.tell(who, line.text, "");
            }
        }
    }

    pub(super) fn settle_call(&mut self, id: RealmId, call: CallId, answer: Result<Answer, DomError>) {
        if let Some(realm) = self.realm(id) {
            realm.settle(call, answer);
        }
    }

    pub(super) fn realm(&mut self, id: RealmId) -> Option<&mut Realm> {
        if let Some(window) = self.page_ids.get(&id) {
            return self.pages.get_mut(window).map(|page| &mut page.realm);
        }
        self.running.values_mut().find(|worker| worker.id == id).map(|worker| &mut worker.realm)
    }

    fn realms_mut(&mut self) -> impl Iterator<Item = (RealmId, &mut Realm)> {
        let ids: std::collections::BTreeMap<_, _> =
            self.page_ids.iter().map(|(id, window)| (window.clone(), *id)).collect();
        let pages = self.pages.iter_mut().filter_map(move |(window, page)| Some((*ids.get(window)?, &mut page.realm)));
        pages.chain(self.running.values_mut().map(|worker| (worker.id, &mut worker.realm)))
    }

    pub(super) fn who(&self, id: RealmId) -> Who {
        self.page_ids.get(&id).map_or(Who::Worker, |window| Who::Page(window.clone()))
    }

    /// Background sync's own log, and the store's failures, into the story.
    fn take_log(&mut self) {
        let (entries, failures) = {
            let mut mirror = self.mirror.borrow_mut();
            (std::mem::take(&mut mirror.log), std::mem::take(&mut mirror.store_failures))
        };
        let at = self.elapsed();
        for entry in entries {
            let what = match &entry.tag {
                Some(tag) => format!("{}: {tag}", entry.event),
                None => entry.event.to_string(),
            };
            let why: Vec<_> = entry
                .metadata
                .iter()
                .map(|(name, value)| format!("{name}: {}", readable(name.name(), value)))
                .collect();
            self.record.log.push(Logged { at, entry: entry.clone(), taken: false });
            let wall = entry.at;
            self.story.tell(Happening { at, wall, who: Who::Sync, what, why: why.join(", "), entry: Some(entry) });
        }
        for failure in failures {
            self.tell(Who::Trouble, format!("the store failed: {failure}"), "it is tried again");
        }
    }
}

/// Milliseconds are hard to read.
fn readable(name: &str, value: &str) -> String {
    match value.parse() {
        Ok(ms) if name.ends_with("(ms)") => Time(Duration::from_millis(ms)).to_string(),
        Ok(_) | Err(_) => value.to_owned(),
    }
}
