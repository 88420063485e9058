use std::{fmt, path::PathBuf};

/// Something about a store that a person may want to know. Its text says what, where and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreReport {
    /// A record could not be read. Its bytes were moved to the table `set_aside`; the rest is in use.
    SetAside {
        /// Which record.
        record: String,
        /// What is wrong with it.
        why: String,
    },
    /// Damaged records or wrong counts were found and could not be put right. They are passed over and
    /// will be found again by the next load.
    NotSetAside {
        /// What stood in the way.
        why: String,
    },
    /// Rows that should be there are not.
    Missing {
        /// How many.
        rows: u64,
    },
    /// The file was damaged. It was moved aside, never over another file, and a new one took its place
    /// with every record that could still be read.
    MovedAside {
        /// Where the store is.
        path: PathBuf,
        /// Where the damaged file is now.
        to: PathBuf,
        /// What is wrong with it.
        why: String,
        /// Records taken over into the new file.
        kept: u64,
        /// Records lost. A lower bound, and at least 1, when not even their count could be read.
        lost: u64,
    },
    /// The file was opened again.
    Reopened {
        /// What made it necessary.
        after: String,
    },
    /// Everything was written to a new file, which took the old one's name: after a failed sync, or because
    /// the store was given everything anew.
    WrittenAnew {
        /// Where the store is.
        path: PathBuf,
        /// What made it necessary.
        after: String,
        /// Records in the new file.
        records: u64,
        /// Where the old file is now, if it could not be read at all.
        moved_to: Option<PathBuf>,
    },
    /// Records that had been acknowledged are not there any more. Every commit fails until the store has
    /// been given everything anew.
    ContentsLost {
        /// Where the store is.
        path: PathBuf,
        /// How that is known.
        why: String,
    },
    /// redb or a completion panicked, and the store lives on.
    PanicContained {
        /// The panic's message.
        message: String,
    },
}

impl fmt::Display for StoreReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetAside { record, why } => write!(f, "{record} was set aside: {why}"),
            Self::NotSetAside { why } => write!(f, "damaged records were passed over but not set aside: {why}"),
            Self::Missing { rows } => write!(f, "{rows} rows are missing from the store"),
            Self::MovedAside { path, to, why, kept, lost } => write!(
                f,
                "the store {} was damaged ({why}); it was moved to {}, {kept} records were kept and {lost} lost",
                path.display(),
                to.display()
            ),
            Self::Reopened { after } => write!(f, "the store was opened again after: {after}"),
            Self::WrittenAnew { path, after, records, moved_to } => {
                let path = path.display();
                write!(f, "the store {path} was written to a new file of {records} records, after: {after}")?;
                match moved_to {
                    Some(to) => write!(f, "; the old one could not be read and was moved to {}", to.display()),
                    None => Ok(()),
                }
            }
            Self::ContentsLost { path, why } => {
                write!(f, "the store {} lost records that it had acknowledged: {why}", path.display())
            }
            Self::PanicContained { message } => write!(f, "a panic was contained: {message}"),
        }
    }
}
