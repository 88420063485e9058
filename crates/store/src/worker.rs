use std::sync::{Arc, mpsc::Receiver};

use background_sync::{CommitCompletion, LoadCompletion, StoreContents, StoreFailure, StoreOp};
use redb::ReadableDatabase;

use crate::{
    OpenError, StoreReport,
    commit::commit,
    keeper::{Keeper, Trust},
    mend::LOOKS,
    place::Place,
    scan::Found,
    set_aside::set_aside,
    stats::Counters,
    teller::{Sink, Teller},
    trouble::Trouble,
};

/// What the store's thread is asked to do.
pub(crate) enum Job {
    Load(LoadCompletion),
    Commit(Vec<StoreOp>, CommitCompletion),
    Rewrite(Vec<StoreOp>, CommitCompletion),
}

/// The store's thread: the only one that touches the database.
pub(crate) struct Worker {
    keeper: Keeper,
}

impl Worker {
    /// Opens the place, rescuing what is there if it is damaged.
    pub(crate) fn open(place: Place, sink: Sink, counters: Arc<Counters>) -> Result<Self, OpenError> {
        Ok(Self { keeper: Keeper::open(place, Teller::new(sink, counters))? })
    }

    /// Works until the last sender is gone and everything it sent is done.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        for job in jobs {
            match job {
                Job::Load(done) => {
                    let result = self.load().map_err(|trouble| self.failure("read", trouble));
                    self.keeper.teller.contain(|| done.finish(result));
                }
                Job::Commit(ops, done) => {
                    let written = self.keeper.write(|database, before, after| commit(database, &ops, before, after));
                    self.answer(written, done);
                }
                Job::Rewrite(ops, done) => {
                    let written = self.keeper.rewrite(&ops);
                    self.answer(written, done);
                }
            }
        }
        self.keeper.finish();
    }

    fn answer(&mut self, written: Result<(), Trouble>, done: CommitCompletion) {
        let teller = &mut self.keeper.teller;
        teller.count(|counters| if written.is_ok() { &counters.commits } else { &counters.failed_commits }, 1);
        let result = written.map_err(|trouble| self.failure("written", trouble));
        self.keeper.teller.contain(|| done.finish(result));
    }

    fn failure(&self, what: &str, trouble: Trouble) -> StoreFailure {
        let why = format!("the store {} could not be {what}: {trouble}", self.keeper.place.path.display());
        match trouble {
            Trouble::ContentsLost(_) => StoreFailure::ContentsLost(why),
            Trouble::NotOpened(_) | Trouble::Fault(_) | Trouble::Private | Trouble::NotAnew { .. } => {
                StoreFailure::Failed(why)
            }
        }
    }

    fn load(&mut self) -> Result<StoreContents, Trouble> {
        let mut scanned = self.scan();
        // One in doubt is read until it reads the same twice: a page that the system gave up meanwhile does not
        // come back, and each opening checks every checksum.
        for _ in 1..LOOKS {
            if self.keeper.trust == Trust::Sound {
                break;
            }
            self.keeper.close();
            let again = self.scan();
            let first = std::mem::replace(&mut scanned, again);
            if matches!((&first, &scanned), (Ok(first), Ok(again)) if first.digest == again.digest) {
                break;
            }
        }
        let found = match scanned {
            Err(Trouble::Fault(fault)) if fault.is_damage() && self.keeper.trust == Trust::Sound => {
                self.keeper.rescue(&fault).map_err(Trouble::NotOpened)?;
                self.scan()?
            }
            result => result?,
        };
        if !found.is_sound() {
            self.put_right(&found);
        }
        let lost = found.lost().saturating_add(std::mem::take(&mut self.keeper.lost_in_rescue));
        Ok(StoreContents { lost, ..found.contents })
    }

    /// Reads everything. Whoever asked knows then what there is, and the next commit builds on that.
    fn scan(&mut self) -> Result<Found, Trouble> {
        let found = self.keeper.read(|database| {
            let mut found = Found::default();
            found.read(&database.begin_read()?)?;
            Ok(found)
        })?;
        self.keeper.hold(found.digest);
        Ok(found)
    }

    /// Damage is no reason to fail a load, nor is it one that nothing can be written.
    fn put_right(&mut self, found: &Found) {
        let put_right = self.keeper.write(|database, before, after| Ok(set_aside(database, found, before, after)?));
        let teller = &mut self.keeper.teller;
        if let Err(trouble) = put_right {
            teller.report(StoreReport::NotSetAside { why: trouble.to_string() });
            return;
        }
        teller.count(|counters| &counters.set_aside, found.damaged.len() as u64);
        for damaged in &found.damaged {
            teller.report(StoreReport::SetAside { record: damaged.at.to_string(), why: damaged.why.clone() });
        }
        let rows = found.missing();
        if rows > 0 {
            teller.count(|counters| &counters.missing, rows);
            teller.report(StoreReport::Missing { rows });
        }
    }
}
