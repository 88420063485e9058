use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use background_sync::LoadCompletion;

use crate::{
    OpenError,
    desk::{Desk, Hurry},
    job::Job,
    place::Place,
    stats::Counters,
    teller::Sink,
};

/// Does what the store is asked on the thread that asks, but for a load.
pub(crate) struct OnCaller {
    desk: Whereabouts,
    hurry: Hurry,
}

enum Whereabouts {
    Here(Box<Desk>),
    /// With the thread that loads.
    Loading(JoinHandle<Option<Box<Desk>>>),
    /// It was lost with that thread.
    Gone,
}

impl OnCaller {
    pub(crate) fn open(place: Place, sink: Sink, counters: Arc<Counters>, hurry: Hurry) -> Result<Self, OpenError> {
        let desk = Desk::open(place, sink, counters, hurry.clone())?;
        Ok(Self { desk: Whereabouts::Here(Box::new(desk)), hurry })
    }

    pub(crate) fn give(&mut self, job: Job) {
        let Some(mut desk) = self.take() else { return };
        self.desk = match job {
            Job::Load(done) => self.load(desk, done),
            job @ (Job::Commit(..) | Job::Rewrite(..)) => {
                desk.work(job);
                Whereabouts::Here(desk)
            }
        };
    }

    /// The desk, once it is back from a load.
    fn take(&mut self) -> Option<Box<Desk>> {
        match std::mem::replace(&mut self.desk, Whereabouts::Gone) {
            Whereabouts::Here(desk) => Some(desk),
            Whereabouts::Loading(thread) => {
                // it may wait for the very thread that waits here
                self.hurry.set(true);
                let desk = join(thread);
                self.hurry.set(false);
                desk
            }
            Whereabouts::Gone => None,
        }
    }

    fn load(&self, desk: Box<Desk>, done: LoadCompletion) -> Whereabouts {
        let work = Arc::new(Mutex::new(Some((desk, done))));
        let theirs = work.clone();
        let spawned = thread::Builder::new().name("background-sync-load".into()).spawn(move || load(&theirs));
        match spawned {
            Ok(thread) => Whereabouts::Loading(thread),
            Err(_no_thread) => {
                self.hurry.set(true);
                let desk = load(&work);
                self.hurry.set(false);
                desk.map_or(Whereabouts::Gone, Whereabouts::Here)
            }
        }
    }
}

fn load(work: &Mutex<Option<(Box<Desk>, LoadCompletion)>>) -> Option<Box<Desk>> {
    let (mut desk, done) = work.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    desk.work(Job::Load(done));
    Some(desk)
}

/// A completion may drop the store on the thread that loads, which cannot wait for itself: the desk ends with it.
fn join(thread: JoinHandle<Option<Box<Desk>>>) -> Option<Box<Desk>> {
    if thread.thread().id() == thread::current().id() { None } else { thread.join().ok().flatten() }
}

impl Drop for OnCaller {
    fn drop(&mut self) {
        drop(self.take());
    }
}
