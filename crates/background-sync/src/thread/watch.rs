use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Builder;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::driver::{MOST_REPORTS, contained};
use crate::{HostCall, HostPanic, Report};

/// The way to somebody who watches, on a thread of its own. It never blocks: what finds no room is counted.
#[derive(Debug)]
pub(super) struct Watch {
    reports: Sender<Report>,
    /// What found no room since there was some the last time. Written here only; read by the other side when this one
    /// has gone.
    missed: Arc<AtomicU64>,
}

impl Watch {
    pub(super) fn start(observer: Box<dyn FnMut(Report) + Send>) -> std::io::Result<Self> {
        let (reports, inbox) = bounded(MOST_REPORTS);
        let missed = Arc::default();
        let missed_at_the_end = Arc::clone(&missed);
        let body = move || observe(observer, &inbox, &missed_at_the_end);
        Builder::new().name("background-sync-observer".to_owned()).spawn(body)?;
        Ok(Self { reports, missed })
    }

    pub(super) fn tell(&mut self, report: Report) {
        // One that says how many are missing stands for so many.
        let weight = if let Report::Missed(missed) = report { missed } else { 1 };
        let missed = self.missed.load(Ordering::Acquire);
        let none = missed == 0 || self.reports.try_send(Report::Missed(missed)).is_ok();
        let told = none && self.reports.try_send(report).is_ok();
        let (missed, more) = (if none { 0 } else { missed }, if told { 0 } else { weight });
        self.missed.store(missed.saturating_add(more), Ordering::Release);
    }
}

fn observe(mut observer: Box<dyn FnMut(Report) + Send>, inbox: &Receiver<Report>, missed_at_the_end: &AtomicU64) {
    let mut tell = |report| {
        let Err(message) = contained(|| observer(report)) else { return };
        // It hears of that itself. If it panics again there is nobody to tell.
        let report = Report::HostPanicked(HostPanic::new(HostCall::Observer, message));
        drop(contained(|| observer(report)));
    };
    inbox.iter().for_each(&mut tell);
    match missed_at_the_end.load(Ordering::Acquire) {
        0 => {}
        missed => tell(Report::Missed(missed)),
    }
}
