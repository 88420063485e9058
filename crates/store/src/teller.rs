use std::sync::{Arc, atomic::AtomicU64};

use crate::{
    StoreReport,
    contained::{Fault, contained},
    stats::{Counters, count},
};

/// Is told what happens, on the store's thread.
pub(crate) type Sink = Box<dyn FnMut(StoreReport) + Send>;

/// Tells of what happens, and counts it.
pub(crate) struct Teller {
    sink: Sink,
    counters: Arc<Counters>,
}

impl Teller {
    pub(crate) fn new(sink: Sink, counters: Arc<Counters>) -> Self {
        Self { sink, counters }
    }

    pub(crate) fn count(&self, counter: impl Fn(&Counters) -> &AtomicU64, by: u64) {
        count(counter(&self.counters), by);
    }

    /// Tells the sink. One that panics has had its say.
    pub(crate) fn report(&mut self, report: StoreReport) {
        let sink = &mut self.sink;
        let told = contained(|| {
            sink(report);
            Ok(())
        });
        if told.is_err() {
            self.count(|counters| &counters.panics_contained, 1);
        }
    }

    pub(crate) fn note_panic(&mut self, fault: &Fault) {
        if let Fault::Panicked(message) = fault {
            self.count(|counters| &counters.panics_contained, 1);
            self.report(StoreReport::PanicContained { message: message.clone() });
        }
    }

    /// Runs what is not this crate's and must not end the thread.
    pub(crate) fn contain(&mut self, work: impl FnOnce()) {
        let result = contained(|| {
            work();
            Ok(())
        });
        if let Err(fault) = result {
            self.note_panic(&fault);
        }
    }
}
