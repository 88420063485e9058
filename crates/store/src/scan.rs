use std::fmt;

use background_sync::{
    StoreContents, StoredProfile,
    registration::{Damage, Sequence, StoredDecoder, StoredRegistration},
    scheduler::StoredBudget,
};
use redb::{ReadTransaction, ReadableTable};

use crate::{
    contained::{Fault, contained},
    digest::{Digest, Kind},
    layout::{BUDGETS, COUNTS_KEY, Counts, META, PROFILE_KEY, REGISTRATIONS, budget_key},
};

/// Rows that are handed over together. Few enough that the allocator uses their memory again, not new pages of the
/// system's.
pub(crate) const BATCH: usize = 256;

/// Everything a file holds, sound and damaged.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What is sound, without the registrations that were handed over. Its `lost` stays zero here.
    pub(crate) contents: StoreContents,
    /// Registrations that were.
    pub(crate) handed_over: u64,
    pub(crate) damaged: Vec<Damaged>,
    /// What the file says there should be, if it can be read.
    pub(crate) expected: Option<Counts>,
    /// The digest of all that was read.
    pub(crate) digest: Digest,
    decoder: StoredDecoder,
}

/// A record that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Damaged {
    pub(crate) at: At,
    pub(crate) bytes: Vec<u8>,
    pub(crate) why: String,
}

/// Where a record lies.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum At {
    Registration(u64),
    Budget(Vec<u8>),
    Profile,
    Counts,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registration(sequence) => write!(f, "registration {sequence}"),
            Self::Budget(key) => {
                let (partition, origin) = key.split_at_checked(8).unwrap_or((&[], key));
                let number = partition.iter().fold(0, |number: u64, byte| (number << 8) | u64::from(*byte));
                write!(f, "budget of {} in partition {number}", String::from_utf8_lossy(origin).escape_debug())
            }
            Self::Profile => f.write_str("the profile's record"),
            Self::Counts => f.write_str("the row counts"),
        }
    }
}

impl Found {
    /// Reads all tables, one after the other. Each is tried whatever became of the others, and what was
    /// read before a fault is kept in `self`, for a rescue; anything else goes by the result.
    pub(crate) fn read(&mut self, transaction: &ReadTransaction) -> Result<(), Fault> {
        self.read_in_batches(transaction, None)
    }

    /// The same, but whenever there are [`BATCH`] sound registrations they are handed over, not kept.
    pub(crate) fn read_in_batches(
        &mut self,
        transaction: &ReadTransaction,
        hand_over: Option<&mut dyn FnMut(Vec<StoredRegistration>)>,
    ) -> Result<(), Fault> {
        let meta = contained(|| self.read_meta(transaction));
        let registrations = contained(|| self.read_registrations(transaction, hand_over));
        let budgets = contained(|| self.read_budgets(transaction));
        meta.and(registrations).and(budgets)
    }

    fn read_meta(&mut self, transaction: &ReadTransaction) -> Result<(), Fault> {
        let meta = transaction.open_table(META)?;
        if let Some(bytes) = meta.get(COUNTS_KEY)? {
            self.expected = self.keep(At::Counts, bytes.value(), Counts::decode);
        }
        if let Some(bytes) = meta.get(PROFILE_KEY)? {
            self.digest.add(Kind::Profile, PROFILE_KEY, bytes.value());
            self.contents.profile = self.keep(At::Profile, bytes.value(), StoredProfile::decode);
        }
        Ok(())
    }

    fn read_registrations(
        &mut self,
        transaction: &ReadTransaction,
        mut hand_over: Option<&mut dyn FnMut(Vec<StoredRegistration>)>,
    ) -> Result<(), Fault> {
        for row in transaction.open_table(REGISTRATIONS)?.iter()? {
            let (key, value) = row?;
            self.digest.add(Kind::Registration, &key.value().to_le_bytes(), value.value());
            let damaged = |why| Damaged { at: At::Registration(key.value()), bytes: value.value().to_vec(), why };
            match self.decoder.decode(value.value()) {
                Ok(record) if record.sequence == Sequence(key.value()) => self.contents.registrations.push(record),
                Ok(record) => {
                    let why = format!("it is registration {} under another number", record.sequence.0);
                    self.damaged.push(damaged(why));
                }
                Err(damage) => self.damaged.push(damaged(damage.to_string())),
            }
            if let Some(hand_over) = hand_over.as_mut().filter(|_| self.contents.registrations.len() >= BATCH) {
                // Copied at once into memory that the driver's processor may still hold: row by row, each would
                // wait for it.
                let batch: Vec<_> = self.contents.registrations.drain(..).collect();
                self.handed_over += batch.len() as u64;
                hand_over(batch);
            }
        }
        Ok(())
    }

    fn read_budgets(&mut self, transaction: &ReadTransaction) -> Result<(), Fault> {
        for row in transaction.open_table(BUDGETS)?.iter()? {
            let (key, value) = row?;
            self.digest.add(Kind::Budget, key.value(), value.value());
            let at = At::Budget(key.value().to_vec());
            let Some(record) = self.keep(at, value.value(), StoredBudget::decode) else { continue };
            if budget_key(record.partition, &record.origin).as_deref() == Some(key.value()) {
                self.contents.budgets.push(record);
            } else {
                let why = format!("it is the budget of {} under another key", record.origin);
                self.damaged.push(Damaged { at: At::Budget(key.value().to_vec()), bytes: value.value().to_vec(), why });
            }
        }
        Ok(())
    }

    fn keep<T>(&mut self, at: At, bytes: &[u8], decode: impl Fn(&[u8]) -> Result<T, Damage>) -> Option<T> {
        match decode(bytes) {
            Ok(record) => Some(record),
            Err(damage) => {
                self.damaged.push(Damaged { at, bytes: bytes.to_vec(), why: damage.to_string() });
                None
            }
        }
    }

    /// What the counts have to say once the damaged records are out of the way.
    pub(crate) fn counts(&self) -> Counts {
        Counts {
            registrations: self.handed_over + self.contents.registrations.len() as u64,
            budgets: self.contents.budgets.len() as u64,
            profile: self.contents.profile.is_some(),
        }
    }

    /// Rows that are not even there. The counts themselves are a row.
    pub(crate) fn missing(&self) -> u64 {
        let mut present = self.counts();
        let mut counts_damaged = false;
        for damaged in &self.damaged {
            match damaged.at {
                At::Registration(_) => present.registrations += 1,
                At::Budget(_) => present.budgets += 1,
                At::Profile => present.profile = true,
                At::Counts => counts_damaged = true,
            }
        }
        match self.expected {
            Some(expected) => expected.missing_from(present),
            None => u64::from(!counts_damaged),
        }
    }

    /// Rows that are missing or damaged.
    pub(crate) fn lost(&self) -> u64 {
        self.missing() + self.damaged.len() as u64
    }

    /// Whether the file is just as this program writes it.
    pub(crate) fn is_sound(&self) -> bool {
        self.damaged.is_empty() && self.expected == Some(self.counts())
    }
}
