use background_sync::policy::{Origin, Partition};
use background_sync_registration::{Damage, open, seal};
use redb::{ReadableTable, TableDefinition};

use crate::contained::Fault;

/// Sealed registrations by sequence number.
pub(crate) const REGISTRATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("registrations");
/// Sealed budgets by [`budget_key`]. Bytes, because a key of text that is not UTF-8 makes redb panic.
pub(crate) const BUDGETS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("budgets");
/// The three records below.
pub(crate) const META: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("meta");
/// What could not be read, by a number that grows; see [`crate::set_aside`].
pub(crate) const SET_ASIDE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("set_aside");

/// In [`META`]: the sealed [`FORMAT`] the file was last written with. Never changes its own form.
pub(crate) const FORMAT_KEY: &[u8] = b"format";
/// In [`META`]: the sealed [`Counts`].
pub(crate) const COUNTS_KEY: &[u8] = b"counts";
/// In [`META`]: the profile's sealed record.
pub(crate) const PROFILE_KEY: &[u8] = b"profile";

/// Version of this layout. A file with a larger one is refused and left alone.
///
/// * 1: registrations of version 1 or 2.
/// * 2: of version 3 as well, which a program that knows format 1 would set aside one by one. It must refuse
///   the file instead.
/// * 3: of version 4 as well, budgets of version 3 and a profile of version 2, which know of periodic syncs.
pub(crate) const FORMAT: u32 = 3;

const SEAL: u8 = 1;

/// The sealed format record.
pub(crate) fn encode_format(format: u32) -> Vec<u8> {
    seal(SEAL, &format)
}

/// Reads the format record.
pub(crate) fn decode_format(bytes: &[u8]) -> Result<u32, Damage> {
    open(SEAL, bytes)
}

/// How many rows there should be. Written in the transaction that changes it, so that a row that went
/// missing without a transaction shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) registrations: u64,
    pub(crate) budgets: u64,
    pub(crate) profile: bool,
}

impl Counts {
    pub(crate) fn encode(self) -> Vec<u8> {
        seal(SEAL, &(self.registrations, self.budgets, self.profile))
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let (registrations, budgets, profile) = open(SEAL, bytes)?;
        Ok(Self { registrations, budgets, profile })
    }

    /// The counts in the file. `None` when there are none or they are damaged.
    pub(crate) fn read(meta: &impl ReadableTable<&'static [u8], &'static [u8]>) -> Result<Option<Self>, Fault> {
        Ok(meta.get(COUNTS_KEY)?.and_then(|bytes| Self::decode(bytes.value()).ok()))
    }

    /// All of them.
    pub(crate) fn rows(self) -> u64 {
        self.registrations.saturating_add(self.budgets).saturating_add(u64::from(self.profile))
    }

    /// How many rows that should be there are not among `found`.
    pub(crate) fn missing_from(self, found: Self) -> u64 {
        let registrations = self.registrations.saturating_sub(found.registrations);
        let budgets = self.budgets.saturating_sub(found.budgets);
        registrations.saturating_add(budgets).saturating_add(u64::from(self.profile && !found.profile))
    }
}

/// The key of an origin's budget: the partition's number, big endian, and the origin's text. `None` for
/// a private partition, which has no place in a store (invariant I12).
pub(crate) fn budget_key(partition: Partition, origin: &Origin) -> Option<Vec<u8>> {
    match partition {
        Partition::Profile(id) => Some([&id.0.to_be_bytes(), origin.as_str().as_bytes()].concat()),
        Partition::Private(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_rows_of_one_table_are_not_made_up_for_by_another() {
        let expected = Counts { registrations: 3, budgets: 2, profile: true };
        assert_eq!(expected.missing_from(expected), 0);
        assert_eq!(expected.missing_from(Counts { registrations: 1, budgets: 4, profile: false }), 3);
    }
}
