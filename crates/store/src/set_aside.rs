use background_sync::registration::seal;
use redb::{Database, ReadableTable, ReadableTableMetadata, WriteTransaction};

use crate::{
    commit::begin,
    contained::Fault,
    layout::{BUDGETS, COUNTS_KEY, META, PROFILE_KEY, REGISTRATIONS, SET_ASIDE},
    scan::{At, Damaged, Found},
};

/// Most records kept in the table; the oldest go first.
pub(crate) const MOST_SET_ASIDE: u64 = 1_000;

/// Version of a record set aside: sealed texts and bytes, namely which record, its bytes, and why.
const SEAL: u8 = 1;

/// Moves damaged records out of the way and puts the counts right, in one durable transaction.
pub(crate) fn set_aside(database: &Database, found: &Found) -> Result<(), Fault> {
    let transaction = begin(database)?;
    for damaged in &found.damaged {
        remove(&transaction, &damaged.at)?;
    }
    keep_newest(&transaction, &found.damaged)?;
    transaction.open_table(META)?.insert(COUNTS_KEY, found.counts().encode().as_slice())?;
    Ok(transaction.commit()?)
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
