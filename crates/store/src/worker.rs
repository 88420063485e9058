use std::{
    fmt,
    sync::{Arc, mpsc::Receiver},
};

use background_sync::{CommitCompletion, LoadCompletion, StoreContents, StoreFailure, StoreOp};
use redb::{Database, ReadableDatabase};

use crate::{
    OpenError, StoreReport,
    commit::{NotCommitted, commit, rewrite},
    contained::{Fault, contained},
    error::is_no_room,
    place::{NotOpened, Place},
    rescue::rescue,
    scan::Found,
    set_aside::set_aside,
    stats::{Counters, count},
};

/// Is told what happens, on the store's thread.
pub(crate) type Sink = Box<dyn FnMut(StoreReport) + Send>;

/// What the store's thread is asked to do.
pub(crate) enum Job {
    Load(LoadCompletion),
    Commit(Vec<StoreOp>, CommitCompletion),
    Rewrite(Vec<StoreOp>, CommitCompletion),
}

/// The store's thread: the only one that touches the database.
pub(crate) struct Worker {
    place: Place,
    /// `None` after a fault, until it is needed again.
    database: Option<Database>,
    /// What the database was closed for.
    closed_after: String,
    /// Rows a rescue lost that no load has told of yet.
    lost_in_rescue: u64,
    sink: Sink,
    counters: Arc<Counters>,
}

/// One way of writing operations.
type Write = fn(&Database, &[StoreOp]) -> Result<(), NotCommitted>;

/// Why something could not be done.
enum Trouble {
    NotOpened(OpenError),
    Fault(Fault),
    Private,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpened(error) => error.fmt(f),
            Self::Fault(Fault::Redb(redb::Error::Io(error))) if is_no_room(error) => {
                f.write_str("there is no room; free some space on its disk or in the quota, then try again")
            }
            Self::Fault(fault) => fault.fmt(f),
            Self::Private => f.write_str("a record of a private partition must not reach the disk; keep it in memory"),
        }
    }
}

impl Worker {
    /// Opens the place, rescuing what is there if it is damaged.
    pub(crate) fn open(place: Place, sink: Sink, counters: Arc<Counters>) -> Result<Self, OpenError> {
        let closed_after = String::new();
        let mut worker = Self { place, database: None, closed_after, lost_in_rescue: 0, sink, counters };
        worker.database = Some(worker.open_or_rescue()?);
        Ok(worker)
    }

    /// Works until the last sender is gone and everything it sent is done.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        for job in jobs {
            match job {
                Job::Load(done) => {
                    let result = self.load().map_err(|trouble| self.failure("read", &trouble));
                    self.contain(|| done.finish(result));
                }
                Job::Commit(ops, done) => self.write(&ops, commit, done),
                Job::Rewrite(ops, done) => self.write(&ops, rewrite, done),
            }
        }
        self.close();
    }

    fn failure(&self, what: &str, trouble: &Trouble) -> StoreFailure {
        StoreFailure::Failed(format!("the store {} could not be {what}: {trouble}", self.place.path.display()))
    }

    fn load(&mut self) -> Result<StoreContents, Trouble> {
        let found = match self.scan() {
            Err(Trouble::Fault(fault)) if fault.is_damage() => {
                self.rescue(&fault).map_err(Trouble::NotOpened)?;
                self.scan()?
            }
            result => result?,
        };
        if !found.is_sound() {
            self.put_right(&found);
        }
        let lost = found.lost().saturating_add(std::mem::take(&mut self.lost_in_rescue));
        Ok(StoreContents { lost, ..found.contents })
    }

    fn scan(&mut self) -> Result<Found, Trouble> {
        self.with_database(|database| {
            let mut found = Found::default();
            found.read(&database.begin_read()?)?;
            Ok(found)
        })
    }

    /// Damage is no reason to fail a load, nor is it one that nothing can be written.
    fn put_right(&mut self, found: &Found) {
        if let Err(trouble) = self.with_database(|database| set_aside(database, found)) {
            self.report(StoreReport::NotSetAside { why: trouble.to_string() });
            return;
        }
        count(&self.counters.set_aside, found.damaged.len() as u64);
        for damaged in &found.damaged {
            self.report(StoreReport::SetAside { record: damaged.at.to_string(), why: damaged.why.clone() });
        }
        let rows = found.missing();
        if rows > 0 {
            count(&self.counters.missing, rows);
            self.report(StoreReport::Missing { rows });
        }
    }

    fn write(&mut self, ops: &[StoreOp], how: Write, done: CommitCompletion) {
        let outcome = self.with_database(|database| match how(database, ops) {
            Ok(()) => Ok(Ok(())),
            Err(NotCommitted::Private) => Ok(Err(Trouble::Private)),
            Err(NotCommitted::Fault(fault)) => Err(fault),
        });
        let result = outcome.and_then(std::convert::identity).map_err(|trouble| self.failure("written", &trouble));
        count(if result.is_ok() { &self.counters.commits } else { &self.counters.failed_commits }, 1);
        self.contain(|| done.finish(result));
    }

    /// Does `work` on the database, opening it if it is closed. After a fault it is closed: redb refuses
    /// all work after an I/O error until then, and what it holds in memory after a panic is not trusted.
    fn with_database<T>(&mut self, work: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, Trouble> {
        let database = self.opened().map_err(Trouble::NotOpened)?;
        match contained(|| work(database)) {
            Ok(result) => Ok(result),
            Err(fault) => {
                self.note_panic(&fault);
                self.closed_after = fault.to_string();
                self.close();
                Err(Trouble::Fault(fault))
            }
        }
    }

    fn opened(&mut self) -> Result<&Database, OpenError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => {
                let database = self.open_or_rescue()?;
                count(&self.counters.reopened, 1);
                let after = std::mem::take(&mut self.closed_after);
                self.report(StoreReport::Reopened { after });
                database
            }
        };
        Ok(self.database.insert(database))
    }

    fn open_or_rescue(&mut self) -> Result<Database, OpenError> {
        match self.place.open() {
            Ok(database) => return Ok(database),
            Err(NotOpened::Refused(error)) => return Err(error),
            Err(NotOpened::Fault(fault)) if fault.is_damage() => self.rescue(&fault)?,
            Err(NotOpened::Fault(fault)) => return Err(self.not_opened(fault)),
        }
        match self.place.open() {
            Ok(database) => Ok(database),
            Err(NotOpened::Refused(error)) => Err(error),
            Err(NotOpened::Fault(fault)) => Err(self.not_opened(fault)),
        }
    }

    fn not_opened(&mut self, fault: Fault) -> OpenError {
        self.note_panic(&fault);
        match fault {
            Fault::Redb(error) => OpenError::from_redb(&self.place.path, &error),
            Fault::Panicked(_) => OpenError::Failed { path: self.place.path.clone(), why: fault.to_string() },
        }
    }

    fn rescue(&mut self, fault: &Fault) -> Result<(), OpenError> {
        self.note_panic(fault);
        self.close();
        let moved = rescue(&self.place)?;
        for panic in &moved.panics {
            self.note_panic(panic);
        }
        self.lost_in_rescue = self.lost_in_rescue.saturating_add(moved.lost);
        count(&self.counters.moved_aside, 1);
        self.report(StoreReport::MovedAside {
            path: self.place.path.clone(),
            to: moved.to,
            why: fault.to_string(),
            kept: moved.kept,
            lost: moved.lost,
        });
        Ok(())
    }

    fn close(&mut self) {
        let database = self.database.take();
        self.contain(|| drop(database));
    }

    fn note_panic(&mut self, fault: &Fault) {
        if let Fault::Panicked(message) = fault {
            count(&self.counters.panics_contained, 1);
            self.report(StoreReport::PanicContained { message: message.clone() });
        }
    }

    /// Runs what is not this crate's and must not end the thread.
    fn contain(&mut self, work: impl FnOnce()) {
        let result = contained(|| {
            work();
            Ok(())
        });
        if let Err(fault) = result {
            self.note_panic(&fault);
        }
    }

    /// Tells the sink. One that panics has had its say.
    fn report(&mut self, report: StoreReport) {
        let sink = &mut self.sink;
        let told = contained(|| {
            sink(report);
            Ok(())
        });
        if told.is_err() {
            count(&self.counters.panics_contained, 1);
        }
    }
}
