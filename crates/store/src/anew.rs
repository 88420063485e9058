//! Writing a store to a new file, which then takes the old one's name.

use std::path::Path;

use redb::{Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use crate::{
    commit::{NotCommitted, begin, make_tables},
    contained::{Fault, contained},
    digest::{Digest, Kind},
    layout::{BUDGETS, META, PROFILE_KEY, REGISTRATIONS},
    place::Place,
};

/// What keeps a new file from being written.
#[derive(Debug)]
pub(crate) enum NotBuilt {
    /// What should be in it cannot be read.
    Unreadable(Fault),
    /// It can be read, and the new file not written.
    NotWritten(Fault),
    /// It holds a record of a private partition.
    Private,
}

impl From<NotCommitted> for NotBuilt {
    fn from(error: NotCommitted) -> Self {
        match error {
            NotCommitted::Private => Self::Private,
            NotCommitted::Fault(fault) => Self::NotWritten(fault),
        }
    }
}

fn unreadable(fault: impl Into<Fault>) -> NotBuilt {
    NotBuilt::Unreadable(fault.into())
}

fn not_written(fault: impl Into<Fault>) -> NotBuilt {
    NotBuilt::NotWritten(fault.into())
}

/// Makes a store of a file that is empty or not there, and fills it, in one transaction. It is durable when
/// this returns, but for its name.
pub(crate) fn build<T>(
    place: &Place,
    path: &Path,
    fill: impl FnOnce(&WriteTransaction) -> Result<T, NotBuilt>,
) -> Result<(Database, T), NotBuilt> {
    let built = contained(|| {
        Ok((|| {
            let database = place.database(path).map_err(NotBuilt::NotWritten)?;
            // before anything is in it; where that cannot be done the new file is like any other that is made
            drop(place.files.give_rights(path, &place.path));
            let transaction = begin(&database).map_err(NotBuilt::NotWritten)?;
            make_tables(&transaction).map_err(NotBuilt::NotWritten)?;
            let filled = fill(&transaction)?;
            transaction.commit().map_err(not_written)?;
            Ok((database, filled))
        })())
    });
    // a panic comes from reading pages that do not fit together, which a new file has none of
    let built = built.unwrap_or_else(|panic| Err(NotBuilt::Unreadable(panic)));
    if built.is_err() {
        // the file is given up, and with it whatever was wrong with it
        place.failures.take();
    }
    built
}

/// What was read of the old file and written to the new one.
pub(crate) struct Copied {
    pub(crate) digest: Digest,
    pub(crate) records: u64,
}

/// Copies all rows as they are, sealed and maybe damaged, which the next load sees to. The digest is of just
/// those bytes that were copied: what is read a second time may not be the same.
pub(crate) fn copy(from: &Database, to: &WriteTransaction) -> Result<Copied, NotBuilt> {
    let from = from.begin_read().map_err(unreadable)?;
    let mut copied = Copied { digest: Digest::default(), records: 0 };
    copy_table(&from, to, REGISTRATIONS, |key, row| copied.add(Kind::Registration, key, row))?;
    copy_table(&from, to, BUDGETS, |key, row| copied.add(Kind::Budget, key, row))?;
    copy_table(&from, to, META, |key, row| {
        if key == PROFILE_KEY {
            copied.add(Kind::Profile, key, row);
        }
    })?;
    Ok(copied)
}

impl Copied {
    fn add(&mut self, kind: Kind, key: &[u8], row: &[u8]) {
        self.digest.add(kind, key, row);
        self.records += 1;
    }
}

fn copy_table<K: Key + 'static>(
    from: &ReadTransaction,
    to: &WriteTransaction,
    table: TableDefinition<'_, K, &'static [u8]>,
    mut note: impl FnMut(&[u8], &[u8]),
) -> Result<(), NotBuilt> {
    let from = from.open_table(table).map_err(unreadable)?;
    let mut to = to.open_table(table).map_err(not_written)?;
    for row in from.iter().map_err(unreadable)? {
        let (key, value) = row.map_err(unreadable)?;
        note(K::as_bytes(&key.value()).as_ref(), value.value());
        to.insert(key.value(), value.value()).map_err(not_written)?;
    }
    Ok(())
}
