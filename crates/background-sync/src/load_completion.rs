use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use background_sync_registration::StoredRegistration;

use crate::backlog::{Backlog, Counted};
use crate::{StoreContents, StoreFailure};

/// Takes what a load reads, and is told how it ended. Dropping it says that it failed.
///
/// A store may hand its registrations over in parts, as it reads them, so that not all of them are in memory
/// twice: [`Self::rows`] any number of times, then [`Self::finish`], whose own registrations are the last part.
pub struct LoadCompletion(Option<Receiver>);

struct Receiver {
    rows: Rows,
    answer: Box<dyn FnOnce(Result<StoreContents, StoreFailure>) + Send>,
}

/// What becomes of rows before the end.
enum Rows {
    /// They wait for it.
    Kept(Vec<StoredRegistration>),
    /// They are handed on.
    HandedOn(Box<dyn FnMut(RowBatch) + Send>, Arc<Backlog>),
}

/// Some of the registrations in a store. It counts as on its way until it is dropped or opened.
#[derive(Debug)]
pub struct RowBatch {
    registrations: Vec<StoredRegistration>,
    _counted: Counted,
}

impl RowBatch {
    /// The registrations.
    #[must_use]
    pub fn into_registrations(self) -> Vec<StoredRegistration> {
        self.registrations
    }
}

impl LoadCompletion {
    /// A completion that hands everything to `answer` at once, when all was read.
    pub fn new(answer: impl FnOnce(Result<StoreContents, StoreFailure>) + Send + 'static) -> Self {
        Self(Some(Receiver { rows: Rows::Kept(Vec::new()), answer: Box::new(answer) }))
    }

    /// A completion that hands rows to `rows` as they come, and what is left to `answer`. If that is a failure the
    /// rows are to be forgotten.
    pub fn in_batches(
        rows: impl FnMut(RowBatch) + Send + 'static,
        answer: impl FnOnce(Result<StoreContents, StoreFailure>) + Send + 'static,
    ) -> Self {
        let rows = Rows::HandedOn(Box::new(rows), Arc::default());
        Self(Some(Receiver { rows, answer: Box::new(answer) }))
    }

    /// Hands some of the registrations over, in any order. A load that fails afterwards begins anew: what was handed
    /// over is forgotten, and [`SyncStore::load`](crate::SyncStore::load) is called again.
    ///
    /// Returns at once, however many the driver has not taken up yet; see [`Self::wait_for_driver`].
    pub fn rows(&mut self, registrations: Vec<StoredRegistration>) {
        match &mut self.0 {
            Some(Receiver { rows: Rows::Kept(kept), .. }) => kept.extend(registrations),
            Some(Receiver { rows: Rows::HandedOn(hand_on, backlog), .. }) => {
                hand_on(RowBatch { registrations, _counted: Backlog::count(backlog) });
            }
            None => {}
        }
    }

    /// Waits until the driver has taken up all but `most` of the batches, and no longer than `patience`. Says whether
    /// it has.
    ///
    /// Only for a store with a thread of its own, where it bounds what lies between the two: on the driver's
    /// thread nothing is taken up meanwhile.
    #[must_use]
    pub fn wait_for_driver(&self, most: usize, patience: Duration) -> bool {
        match &self.0 {
            Some(Receiver { rows: Rows::HandedOn(_, backlog), .. }) => backlog.wait(most, patience),
            Some(Receiver { rows: Rows::Kept(_), .. }) | None => true,
        }
    }

    /// Ends the load.
    pub fn finish(mut self, result: Result<StoreContents, StoreFailure>) {
        self.answer(result);
    }

    fn answer(&mut self, result: Result<StoreContents, StoreFailure>) {
        let Some(Receiver { rows, answer }) = self.0.take() else { return };
        let kept = match rows {
            Rows::Kept(kept) => kept,
            Rows::HandedOn(..) => Vec::new(),
        };
        answer(result.map(|mut contents| {
            drop(contents.registrations.splice(..0, kept));
            contents
        }));
    }
}

impl Drop for LoadCompletion {
    fn drop(&mut self) {
        self.answer(Err(StoreFailure::Dropped));
    }
}

impl fmt::Debug for LoadCompletion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoadCompletion")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_driver_that_takes_nothing_up_is_waited_for_and_one_that_does_is_not() {
        let (send, batches) = channel();
        let mut done = LoadCompletion::in_batches(move |batch| drop(send.send(batch)), |_| {});
        for _ in 0..3 {
            done.rows(Vec::new());
        }
        assert!(done.wait_for_driver(3, Duration::MAX));
        assert!(!done.wait_for_driver(2, Duration::ZERO), "three are on their way");
        let first = batches.recv().unwrap();
        assert!(!done.wait_for_driver(2, Duration::ZERO), "on its way until it is opened");
        assert_eq!(first.into_registrations(), []);
        assert!(done.wait_for_driver(2, Duration::MAX));
        // the driver is gone
        drop(batches);
        assert!(done.wait_for_driver(0, Duration::MAX));
    }
}
