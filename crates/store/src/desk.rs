use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use background_sync::{
    CommitCompletion, LoadCompletion, StoreContents, StoreFailure, registration::StoredRegistration,
};
use redb::ReadableDatabase;

use crate::{
    OpenError, StoreReport,
    commit::commit,
    contained::contained,
    job::Job,
    keeper::{Keeper, Trust},
    mend::LOOKS,
    place::Place,
    scan::Found,
    set_aside::set_aside,
    stats::Counters,
    teller::{Sink, Teller},
    trouble::Trouble,
};

/// Batches of a load that may be on their way at once.
const MOST_ON_THEIR_WAY: usize = 32;
/// How long a load waits for the driver before it looks whether it should.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Says that nothing waits for the driver any more, which itself waits for the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hurry(Arc<AtomicBool>);

impl Hurry {
    pub(crate) fn set(&self, hurry: bool) {
        self.0.store(hurry, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Does what the store is asked, on whichever thread, and calls the completions.
pub(crate) struct Desk {
    keeper: Keeper,
    hurry: Hurry,
}

impl Desk {
    /// Opens the place, rescuing what is there if it is damaged.
    pub(crate) fn open(place: Place, sink: Sink, counters: Arc<Counters>, hurry: Hurry) -> Result<Self, OpenError> {
        Ok(Self { keeper: Keeper::open(place, Teller::new(sink, counters))?, hurry })
    }

    /// Never a load on the driver's thread without [`Hurry`]: it waits for the driver to take up what it reads.
    pub(crate) fn work(&mut self, job: Job) {
        match job {
            Job::Load(done) => self.load(done),
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

    fn load(&mut self, mut done: LoadCompletion) {
        let result = self.read(&mut done).map_err(|trouble| self.failure("read", trouble));
        self.keeper.teller.contain(|| done.finish(result));
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

    fn read(&mut self, done: &mut LoadCompletion) -> Result<StoreContents, Trouble> {
        let found = if self.keeper.trust == Trust::Sound { self.read_sound(done)? } else { self.read_in_doubt()? };
        if !found.is_sound() {
            self.put_right(&found);
        }
        let lost = found.lost().saturating_add(std::mem::take(&mut self.keeper.lost_in_rescue));
        Ok(found.contents.with(|it| it.lost = lost))
    }

    /// Hands rows over as they are read. If that comes to nothing half way, the load fails and the next one begins
    /// anew.
    fn read_sound(&mut self, done: &mut LoadCompletion) -> Result<Found, Trouble> {
        let (hurry, mut handed_over, mut panicked) = (self.hurry.clone(), false, None);
        let scanned = self.scan(Some(&mut |rows| {
            handed_over = true;
            // A panic of the driver's must not pass for one of redb.
            let handed = contained(|| {
                done.rows(rows);
                Ok(())
            });
            panicked = handed.err().or(panicked.take());
            while !hurry.is_set() && !done.wait_for_driver(MOST_ON_THEIR_WAY, LOOK_EVERY) {}
        }));
        if let Some(panic) = panicked {
            self.keeper.teller.note_panic(&panic);
            return Err(Trouble::Fault(panic));
        }
        match scanned {
            Ok(found) => Ok(found),
            Err(trouble) if handed_over => self.rescue_after(trouble).and_then(Err),
            Err(trouble) => {
                self.rescue_after(trouble)?;
                self.scan(None)
            }
        }
    }

    /// A file in doubt is read until it reads the same twice: a page that the system gave up meanwhile does not
    /// come back, and each opening checks every checksum. Nothing is handed over before.
    fn read_in_doubt(&mut self) -> Result<Found, Trouble> {
        let mut scanned = self.scan(None);
        for _ in 1..LOOKS {
            if self.keeper.trust == Trust::Sound {
                break;
            }
            self.keeper.close();
            let again = self.scan(None);
            let first = std::mem::replace(&mut scanned, again);
            if matches!((&first, &scanned), (Ok(first), Ok(again)) if first.digest == again.digest) {
                break;
            }
        }
        match scanned {
            Ok(found) => Ok(found),
            Err(trouble) => {
                self.rescue_after(trouble)?;
                self.scan(None)
            }
        }
    }

    /// Rescues a file that turned out to be damaged, which opening it did not show. Gives the trouble back then;
    /// any other is an error as before.
    fn rescue_after(&mut self, trouble: Trouble) -> Result<Trouble, Trouble> {
        match trouble {
            Trouble::Fault(fault) if fault.is_damage() && self.keeper.trust == Trust::Sound => {
                self.keeper.rescue(&fault).map_err(Trouble::NotOpened)?;
                Ok(Trouble::Fault(fault))
            }
            trouble => Err(trouble),
        }
    }

    /// Reads everything. Whoever asked knows then what there is, and the next commit builds on that.
    fn scan(&mut self, hand_over: Option<&mut dyn FnMut(Vec<StoredRegistration>)>) -> Result<Found, Trouble> {
        let found = self.keeper.read(|database| {
            let mut found = Found::default();
            found.read_in_batches(&database.begin_read()?, hand_over)?;
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

impl Drop for Desk {
    fn drop(&mut self) {
        self.keeper.finish();
    }
}
