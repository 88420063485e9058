use std::{
    any::Any,
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Why a piece of work on the database came to nothing.
#[derive(Debug)]
pub(crate) enum Fault {
    /// redb gave an error.
    Redb(redb::Error),
    /// redb panicked, which is what it may do over a damaged file. What was open is given up.
    Panicked(String),
}

impl Fault {
    /// Whether reading gave up because of what is in the file, and not because of the disk, a right
    /// or another process. Only such a file is ever moved.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Panicked(_) => true,
            Self::Redb(redb::Error::Corrupted(_)) => true,
            // this program never wrote a file of an older redb, so one that says so has a wrong byte
            Self::Redb(redb::Error::UpgradeRequired(_)) => true,
            Self::Redb(redb::Error::Io(error)) => {
                matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
            }
            Self::Redb(_) => false,
        }
    }
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Redb(error.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redb(error) => error.fmt(f),
            Self::Panicked(message) => write!(f, "redb panicked: {message}"),
        }
    }
}

/// Runs `work` and turns its panic into a [`Fault`]. What `work` touches must not be used afterwards
/// if it panicked; the callers drop it.
pub(crate) fn contained<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    contained_as(work)
}

/// The same for work that fails in other ways as well.
pub(crate) fn contained_as<T, E: From<Fault>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(payload) => Err(Fault::Panicked(message(payload.as_ref())).into()),
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_wrong_content_is_damage() {
        use io::ErrorKind as Kind;
        let io = |kind: Kind| Fault::Redb(redb::Error::Io(kind.into())).is_damage();
        for kind in [Kind::InvalidData, Kind::UnexpectedEof] {
            assert!(io(kind), "{kind}");
        }
        for kind in [
            Kind::PermissionDenied,
            Kind::ReadOnlyFilesystem,
            Kind::StorageFull,
            Kind::QuotaExceeded,
            Kind::NotFound,
            Kind::IsADirectory,
            Kind::Interrupted,
            Kind::Other,
        ] {
            assert!(!io(kind), "{kind}");
        }
        assert!(Fault::Redb(redb::Error::Corrupted("x".into())).is_damage());
        assert!(!Fault::Redb(redb::Error::DatabaseAlreadyOpen).is_damage());
        assert!(!Fault::Redb(redb::Error::PreviousIo).is_damage());
    }

    #[test]
    fn a_panic_becomes_a_fault_that_says_what_it_said() {
        let fault = contained::<()>(|| panic!("page {}", 7)).unwrap_err();
        assert_eq!(fault.to_string(), "redb panicked: page 7");
    }
}
