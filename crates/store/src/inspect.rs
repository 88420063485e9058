use std::{fmt, io, path::PathBuf};

use background_sync::StoreContents;
use redb::ReadableDatabase;

use crate::{
    OpenError,
    contained::{Fault, contained},
    held_copy::Copies,
    place::{NotOpened, Place},
    rescue::{LARGEST, Rescued, look_into},
    scan::Found,
};

/// What a store holds, as [`inspect`] found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What can be read, and how many rows cannot.
    pub contents: StoreContents,
    /// What is wrong with it; empty for a store that is as this program writes it.
    pub damage: Vec<FoundDamage>,
}

/// Something wrong with a store that was looked at and left alone. The next opening deals with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FoundDamage {
    /// The file. It will be moved aside, and a new one will take over what can still be read.
    File {
        /// What is wrong with it.
        why: String,
    },
    /// A record. It will be set aside.
    Record {
        /// Which record.
        record: String,
        /// What is wrong with it.
        why: String,
    },
    /// Rows that should be there are not.
    Missing {
        /// How many.
        rows: u64,
    },
}

impl fmt::Display for FoundDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { why } => write!(f, "the file is damaged: {why}"),
            Self::Record { record, why } => write!(f, "{record} is damaged: {why}"),
            Self::Missing { rows: 1 } => f.write_str("a row is missing"),
            Self::Missing { rows } => write!(f, "{rows} rows are missing"),
        }
    }
}

/// Reads what a store holds, as the next opening would find it, and changes nothing: not the file, and no
/// other. Neither is anything written that a crash left to be repaired; that is done in memory.
///
/// Needs no right but to read the file, and memory for all of it. A program that wants to open the store
/// at the same moment finds it in use.
///
/// ```
/// use background_sync_store::{OpenError, RedbStore, inspect};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("background-sync.redb");
/// assert!(matches!(inspect(&path), Err(OpenError::Missing(_))));
/// let store = RedbStore::open(&path, |_| ())?;
/// assert!(matches!(inspect(&path), Err(OpenError::InUse(_))));
/// drop(store);
/// assert_eq!(inspect(&path)?.contents.registrations, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OpenError::Missing`] when there is no such file; for the rest see [`OpenError`]. A file that does
/// not begin like a database is [`OpenError::NotADatabase`], and other damage no error.
pub fn inspect(path: impl Into<PathBuf>) -> Result<Inspection, OpenError> {
    let place = Place::at(path.into(), Box::new(Copies { largest: LARGEST }));
    if let Err(error) = std::fs::metadata(&place.path) {
        return Err(match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => OpenError::Missing(place.path),
            _ => OpenError::from_io(&place.path, &error),
        });
    }
    let mut found = Found::default();
    let read = match place.open_copy() {
        Ok(database) => contained(|| {
            // closed in here, which over a damaged file is not sure to go well
            let database = database;
            found.read(&database.begin_read()?)
        }),
        Err(NotOpened::Refused(error)) => return Err(error),
        Err(NotOpened::Fault(fault)) => Err(fault),
    };
    match read {
        Ok(()) => Ok(Inspection::of_sound_file(found)),
        Err(fault) if fault.is_damage() => {
            let rescued = look_into(&place)?;
            if !rescued.begins_like_one {
                return Err(OpenError::NotADatabase(place.path));
            }
            Ok(Inspection::of_damaged_file(rescued, &fault))
        }
        Err(Fault::Redb(error)) => Err(OpenError::from_redb(&place.path, &error)),
        Err(fault @ Fault::Panicked(_)) => Err(OpenError::Failed { path: place.path, why: fault.to_string() }),
    }
}

impl Inspection {
    fn of_sound_file(found: Found) -> Self {
        let lost = found.lost();
        let mut damage = damaged_records(&found);
        let rows = found.missing();
        if rows > 0 {
            damage.push(FoundDamage::Missing { rows });
        }
        Self { contents: found.contents.with(|it| it.lost = lost), damage }
    }

    fn of_damaged_file(rescued: Rescued, fault: &Fault) -> Self {
        let lost = rescued.lost();
        let mut damage = vec![FoundDamage::File { why: fault.to_string() }];
        damage.extend(damaged_records(&rescued.found));
        Self { contents: rescued.found.contents.with(|it| it.lost = lost), damage }
    }
}

fn damaged_records(found: &Found) -> Vec<FoundDamage> {
    let damaged = found.damaged.iter();
    damaged.map(|one| FoundDamage::Record { record: one.at.to_string(), why: one.why.clone() }).collect()
}
