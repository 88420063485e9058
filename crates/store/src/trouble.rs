use std::fmt;

use crate::{OpenError, contained::Fault, error::is_no_room};

/// Why something could not be done.
#[derive(Debug)]
pub(crate) enum Trouble {
    NotOpened(OpenError),
    Fault(Fault),
    Private,
    /// A sync failed, and the new file that must come first could not be written.
    NotAnew {
        /// What failed at first.
        after: String,
        fault: Fault,
    },
    /// What was acknowledged is not there any more.
    ContentsLost(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOpened(error) => error.fmt(f),
            Self::Fault(fault) => say(fault, f),
            Self::Private => f.write_str("a record of a private partition must not reach the disk; keep it in memory"),
            Self::NotAnew { after, fault } => {
                write!(f, "it has to be written to a new file, after: {after}; that failed: ")?;
                say(fault, f)
            }
            Self::ContentsLost(why) => write!(f, "it lost records that it had acknowledged: {why}"),
        }
    }
}

fn say(fault: &Fault, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match fault {
        Fault::Redb(redb::Error::Io(error)) if is_no_room(error) => {
            f.write_str("there is no room; free some space on its disk or in the quota, then try again")
        }
        fault @ (Fault::Redb(_) | Fault::Panicked(_)) => write!(f, "{fault}"),
    }
}
