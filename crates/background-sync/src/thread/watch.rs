use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::Builder;

use crossbeam_channel::{Sender, bounded};

use crate::driver::MOST_REPORTS;
use crate::{HostCall, HostPanic, Report};

/// The way to somebody who watches, on a thread of its own. It never blocks: what finds no room is counted.
#[derive(Debug)]
pub(super) struct Watch {
    reports: Sender<Report>,
    missed: u64,
}

impl Watch {
    pub(super) fn start(mut observer: Box<dyn FnMut(Report) + Send>) -> std::io::Result<Self> {
        let (reports, inbox) = bounded(MOST_REPORTS);
        Builder::new().name("background-sync-observer".to_owned()).spawn(move || {
            for report in inbox {
                let Err(payload) = catch_unwind(AssertUnwindSafe(|| observer(report))) else { continue };
                // It hears of that itself. If it panics again there is nobody to tell.
                let report = Report::HostPanicked(HostPanic::new(HostCall::Observer, &*payload));
                drop(catch_unwind(AssertUnwindSafe(|| observer(report))));
            }
        })?;
        Ok(Self { reports, missed: 0 })
    }

    pub(super) fn tell(&mut self, report: Report) {
        if self.missed > 0 && self.reports.try_send(Report::Missed(self.missed)).is_ok() {
            self.missed = 0;
        }
        if self.missed > 0 || self.reports.try_send(report).is_err() {
            self.missed = self.missed.saturating_add(1);
        }
    }
}

impl Drop for Watch {
    /// The last word waits for room: nobody waits for this thread any more.
    fn drop(&mut self) {
        if self.missed > 0 {
            drop(self.reports.try_send(Report::Missed(self.missed)));
        }
    }
}
