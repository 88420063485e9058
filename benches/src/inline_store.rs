use std::path::Path;

use background_sync::{CommitCompletion, LoadCompletion, StoreContents, StoreFailure, StoreOp, SyncStore};
use redb::{Database, Durability, Error, TableDefinition, WriteTransaction};

const REGISTRATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("registrations");
const OTHERS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("others");

/// A store that commits inside `commit`, on the driver's own thread: what is left of a durable register when
/// no thread is woken for it. It writes, and reads nothing back.
#[derive(Debug)]
pub struct InlineStore(Database);

impl InlineStore {
    /// Makes a new file.
    ///
    /// # Errors
    /// redb's own.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self(Database::create(path)?))
    }

    fn write(&self, ops: &[StoreOp]) -> Result<(), Error> {
        let mut transaction = self.0.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        for op in ops {
            apply(&transaction, op)?;
        }
        Ok(transaction.commit()?)
    }
}

fn apply(transaction: &WriteTransaction, op: &StoreOp) -> Result<(), Error> {
    match op {
        StoreOp::PutRegistration(row) => {
            transaction.open_table(REGISTRATIONS)?.insert(row.sequence.0, row.encode().as_slice())?;
        }
        StoreOp::RemoveRegistration(sequence) => {
            transaction.open_table(REGISTRATIONS)?.remove(sequence.0)?;
        }
        StoreOp::PutBudget(budget) => {
            transaction.open_table(OTHERS)?.insert(budget.origin.as_str().as_bytes(), budget.encode().as_slice())?;
        }
        StoreOp::RemoveBudget(_, origin) => {
            transaction.open_table(OTHERS)?.remove(origin.as_str().as_bytes())?;
        }
        StoreOp::PutProfile(profile) => {
            transaction.open_table(OTHERS)?.insert(b"profile".as_slice(), profile.encode().as_slice())?;
        }
    }
    Ok(())
}

impl SyncStore for InlineStore {
    fn load(&mut self, done: LoadCompletion) {
        done.finish(Ok(StoreContents::default()));
    }

    fn commit(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        done.finish(self.write(&ops).map_err(|error| StoreFailure::Failed(error.to_string())));
    }

    fn rewrite(&mut self, ops: Vec<StoreOp>, done: CommitCompletion) {
        self.commit(ops, done);
    }
}
