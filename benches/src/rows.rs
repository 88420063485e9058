use std::path::Path;

use background_sync::registration::StoredRegistration;
use redb::{Database, Durability, Error, ReadableDatabase, ReadableTable, TableDefinition};

/// The table that the store keeps registrations in, by name and types.
const REGISTRATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("registrations");

/// Memory for pages that the store gives redb.
const CACHE_BYTES: usize = 2 << 20;

/// The same rows in bare redb, without anything that a store adds.
#[derive(Debug)]
pub struct Rows(Database);

impl Rows {
    /// Opens a file with such a table, or makes one.
    ///
    /// # Errors
    /// redb's own.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self(Database::create(path)?))
    }

    /// Opens it as the store does: with little memory for pages, and every page checked.
    ///
    /// # Errors
    /// redb's own.
    pub fn open_checked(path: &Path) -> Result<Self, Error> {
        Ok(Self(Database::builder().set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true).create(path)?))
    }

    /// Writes rows in one durable transaction.
    ///
    /// # Errors
    /// redb's own.
    pub fn put(&self, rows: &[StoredRegistration]) -> Result<(), Error> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        {
            let mut table = transaction.open_table(REGISTRATIONS)?;
            for row in rows {
                table.insert(row.sequence.0, row.encode().as_slice())?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Reads every row, and says how many there are and how many bytes they have together.
    ///
    /// # Errors
    /// redb's own.
    pub fn scan(&self) -> Result<(u64, u64), Error> {
        let table = self.0.begin_read()?.open_table(REGISTRATIONS)?;
        let (mut rows, mut bytes) = (0, 0);
        for row in table.iter()? {
            let (_, value) = row?;
            rows += 1;
            bytes += value.value().len() as u64;
        }
        Ok((rows, bytes))
    }
}
