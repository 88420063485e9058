use std::cell::RefCell;
use std::rc::Rc;

use background_sync::Clock;
use background_sync::registration::{MonotonicTime, Now};

use crate::Rule;
use crate::watch::Watch;

pub(super) struct WatchedClock {
    inner: Box<dyn Clock>,
    latest: MonotonicTime,
    watch: Rc<RefCell<Watch>>,
}

impl WatchedClock {
    pub(super) fn new(inner: Box<dyn Clock>, watch: Rc<RefCell<Watch>>) -> Self {
        Self { inner, latest: MonotonicTime::ZERO, watch }
    }
}

impl Clock for WatchedClock {
    fn now(&mut self) -> Now {
        let now = self.inner.now();
        if now.monotonic < self.latest {
            let by = self.latest.since(now.monotonic);
            self.watch.borrow_mut().findings.add(Rule::ClockBack, format!("it goes back by {by:?}"));
        }
        self.latest = self.latest.max(now.monotonic);
        self.watch.borrow_mut().latest = self.latest;
        now
    }
}
