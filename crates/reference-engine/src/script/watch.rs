//! Stopping scripts that do not stop.

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::processor_time::processor_time;
use super::{Limits, Stopped};

/// Stops a realm from any thread, in the middle of whatever its script does.
#[derive(Clone, Debug)]
pub struct InterruptHandle(Arc<AtomicBool>);

impl InterruptHandle {
    /// The realm runs nothing any more. There is no way back; dropping the realm is the kill.
    pub fn interrupt(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One realm's budget. QuickJS asks [`Watch::must_stop`] every few thousand steps of a script.
#[derive(Debug)]
pub(super) struct Watch {
    limits: Limits,
    entry_time: Cell<Duration>,
    requested: Arc<AtomicBool>,
    /// In processor time of the thread, on which the realm stays.
    deadline: Cell<Option<Duration>>,
    jobs_left: Cell<u32>,
    stopped: Cell<Option<Stopped>>,
}

impl Watch {
    pub(super) fn new(limits: Limits) -> Rc<Self> {
        Rc::new(Self {
            limits,
            entry_time: Cell::new(Duration::MAX),
            requested: Arc::default(),
            deadline: Cell::new(None),
            jobs_left: Cell::new(0),
            stopped: Cell::new(None),
        })
    }

    pub(super) fn handle(&self) -> InterruptHandle {
        InterruptHandle(Arc::clone(&self.requested))
    }

    /// From now on entries have a deadline. Loading the web platform has none: no script can make it longer.
    pub(super) fn arm(&self) {
        self.entry_time.set(self.limits.entry_time);
    }

    /// Begins an entry with a full budget, or says why the realm is dead.
    pub(super) fn begin(&self) -> Result<(), Stopped> {
        self.deadline.set(processor_time().checked_add(self.entry_time.get()));
        self.jobs_left.set(self.limits.entry_jobs);
        self.stopped().map_or(Ok(()), Err)
    }

    /// Why the realm is dead, if it is.
    pub(super) fn stopped(&self) -> Option<Stopped> {
        if self.requested.load(Ordering::Relaxed) {
            self.stop(Stopped::Interrupted);
        }
        self.stopped.get()
    }

    /// Kills the realm; the first reason stays.
    pub(super) fn stop(&self, reason: Stopped) {
        if self.stopped.get().is_none() {
            self.stopped.set(Some(reason));
        }
    }

    /// Whether the script must end now. Once true, always true.
    pub(super) fn must_stop(&self) -> bool {
        if self.stopped().is_none() && self.deadline.get().is_some_and(|deadline| processor_time() > deadline) {
            self.stop(Stopped::TimeUp);
        }
        self.stopped.get().is_some()
    }

    /// Pays for one microtask; false when none may run any more.
    pub(super) fn pay_job(&self) -> bool {
        match self.jobs_left.get().checked_sub(1) {
            Some(left) => self.jobs_left.set(left),
            None => self.stop(Stopped::TooManyJobs),
        }
        !self.must_stop()
    }
}
