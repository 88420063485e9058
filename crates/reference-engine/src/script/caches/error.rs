//! What can go wrong with caches.

use std::{fmt, io};

use super::origin::MOST_BYTES;
use crate::durable;
use crate::script::DomError;

/// Why caches were not changed.
#[derive(Debug)]
pub(super) enum CacheError {
    /// They would be larger than they may be.
    TooLarge,
    /// Two requests of one batch are the same.
    SameTwice(String),
    /// The disk does not take it.
    Disk(io::Error),
}

impl From<CacheError> for DomError {
    fn from(error: CacheError) -> Self {
        let (name, message) = match error {
            CacheError::TooLarge => {
                ("QuotaExceededError", format!("the caches of an origin hold {} MiB at most", MOST_BYTES >> 20))
            }
            CacheError::SameTwice(url) => ("InvalidStateError", format!("{url} is in the list twice")),
            CacheError::Disk(error) => {
                let name = if durable::is_no_room(&error) { "QuotaExceededError" } else { "UnknownError" };
                (name, format!("the cache could not be written: {error}"))
            }
        };
        Self { name: name.to_owned(), message }
    }
}

/// What was lost when caches were opened. The rest is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CacheDamage {
    /// Everything: the list of what there is cannot be understood.
    Index {
        /// What is wrong with it.
        why: String,
        /// Where all of it is now.
        set_aside: String,
    },
    /// One response.
    Body {
        /// The address it was kept under.
        url: String,
        /// What is wrong with its body.
        why: String,
        /// Where the body is now, if there is one.
        set_aside: Option<String>,
    },
}

impl fmt::Display for CacheDamage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index { why, set_aside } => {
                write!(
                    formatter,
                    "the origin's caches are damaged ({why}); they were moved to {set_aside}, new ones begin empty"
                )
            }
            Self::Body { url, why, set_aside } => {
                write!(formatter, "the cached response for {url} is damaged ({why}) and left out")?;
                match set_aside {
                    Some(place) => write!(formatter, "; its body was moved to {place}"),
                    None => Ok(()),
                }
            }
        }
    }
}
