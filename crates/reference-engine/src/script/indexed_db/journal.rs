//! What is committed, on its way to the store.

use std::{fmt, io};

use super::log::{self, Parts};
use super::{IndexedDbError, IndexedDbStore};

/// A log that has grown by less than this is not written anew.
const WORTH_IT: usize = 1 << 20;

/// Adds what changes to a store's log, and writes that anew when most of it is past. So a commit costs what it changes,
/// over time, and not what is stored.
pub(super) struct Journal {
    store: Box<dyn IndexedDbStore>,
    /// Bytes of the log when it was last written whole; none when it has to be now.
    whole: Option<usize>,
    /// Bytes that were added since.
    added: usize,
}

impl Journal {
    /// A store that has nothing to be read.
    pub(super) fn new(store: Box<dyn IndexedDbStore>) -> Self {
        Self { store, whole: None, added: 0 }
    }

    /// A store with what it keeps. After an error for damage, what is whole is there at the next opening.
    pub(super) fn open(mut store: Box<dyn IndexedDbStore>) -> Result<(Self, Parts), IndexedDbError> {
        let Some(bytes) = store.load().map_err(IndexedDbError::Unreadable)? else {
            return Ok((Self::new(store), Parts::new()));
        };
        let read = log::read(&bytes);
        let Some(why) = read.damage else {
            let whole = read.goes_on.then_some(bytes.len());
            return Ok((Self { store, whole, added: 0 }, read.parts));
        };
        let set_aside = store.keep_aside().map_err(IndexedDbError::Unreadable)?;
        let kept = log::whole(read.parts.iter().map(|(key, text)| (&**key, &**text)));
        let kept = kept.map_err(|why| IndexedDbError::Unreadable(io::Error::other(why)))?;
        store.replace(&kept).map_err(IndexedDbError::Unreadable)?;
        Err(IndexedDbError::Corrupt { why, set_aside })
    }

    /// Stores changes, durably before it returns. `all` gives what there is with them.
    pub(super) fn commit<'a, All: Iterator<Item = (&'a str, &'a str)>>(
        &mut self,
        changes: &[(&str, Option<&str>)],
        all: impl FnOnce() -> All,
    ) -> Result<(), NotStored> {
        let piece = log::one_piece(changes).map_err(NotStored::Form)?;
        if let Some(whole) = self.whole
            && self.added + piece.len() <= whole.max(WORTH_IT)
        {
            match self.store.append(&piece) {
                Ok(true) => {
                    self.added += piece.len();
                    return Ok(());
                }
                Ok(false) => {}
                Err(error) => return Err(NotStored::Store(error)),
            }
        }
        let bytes = log::whole(all()).map_err(NotStored::Form)?;
        self.store.replace(&bytes).map_err(NotStored::Store)?;
        (self.whole, self.added) = (Some(bytes.len()), 0);
        Ok(())
    }
}

/// Why a commit is not stored. Nothing of it is.
#[derive(Debug)]
pub(super) enum NotStored {
    /// The store does not take it.
    Store(io::Error),
    /// It has no form in bytes.
    Form(String),
}

impl fmt::Display for NotStored {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => write!(formatter, "{error}"),
            Self::Form(why) => formatter.write_str(why),
        }
    }
}
