//! What becomes of a file after a sync that failed.
//!
//! The system may then count pages as written that never reached the disk. It still shows them to readers,
//! until it needs their memory; nothing writes them again. A file that is written to over such pages is
//! whole for as long as the machine runs, and not after a power cut. So it is not written to any more: all of
//! it is read, written to a new file and that one given its name. What was acknowledged before is on the
//! disk until then, since the sync after it went well.
//!
//! Beside the store lies a file `NAME.anew` meanwhile, empty or half written. A process that finds it knows
//! that another one came no further.

use std::{io, path::PathBuf};

use background_sync::StoreOp;
use redb::{Database, ReadableDatabase, WriteTransaction};

use crate::{
    StoreReport,
    anew::{NotBuilt, build, copy},
    commit::apply,
    contained::{Fault, contained},
    digest::Digest,
    keeper::{Keeper, Trust},
    opened::Opened,
    place::NotOpened,
    rescue::keep_damaged,
    set_aside::{Rows, read_set_aside, write_set_aside},
    trouble::Trouble,
};

/// How often a file in doubt is read before it counts as damaged. The system may give up a page while it is
/// read, and show what the disk has in its place. A new look begins with every checksum, and finds the commit
/// before, which goes together.
pub(crate) const LOOKS: u32 = 5;

/// In what way a file does not hold what was acknowledged.
enum Short {
    /// It cannot be read.
    Unreadable(Fault),
    /// It holds something else.
    Another,
}

impl Keeper {
    /// The file is in doubt, unless more than that is known against it.
    pub(crate) fn doubt(&mut self, what: &str) {
        // first of all: closing the database takes time
        self.place.leave_in_doubt();
        match self.trust {
            Trust::Sound => {
                let detail =
                    if self.closed_after.is_empty() { String::new() } else { format!(": {}", self.closed_after) };
                self.trust = Trust::InDoubt { after: format!("{what}{detail}") };
            }
            Trust::InDoubt { .. } | Trust::Lost { .. } => {}
        }
        self.close();
    }

    /// What was acknowledged is not there any more.
    pub(crate) fn lose(&mut self, why: String) -> Trouble {
        self.place.leave_in_doubt();
        self.close();
        self.trust = Trust::Lost { why: why.clone(), kept: None };
        self.teller.count(|counters| &counters.contents_lost, 1);
        self.teller.report(StoreReport::ContentsLost { path: self.place.path.clone(), why: why.clone() });
        Trouble::ContentsLost(why)
    }

    /// Sees that the file can be trusted: one in doubt is replaced by a new one with everything that is in
    /// it. One that lost something is not to be mended; see [`Self::rewrite`].
    pub(crate) fn mend(&mut self) -> Result<(), Trouble> {
        let after = match &self.trust {
            Trust::Sound => return Ok(()),
            Trust::Lost { why, .. } => return Err(Trouble::ContentsLost(why.clone())),
            Trust::InDoubt { after } => after.clone(),
        };
        for _ in 1..LOOKS {
            let Err(_) = self.mend_once(&after)? else { return Ok(()) };
        }
        match self.mend_once(&after)? {
            Ok(()) => Ok(()),
            Err(short) => self.give_up(&after, short),
        }
    }

    /// One attempt: to read everything, and to write it to a new file.
    fn mend_once(&mut self, after: &str) -> Result<Result<(), Short>, Trouble> {
        let old = match self.database.take().map_or_else(|| self.place.open_unwritten(), Ok) {
            Ok(old) => old,
            Err(NotOpened::Fault(fault)) if is_unreadable(&fault) => return Ok(Err(Short::Unreadable(fault))),
            Err(not_opened) => return Err(self.not_opened(not_opened)),
        };
        let not_anew = |fault| Trouble::NotAnew { after: after.to_owned(), fault };
        let (new, copied) = match self.build_anew(Some(&old), |transaction| copy(&old, transaction)) {
            Ok(built) => built,
            Err(NotBuilt::Unreadable(fault)) => {
                self.teller.contain(|| drop(old));
                return Ok(Err(Short::Unreadable(fault)));
            }
            Err(NotBuilt::NotWritten(fault)) => {
                self.place.leave_in_doubt();
                self.teller.contain(|| drop(old));
                return Err(not_anew(fault));
            }
            Err(NotBuilt::Private) => return Err(Trouble::Private),
        };
        let digest = copied.digest;
        let mut old = Some(old);
        if !self.is_right(&mut old, digest) {
            self.give_away(new);
            self.teller.contain(|| drop(old));
            return Ok(Err(Short::Another));
        }
        let placed = self.put_in_place(new, digest);
        // it was locked until the name was the new one's, so that no other process had a hand in it
        self.teller.contain(|| drop(old));
        placed.map_err(not_anew)?;
        self.tell_anew(after.to_owned(), copied.records, None);
        Ok(Ok(()))
    }

    /// Whether what was copied is what it has to be. Where nobody knows what that is, all checksums are checked
    /// once more: a page that was given up before it was copied does not come back.
    fn is_right(&mut self, old: &mut Option<Opened>, digest: Digest) -> bool {
        if let Some(acknowledged) = self.acknowledged {
            return digest == acknowledged || self.refused == Some(digest);
        }
        let first = old.take();
        self.teller.contain(|| drop(first));
        let Ok(again) = self.place.open_unwritten() else { return false };
        let found = contained(|| Digest::of(&again.begin_read()?));
        *old = Some(again);
        found.is_ok_and(|found| found == digest)
    }

    /// Writes a new file. What was set aside in the old one is taken along.
    fn build_anew<T>(
        &self,
        old: Option<&Opened>,
        fill: impl FnOnce(&WriteTransaction) -> Result<T, NotBuilt>,
    ) -> Result<(Database, T), NotBuilt> {
        let aside = old.map_or_else(Rows::new, |old| read_set_aside(old));
        let path = self.place.anew();
        self.place.files.empty(&path).map_err(|error| NotBuilt::NotWritten(io_fault(error)))?;
        build(&self.place, &path, |transaction| {
            write_set_aside(transaction, &aside).map_err(NotBuilt::NotWritten)?;
            fill(transaction)
        })
    }

    /// Gives the new file the store's name, durably.
    fn put_in_place(&mut self, new: Database, digest: Digest) -> Result<(), Fault> {
        let placed = self.place.files.rename(&self.place.anew(), &self.place.path).map_err(io_fault).and_then(|()| {
            // after a crash the name may be the one's or the other's
            self.refused = Some(digest);
            self.place.sync_directory()
        });
        match placed {
            Ok(()) => {
                self.trust = Trust::Sound;
                self.hold(digest);
                self.closed_after.clear();
                self.database = Some(Opened::written(new));
                Ok(())
            }
            Err(fault) => {
                self.note_failed_sync("a sync of its directory failed");
                self.give_away(new);
                Err(fault)
            }
        }
    }

    /// Closes a new file that is not gone on with. Whether it is synced is no matter.
    fn give_away(&mut self, new: Database) {
        self.teller.contain(|| drop(new));
        self.place.failures.take();
    }

    fn tell_anew(&mut self, after: String, records: u64, moved_to: Option<PathBuf>) {
        self.teller.count(|counters| &counters.written_anew, 1);
        self.teller.report(StoreReport::WrittenAnew { path: self.place.path.clone(), after, records, moved_to });
    }

    /// The file in doubt does not hold what was acknowledged. If there is nothing that it is known to have held,
    /// it is a damaged file like any other.
    fn give_up(&mut self, after: &str, short: Short) -> Result<(), Trouble> {
        let fault = match short {
            Short::Unreadable(fault) => fault,
            Short::Another => Fault::Redb(redb::Error::Corrupted("what can be read since is something else".into())),
        };
        if self.acknowledged.is_some() {
            self.teller.note_panic(&fault);
            return Err(self.lose(format!("{after}; {fault}")));
        }
        self.rescue(&fault).map_err(Trouble::NotOpened)?;
        self.trust = Trust::Sound;
        self.place.leave_no_doubt();
        match self.place.open() {
            Ok(database) => {
                self.database = Some(database);
                Ok(())
            }
            Err(not_opened) => Err(self.not_opened(not_opened)),
        }
    }

    /// Replaces everything by what these operations put, in a new file, whatever became of the old one. What
    /// was set aside is taken along if it can be read.
    pub(crate) fn rewrite(&mut self, ops: &[StoreOp]) -> Result<(), Trouble> {
        self.close();
        let (old, damaged) = match self.place.open_unwritten() {
            Ok(old) => (Some(old), false),
            Err(NotOpened::Fault(fault)) if is_unreadable(&fault) => (None, fault.is_damage()),
            Err(not_opened) => return Err(self.not_opened(not_opened)),
        };
        let after = match &self.trust {
            Trust::Sound => "it was given everything anew".to_owned(),
            Trust::InDoubt { after: why } | Trust::Lost { why, .. } => why.clone(),
        };
        let rewritten = self.rewritten(old.as_ref(), damaged, ops);
        match (&rewritten, &self.trust) {
            (Ok(moved_to), _) => self.tell_anew(after, ops.len() as u64, moved_to.clone()),
            (Err(_), Trust::Sound) => self.place.leave_no_doubt(),
            (Err(_), Trust::InDoubt { .. } | Trust::Lost { .. }) => self.place.leave_in_doubt(),
        }
        // locked until here, so that no other process had a hand in it
        self.teller.contain(|| drop(old));
        rewritten.map(drop)
    }

    /// Where the old file is now, if it was kept.
    fn rewritten(&mut self, old: Option<&Opened>, damaged: bool, ops: &[StoreOp]) -> Result<Option<PathBuf>, Trouble> {
        let built = self.build_anew(old, |transaction| Ok(apply(transaction, ops, Digest::default())?));
        let (new, digest) = built.map_err(|not_built| match not_built {
            NotBuilt::Private => Trouble::Private,
            NotBuilt::Unreadable(fault) | NotBuilt::NotWritten(fault) => Trouble::Fault(fault),
        })?;
        let moved_to = match damaged.then(|| self.keep_damaged()).transpose() {
            Ok(moved_to) => moved_to,
            Err(trouble) => {
                self.give_away(new);
                return Err(trouble);
            }
        };
        self.put_in_place(new, digest).map_err(Trouble::Fault)?;
        Ok(moved_to)
    }

    /// Keeps a file that cannot be read, once: the next attempt meets the same one.
    fn keep_damaged(&mut self) -> Result<PathBuf, Trouble> {
        if let Trust::Lost { kept: Some(kept), .. } = &self.trust {
            return Ok(kept.clone());
        }
        let to = keep_damaged(&self.place).map_err(Trouble::NotOpened)?;
        self.teller.count(|counters| &counters.moved_aside, 1);
        if let Trust::Lost { kept, .. } = &mut self.trust {
            *kept = Some(to.clone());
        }
        Ok(to)
    }
}

/// Whether a file cannot be read any more, which another try does not change.
fn is_unreadable(fault: &Fault) -> bool {
    fault.is_damage() || matches!(fault, Fault::Redb(redb::Error::Io(_)))
}

fn io_fault(error: io::Error) -> Fault {
    Fault::Redb(redb::Error::Io(error))
}
