use redb::{ReadTransaction, ReadableTable};
use twox_hash::{XxHash3_64, XxHash3_128};

use crate::{
    contained::Fault,
    layout::{BUDGETS, META, PROFILE_KEY, REGISTRATIONS},
};

/// Which kind of row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Registration,
    Budget,
    Profile,
}

/// What a store holds, in 16 bytes: two stores with the same digest have the same registrations, budgets
/// and profile record, as good as certainly. It is the sum of a hash of each row, so a commit adds and
/// subtracts what it changes.
///
/// It tells what a failing disk made of a file. Nobody can choose that, so the hash is a quick one without a secret.
///
/// The counts are not in it, which follow from the rows, nor is what was set aside, which nobody was
/// promised. It is held in memory only, so its form may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest(u128);

impl Digest {
    /// The digest of everything in a file, sound or not.
    pub(crate) fn of(transaction: &ReadTransaction) -> Result<Self, Fault> {
        let mut digest = Self::default();
        for row in transaction.open_table(REGISTRATIONS)?.iter()? {
            let (key, value) = row?;
            digest.add(Kind::Registration, &key.value().to_le_bytes(), value.value());
        }
        for row in transaction.open_table(BUDGETS)?.iter()? {
            let (key, value) = row?;
            digest.add(Kind::Budget, key.value(), value.value());
        }
        if let Some(profile) = transaction.open_table(META)?.get(PROFILE_KEY)? {
            digest.add(Kind::Profile, PROFILE_KEY, profile.value());
        }
        Ok(digest)
    }

    /// A row came, went, or took another's place.
    pub(crate) fn replace(&mut self, kind: Kind, key: &[u8], old: Option<&[u8]>, new: Option<&[u8]>) {
        let hash = |row: Option<&[u8]>| row.map_or(0, |row| hash(kind, key, row));
        self.0 = self.0.wrapping_sub(hash(old)).wrapping_add(hash(new));
    }

    /// A row came.
    pub(crate) fn add(&mut self, kind: Kind, key: &[u8], row: &[u8]) {
        self.replace(kind, key, None, Some(row));
    }
}

fn hash(kind: Kind, key: &[u8], row: &[u8]) -> u128 {
    // hashed by itself, a key is kept apart from its row
    let seed = XxHash3_64::oneshot_with_seed(kind as u64, key);
    XxHash3_128::oneshot_with_seed(seed, row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_rows_apart_and_not_their_order() {
        let rows: [(Kind, &[u8], &[u8]); 5] = [
            (Kind::Registration, b"ab", b"c"),
            (Kind::Registration, b"a", b"bc"),
            (Kind::Budget, b"a", b"bc"),
            (Kind::Profile, b"a", b"bc"),
            (Kind::Profile, b"", b""),
        ];
        let of = |rows: &[(Kind, &[u8], &[u8])]| {
            let mut digest = Digest::default();
            rows.iter().for_each(|(kind, key, row)| digest.add(*kind, key, row));
            digest
        };
        for (at, one) in rows.iter().enumerate() {
            assert!(rows[at + 1..].iter().all(|other| of(&[*one]) != of(&[*other])), "{one:?}");
            assert_ne!(of(&[*one]), of(&[*one, *one]));
        }
        let mut backwards = rows;
        backwards.reverse();
        assert_eq!(of(&rows), of(&backwards));
        let mut emptied = of(&rows);
        rows.iter().for_each(|(kind, key, row)| emptied.replace(*kind, key, Some(row), None));
        assert_eq!(emptied, Digest::default());
    }
}
