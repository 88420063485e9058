use std::{convert::identity, path::PathBuf};

use redb::{Database, ReadableDatabase};

use crate::{
    OpenError, StoreReport,
    commit::NotCommitted,
    contained::{Fault, contained},
    digest::Digest,
    opened::Opened,
    place::{NotOpened, Place},
    rescue::rescue,
    teller::Teller,
    trouble::Trouble,
};

/// The file, and what is known of it. Opens it when it is needed and closes it after a fault.
///
/// How a file in doubt is mended, and what else is written to a new one, is in [`crate::mend`].
pub(crate) struct Keeper {
    pub(crate) place: Place,
    /// `None` after a fault, until it is needed again. While the file is in doubt it is one that is not
    /// written ([`Place::open_unwritten`]).
    pub(crate) database: Option<Opened>,
    /// What the database was closed for.
    pub(crate) closed_after: String,
    pub(crate) trust: Trust,
    /// What the file holds as far as anybody was told; `None` until it was read.
    pub(crate) acknowledged: Option<Digest>,
    /// What it would hold with the batch that failed last, which may be in it all the same.
    pub(crate) refused: Option<Digest>,
    /// Whether the database, as it was opened, is known to hold what was acknowledged.
    pub(crate) settled: bool,
    /// Rows a rescue lost that no load has told of yet.
    pub(crate) lost_in_rescue: u64,
    pub(crate) teller: Teller,
}

/// What a file is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// What is written to it and synced is on the disk.
    Sound,
    /// A sync failed, so what can be read of it may not be on the disk. It is not written any more.
    InDoubt {
        /// What failed.
        after: String,
    },
    /// It holds something else than was acknowledged.
    Lost {
        /// How that is known.
        why: String,
        /// Its second name, if it could not be read and has one already.
        kept: Option<PathBuf>,
    },
}

/// What a batch does to the database: from the digest before, the one after as soon as it may be durable.
type Written = Result<(), NotCommitted>;

impl Keeper {
    /// Opens the place, rescuing what is there if it is damaged.
    pub(crate) fn open(place: Place, teller: Teller) -> Result<Self, OpenError> {
        let trust = match place.was_left_in_doubt() {
            true => Trust::InDoubt { after: "a sync that failed, or a crash, before it was last closed".into() },
            false => Trust::Sound,
        };
        let mut keeper = Self {
            place,
            database: None,
            closed_after: String::new(),
            trust,
            acknowledged: None,
            refused: None,
            settled: false,
            lost_in_rescue: 0,
            teller,
        };
        if keeper.trust == Trust::Sound {
            // A process that was killed may have given the file its name and not made that durable. A failure
            // is noted.
            drop(keeper.place.sync_directory());
            let opened = keeper.open_or_rescue();
            if !keeper.note_failed_sync("a sync failed while it was opened") {
                keeper.database = Some(opened?);
                return Ok(keeper);
            }
            keeper.teller.contain(|| drop(opened));
        }
        match keeper.mend() {
            // what can be read can be loaded, and a commit tries again
            Ok(()) | Err(Trouble::NotAnew { .. }) => Ok(keeper),
            Err(Trouble::NotOpened(error)) => Err(error),
            Err(trouble @ (Trouble::Fault(_) | Trouble::Private | Trouble::ContentsLost(_))) => {
                Err(OpenError::Failed { path: keeper.place.path, why: trouble.to_string() })
            }
        }
    }

    /// Reads from the database: from one in doubt, if it cannot be mended just now.
    pub(crate) fn read<T>(&mut self, work: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, Trouble> {
        let database = self.readable()?;
        let outcome = contained(|| work(&database));
        self.put_back(database, outcome)
    }

    /// Writes a batch. When this returns `Ok` it is on the disk, and everything before it.
    pub(crate) fn write(
        &mut self,
        work: impl FnOnce(&Database, Digest, &mut Option<Digest>) -> Written,
    ) -> Result<(), Trouble> {
        let before = self.settle()?;
        let mut after = None;
        let database = self.writable()?;
        let outcome = contained(|| match work(&database, before, &mut after) {
            Ok(()) => Ok(Ok(())),
            Err(NotCommitted::Private) => Ok(Err(Trouble::Private)),
            Err(NotCommitted::Fault(fault)) => Err(fault),
        });
        let trouble = match self.put_back(database, outcome).and_then(identity) {
            Ok(()) => {
                self.acknowledged = after;
                return Ok(());
            }
            Err(Trouble::Private) => return Err(Trouble::Private),
            Err(trouble) => trouble,
        };
        self.refused = after;
        match self.mend() {
            // The new file may have the batch in it.
            Ok(()) if after.is_some() && self.settled && self.acknowledged == after => Ok(()),
            Err(lost @ Trouble::ContentsLost(_)) => Err(lost),
            Ok(()) | Err(_) => Err(trouble),
        }
    }

    /// The digest of what the database holds, which is what was acknowledged.
    fn settle(&mut self) -> Result<Digest, Trouble> {
        let database = self.writable()?;
        if let (true, Some(digest)) = (self.settled, self.acknowledged) {
            self.database = Some(database);
            return Ok(digest);
        }
        let outcome = contained(|| Digest::of(&database.begin_read()?));
        let found = self.put_back(database, outcome)?;
        if self.acknowledged.is_some_and(|digest| digest != found && self.refused != Some(found)) {
            return Err(self.lose("it was opened again and holds something else".into()));
        }
        self.hold(found);
        Ok(found)
    }

    /// What was read is what was acknowledged, from now on.
    pub(crate) fn hold(&mut self, found: Digest) {
        self.acknowledged = Some(found);
        self.refused = None;
        self.settled = true;
    }

    /// Takes the database back after work on it. After a fault it is closed: redb refuses all work after an
    /// I/O error until then, and what it holds in memory after a panic is not trusted.
    fn put_back<T>(&mut self, database: Opened, outcome: Result<T, Fault>) -> Result<T, Trouble> {
        self.database = Some(database);
        let outcome = outcome.map_err(|fault| {
            self.teller.note_panic(&fault);
            self.closed_after = fault.to_string();
            Trouble::Fault(fault)
        });
        let failed = self.note_failed_sync("a sync failed");
        match outcome {
            Ok(_) if failed => Err(Trouble::Fault(Fault::Redb(redb::Error::PreviousIo))),
            Ok(done) => Ok(done),
            Err(trouble) => {
                self.close();
                Err(trouble)
            }
        }
    }

    fn readable(&mut self) -> Result<Opened, Trouble> {
        match self.trust {
            Trust::Sound => return self.writable(),
            // If it cannot be mended it can still be read.
            Trust::InDoubt { .. } => drop(self.mend()),
            Trust::Lost { .. } => {}
        }
        match self.database.take() {
            Some(database) => Ok(database),
            None => self.place.open_unwritten().map_err(|not_opened| self.not_opened(not_opened)),
        }
    }

    /// The database, opened if it is closed, of a file that can be trusted with what is written to it.
    fn writable(&mut self) -> Result<Opened, Trouble> {
        self.mend()?;
        if let Some(database) = self.database.take() {
            return Ok(database);
        }
        let opened = self.open_or_rescue();
        if self.note_failed_sync("a sync failed while it was opened again") {
            self.teller.contain(|| drop(opened));
            self.mend()?;
            return self.database.take().ok_or(Trouble::Fault(Fault::Redb(redb::Error::DatabaseClosed)));
        }
        let database = opened.map_err(Trouble::NotOpened)?;
        self.settled = false;
        self.teller.count(|counters| &counters.reopened, 1);
        let after = std::mem::take(&mut self.closed_after);
        self.teller.report(StoreReport::Reopened { after });
        Ok(database)
    }

    fn open_or_rescue(&mut self) -> Result<Opened, OpenError> {
        match self.place.open() {
            Ok(database) => return Ok(database),
            Err(NotOpened::Fault(fault)) if fault.is_damage() => self.rescue(&fault)?,
            Err(not_opened) => return Err(self.open_error(not_opened)),
        }
        self.place.open().map_err(|not_opened| self.open_error(not_opened))
    }

    pub(crate) fn not_opened(&mut self, not_opened: NotOpened) -> Trouble {
        Trouble::NotOpened(self.open_error(not_opened))
    }

    fn open_error(&mut self, not_opened: NotOpened) -> OpenError {
        let fault = match not_opened {
            NotOpened::Refused(error) => return error,
            NotOpened::Fault(fault) => fault,
        };
        self.teller.note_panic(&fault);
        match fault {
            Fault::Redb(error) => OpenError::from_redb(&self.place.path, &error),
            Fault::Panicked(_) => OpenError::Failed { path: self.place.path.clone(), why: fault.to_string() },
        }
    }

    /// Moves a damaged file aside and takes over into a new one what can be read of it.
    pub(crate) fn rescue(&mut self, fault: &Fault) -> Result<(), OpenError> {
        self.teller.note_panic(fault);
        self.close();
        let moved = rescue(&self.place)?;
        for panic in &moved.panics {
            self.teller.note_panic(panic);
        }
        self.settled = false;
        self.lost_in_rescue = self.lost_in_rescue.saturating_add(moved.lost);
        self.teller.count(|counters| &counters.moved_aside, 1);
        self.teller.report(StoreReport::MovedAside {
            path: self.place.path.clone(),
            to: moved.to,
            why: fault.to_string(),
            kept: moved.kept,
            lost: moved.lost,
        });
        Ok(())
    }

    /// Closes the database for good. Of a sync that fails now nobody else would hear.
    pub(crate) fn finish(&mut self) {
        self.close();
        drop(self.mend());
        self.close();
    }

    pub(crate) fn close(&mut self) {
        let database = self.database.take();
        self.settled = false;
        self.teller.contain(|| drop(database));
        self.note_failed_sync("a sync failed while it was closed");
    }

    /// Looks whether a sync failed. From then on the file is in doubt.
    pub(crate) fn note_failed_sync(&mut self, what: &str) -> bool {
        let failed = self.place.failures.take();
        if failed {
            self.doubt(what);
        }
        failed
    }
}
