use std::{
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    thread::{self, JoinHandle},
};

use crate::{
    OpenError,
    desk::{Desk, Hurry},
    job::Job,
    place::Place,
    stats::Counters,
    teller::Sink,
};

/// A thread that does what the store is asked, one after the other.
pub(crate) struct OwnThread {
    /// `None` only while being dropped.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl OwnThread {
    /// Opens the place on the new thread.
    pub(crate) fn open(place: Place, sink: Sink, counters: Arc<Counters>, hurry: Hurry) -> Result<Self, OpenError> {
        let path = place.path.clone();
        let (jobs, received) = channel();
        let (opened, answer) = channel();
        let work = move || match Desk::open(place, sink, counters, hurry) {
            Ok(mut desk) => {
                if opened.send(Ok(())).is_ok() {
                    // until the last sender is gone and everything it sent is done
                    received.into_iter().for_each(|job| desk.work(job));
                }
            }
            // nobody waits any more if this cannot be sent
            Err(error) => drop(opened.send(Err(error))),
        };
        let failed = |why: String| OpenError::Failed { path, why };
        let thread = match thread::Builder::new().name("background-sync-store".into()).spawn(work) {
            Ok(thread) => thread,
            Err(error) => return Err(failed(format!("no thread could be started for it: {error}"))),
        };
        match answer.recv() {
            Ok(Ok(())) => Ok(Self { jobs: Some(jobs), thread: Some(thread) }),
            Ok(Err(error)) => {
                // the lock on the file, if it had one, is gone when this returns
                drop(thread.join());
                Err(error)
            }
            Err(_) => Err(failed("its thread ended without a word".into())),
        }
    }

    pub(crate) fn give(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            drop(jobs.send(job));
        }
    }
}

impl Drop for OwnThread {
    fn drop(&mut self) {
        drop(self.jobs.take());
        // a completion may drop the store on its own thread, which cannot wait for itself
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            drop(thread.join());
        }
    }
}
