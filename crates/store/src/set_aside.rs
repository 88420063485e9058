use background_sync_registration::seal;
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableError, WriteTransaction};

use crate::{
    commit::begin,
    contained::{Fault, contained},
    digest::{Digest, Kind},
    layout::{BUDGETS, COUNTS_KEY, META, PROFILE_KEY, REGISTRATIONS, SET_ASIDE},
    scan::{At, Damaged, Found},
};

/// Most records kept in the table; the oldest go first.
pub(crate) const MOST_SET_ASIDE: u64 = 1_000;

/// Version of a record set aside: sealed texts and bytes, namely which record, its bytes, and why.
const SEAL: u8 = 1;

/// Moves damaged records out of the way and puts the counts right, in one durable transaction. `after`
/// becomes the digest of what is left of a file that had `before`, as soon as it is about to be durable.
pub(crate) fn set_aside(
    database: &Database,
    found: &Found,
    before: Digest,
    after: &mut Option<Digest>,
) -> Result<(), Fault> {
    let transaction = begin(database)?;
    for damaged in &found.damaged {
        remove(&transaction, &damaged.at)?;
    }
    keep_newest(&transaction, &found.damaged)?;
    transaction.open_table(META)?.insert(COUNTS_KEY, found.counts().encode().as_slice())?;
    *after = Some(found.damaged.iter().fold(before, without));
    Ok(transaction.commit()?)
}

fn without(mut digest: Digest, damaged: &Damaged) -> Digest {
    let row = Some(&damaged.bytes[..]);
    match &damaged.at {
        At::Registration(sequence) => digest.replace(Kind::Registration, &sequence.to_le_bytes(), row, None),
        At::Budget(key) => digest.replace(Kind::Budget, key, row, None),
        At::Profile => digest.replace(Kind::Profile, PROFILE_KEY, row, None),
        At::Counts => {}
    }
    digest
}

fn remove(transaction: &WriteTransaction, at: &At) -> Result<(), Fault> {
    match at {
        At::Registration(sequence) => drop(transaction.open_table(REGISTRATIONS)?.remove(sequence)?),
        At::Budget(key) => drop(transaction.open_table(BUDGETS)?.remove(key.as_slice())?),
        At::Profile => drop(transaction.open_table(META)?.remove(PROFILE_KEY)?),
        At::Counts => drop(transaction.open_table(META)?.remove(COUNTS_KEY)?),
    }
    Ok(())
}

fn keep_newest(transaction: &WriteTransaction, damaged: &[Damaged]) -> Result<(), Fault> {
    let mut table = transaction.open_table(SET_ASIDE)?;
    let mut number = table.last()?.map_or(0, |(number, _)| number.value());
    for record in damaged {
        number = number.saturating_add(1);
        let row = seal(SEAL, &(record.at.to_string(), &record.bytes, &record.why));
        table.insert(number, row.as_slice())?;
    }
    while table.len()? > MOST_SET_ASIDE {
        table.pop_first()?;
    }
    Ok(())
}

/// What was set aside so far.
pub(crate) type Rows = Vec<(u64, Vec<u8>)>;

/// What can be read of the table, which is the less important part of a file that is given up.
pub(crate) fn read_set_aside(database: &Database) -> Rows {
    let mut rows = Rows::new();
    let read = contained(|| {
        let table = match database.begin_read()?.open_table(SET_ASIDE) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            table => table?,
        };
        for row in table.iter()?.take(MOST_SET_ASIDE as usize) {
            let (number, row) = row?;
            rows.push((number.value(), row.value().to_vec()));
        }
        Ok(())
    });
    // whatever ended the reading, the rows before it are kept
    drop(read);
    rows
}

/// Puts what was set aside into a new file.
pub(crate) fn write_set_aside(transaction: &WriteTransaction, rows: &Rows) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = transaction.open_table(SET_ASIDE)?;
    for (number, row) in rows {
        table.insert(number, row.as_slice())?;
    }
    Ok(())
}
