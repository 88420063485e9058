use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Why a store was not opened. The file is where it was, and its records are as they were.
///
/// A damaged file is not among the reasons: it is moved aside and replaced, unless the replacement
/// meets one of these.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another store of this one, has the file open.
    InUse(PathBuf),
    /// There is no such file. Only when it was to be looked at: a store that is opened is made.
    Missing(PathBuf),
    /// There is a directory, a device or a pipe of that name.
    NotAFile(PathBuf),
    /// The directory the file should be in does not exist.
    NoDirectory(PathBuf),
    /// The operating system denies reading or writing.
    PermissionDenied(PathBuf),
    /// The file system is mounted read-only.
    ReadOnly(PathBuf),
    /// There is no room, or no room left in the user's quota.
    NoRoom(PathBuf),
    /// A newer version of this program made the file.
    Newer {
        /// The file.
        path: PathBuf,
        /// Version of the file's layout; of redb's own file format when that is what is newer.
        found: u32,
        /// The newest version this program reads.
        known: u32,
    },
    /// It is a sound redb database, made by some other program.
    NotAStore(PathBuf),
    /// It does not begin like a database. Only when it was to be looked at: a store that is opened moves
    /// such a file aside.
    NotADatabase(PathBuf),
    /// A hundred damaged files lie beside it already, and none is ever overwritten.
    TooManyDamaged(PathBuf),
    /// Anything else that the operating system or redb reports.
    Failed {
        /// The file.
        path: PathBuf,
        /// What was reported.
        why: String,
    },
}

/// Whether the disk or the user's quota is full, which passes.
pub(crate) fn is_no_room(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl OpenError {
    /// Sorts an I/O error by what a person has to do about it.
    pub(crate) fn from_io(path: &Path, error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        let path = path.to_path_buf();
        match error.kind() {
            Kind::PermissionDenied => Self::PermissionDenied(path),
            Kind::ReadOnlyFilesystem => Self::ReadOnly(path),
            _ if is_no_room(error) => Self::NoRoom(path),
            Kind::NotFound | Kind::NotADirectory => Self::NoDirectory(path),
            Kind::IsADirectory => Self::NotAFile(path),
            _ => Self::Failed { path, why: error.to_string() },
        }
    }

    /// Sorts an error of redb that is not about damage.
    pub(crate) fn from_redb(path: &Path, error: &redb::Error) -> Self {
        match error {
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => Self::InUse(path.to_path_buf()),
            redb::Error::Io(error) => Self::from_io(path, error),
            other => Self::Failed { path: path.to_path_buf(), why: other.to_string() },
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, what) = match self {
            Self::InUse(path) => (path, "it is in use; close the other program, or the other store, that has it open"),
            Self::Missing(path) => (path, "there is no such file; check the name"),
            Self::NotAFile(path) => (path, "it is not a file; name a file, or remove what is there"),
            Self::NoDirectory(path) => (path, "its directory does not exist; create it first"),
            Self::PermissionDenied(path) => {
                (path, "permission denied; allow this user to read and write the file and its directory")
            }
            Self::ReadOnly(path) => (path, "the file system is read-only; choose another place or mount it writable"),
            Self::NoRoom(path) => (path, "there is no room; free some space on its disk or in the quota"),
            Self::Newer { path, found, known } => {
                let what = "a newer version of this program made it; run that one, or choose another file";
                return write!(
                    f,
                    "cannot open the store {}: {what} (version {found}, known up to {known})",
                    path.display()
                );
            }
            Self::NotAStore(path) => (path, "it is a database of another program; choose another file"),
            Self::NotADatabase(path) => {
                (path, "it is no store, or its beginning is gone; if it was one, look at a copy of before")
            }
            Self::TooManyDamaged(path) => {
                (path, "a hundred damaged files lie beside it; check the disk, then remove some of them")
            }
            Self::Failed { path, why } => {
                return write!(
                    f,
                    "cannot open the store {}: {why}; check its disk, or name another file",
                    path.display()
                );
            }
        };
        write!(f, "cannot open the store {}: {what}", path.display())
    }
}

impl std::error::Error for OpenError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_what_where_and_what_to_do() {
        use io::ErrorKind as Kind;
        let path = Path::new("profile/sync.redb");
        for (kind, hint) in [
            (Kind::PermissionDenied, "allow this user"),
            (Kind::ReadOnlyFilesystem, "read-only"),
            (Kind::StorageFull, "free some space"),
            (Kind::QuotaExceeded, "quota"),
            (Kind::NotFound, "create it first"),
            (Kind::NotADirectory, "create it first"),
            (Kind::IsADirectory, "not a file"),
        ] {
            let text = OpenError::from_redb(path, &redb::Error::Io(kind.into())).to_string();
            assert!(text.contains("profile/sync.redb") && text.contains(hint), "{kind}: {text}");
        }
        let in_use = OpenError::from_redb(path, &redb::Error::DatabaseAlreadyOpen);
        assert!(matches!(&in_use, OpenError::InUse(at) if at == path), "{in_use}");
        let other = OpenError::from_redb(path, &redb::Error::Io(io::Error::other("cable pulled")));
        assert!(other.to_string().contains("cable pulled"));
    }
}
