use background_sync::{StoreOp, registration::Sequence};
use redb::{AccessGuard, Database, Durability, ReadableTableMetadata, Table, WriteTransaction};

use crate::{
    contained::Fault,
    digest::{Digest, Kind},
    layout::{
        BUDGETS, COUNTS_KEY, Counts, FORMAT, FORMAT_KEY, META, PROFILE_KEY, REGISTRATIONS, budget_key, encode_format,
    },
};

type Bytes = &'static [u8];

/// What keeps a batch from being written.
#[derive(Debug)]
pub(crate) enum NotCommitted {
    /// It holds a record of a private partition, and none of those may reach a disk (invariant I12).
    Private,
    /// The database could not take it.
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for NotCommitted {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

/// Begins the one kind of transaction there is: durable when its commit returns.
pub(crate) fn begin(database: &Database) -> Result<WriteTransaction, Fault> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    Ok(transaction)
}

/// Makes an empty file a store.
pub(crate) fn initialise(database: &Database) -> Result<(), Fault> {
    let transaction = begin(database)?;
    make_tables(&transaction)?;
    Ok(transaction.commit()?)
}

/// The tables of an empty store, and the records that say that it is one.
pub(crate) fn make_tables(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.open_table(REGISTRATIONS)?;
    transaction.open_table(BUDGETS)?;
    let mut meta = transaction.open_table(META)?;
    meta.insert(FORMAT_KEY, encode_format(FORMAT).as_slice())?;
    meta.insert(COUNTS_KEY, Counts::default().encode().as_slice())?;
    Ok(())
}

/// Writes a batch in one durable transaction, its counts with it. `after` becomes the digest of a file that
/// had `before`, as soon as the whole batch is about to be made durable: whether or not that goes well.
pub(crate) fn commit(
    database: &Database,
    ops: &[StoreOp],
    before: Digest,
    after: &mut Option<Digest>,
) -> Result<(), NotCommitted> {
    let transaction = begin(database)?;
    *after = Some(apply(&transaction, ops, before)?);
    Ok(transaction.commit().map_err(Fault::from)?)
}

/// Applies a batch to a file with the digest `before`, and gives the one it has then.
pub(crate) fn apply(transaction: &WriteTransaction, ops: &[StoreOp], before: Digest) -> Result<Digest, NotCommitted> {
    let mut tables = Tables {
        registrations: transaction.open_table(REGISTRATIONS).map_err(Fault::from)?,
        budgets: transaction.open_table(BUDGETS).map_err(Fault::from)?,
        meta: transaction.open_table(META).map_err(Fault::from)?,
        digest: before,
    };
    tables.raise_format()?;
    let before = tables.counts()?;
    let mut counts = before;
    for op in ops {
        tables.apply(op, &mut counts)?;
    }
    if counts != before {
        tables.meta.insert(COUNTS_KEY, counts.encode().as_slice()).map_err(Fault::from)?;
    }
    Ok(tables.digest)
}

struct Tables<'t> {
    registrations: Table<'t, u64, Bytes>,
    budgets: Table<'t, Bytes, Bytes>,
    meta: Table<'t, Bytes, Bytes>,
    digest: Digest,
}

impl Tables<'_> {
    /// A file of an older format becomes one of this with the first batch that is written to it, in its very
    /// transaction: programs that know no newer one never meet a record they cannot read.
    fn raise_format(&mut self) -> Result<(), Fault> {
        let present = encode_format(FORMAT);
        let is_present = redb::ReadableTable::get(&self.meta, FORMAT_KEY)?.is_some_and(|row| row.value() == present);
        if !is_present {
            self.meta.insert(FORMAT_KEY, present.as_slice())?;
        }
        Ok(())
    }

    /// The counts in the file; where they cannot be read, which the next load puts right, the rows.
    fn counts(&self) -> Result<Counts, Fault> {
        if let Some(counts) = Counts::read(&self.meta)? {
            return Ok(counts);
        }
        let profile = redb::ReadableTable::get(&self.meta, PROFILE_KEY)?.is_some();
        Ok(Counts { registrations: self.registrations.len()?, budgets: self.budgets.len()?, profile })
    }

    fn apply(&mut self, op: &StoreOp, counts: &mut Counts) -> Result<(), NotCommitted> {
        match op {
            StoreOp::PutRegistration(registration) => {
                if registration.key.partition().is_private() {
                    return Err(NotCommitted::Private);
                }
                let (key, row) = (registration.sequence.0, registration.encode());
                let old = self.registrations.insert(key, row.as_slice()).map_err(Fault::from)?;
                counts.registrations += u64::from(old.is_none());
                self.digest.replace(Kind::Registration, &key.to_le_bytes(), value_of(old.as_ref()), Some(&row));
            }
            StoreOp::RemoveRegistration(Sequence(key)) => {
                let old = self.registrations.remove(key).map_err(Fault::from)?;
                counts.registrations = counts.registrations.saturating_sub(u64::from(old.is_some()));
                self.digest.replace(Kind::Registration, &key.to_le_bytes(), value_of(old.as_ref()), None);
            }
            StoreOp::PutBudget(budget) => {
                let key = budget_key(budget.partition, &budget.origin).ok_or(NotCommitted::Private)?;
                let row = budget.encode();
                let old = self.budgets.insert(key.as_slice(), row.as_slice()).map_err(Fault::from)?;
                counts.budgets += u64::from(old.is_none());
                self.digest.replace(Kind::Budget, &key, value_of(old.as_ref()), Some(&row));
            }
            StoreOp::RemoveBudget(partition, origin) => {
                let key = budget_key(*partition, origin).ok_or(NotCommitted::Private)?;
                let old = self.budgets.remove(key.as_slice()).map_err(Fault::from)?;
                counts.budgets = counts.budgets.saturating_sub(u64::from(old.is_some()));
                self.digest.replace(Kind::Budget, &key, value_of(old.as_ref()), None);
            }
            StoreOp::PutProfile(profile) => {
                let row = profile.encode();
                let old = self.meta.insert(PROFILE_KEY, row.as_slice()).map_err(Fault::from)?;
                counts.profile = true;
                self.digest.replace(Kind::Profile, PROFILE_KEY, value_of(old.as_ref()), Some(&row));
            }
        }
        Ok(())
    }
}

fn value_of<'g>(row: Option<&'g AccessGuard<'_, Bytes>>) -> Option<&'g [u8]> {
    row.map(AccessGuard::value)
}
