use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableDatabase, StorageBackend, TableHandle};

use crate::{
    OpenError,
    commit::initialise,
    contained::{Fault, contained_as},
    files::Files,
    first_look::newer_format,
    layout::{FORMAT, FORMAT_KEY, META, decode_format},
    opened::{GivenUp, Opened},
    unwritten::Unwritten,
    watched::{SyncFailures, Watched},
};

/// Memory for pages that were read: a store of thousands of registrations, or the upper pages of one of a million.
/// The others are read once, when it is loaded, and would only take memory after that.
const CACHE_BYTES: usize = 2 << 20;

/// Where a store lies, and how its files are reached.
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) files: Box<dyn Files>,
    /// Syncs that failed, of this place's files and of their directory.
    pub(crate) failures: SyncFailures,
}

/// Why the database of a place was not opened.
pub(crate) enum NotOpened {
    /// The file's content, or the disk below it.
    Fault(Fault),
    /// Something that only a person can change.
    Refused(OpenError),
}

impl<E: Into<Fault>> From<E> for NotOpened {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

/// How every file is opened: each page that is in use is checked, so that no tree is trusted, and
/// written to, whose pages do not fit together.
fn checked(file: impl StorageBackend) -> Result<Database, DatabaseError> {
    Database::builder().set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true).create_with_backend(file)
}

impl Place {
    pub(crate) fn at(path: PathBuf, files: Box<dyn Files>) -> Self {
        Self { path, files, failures: SyncFailures::default() }
    }

    /// Refuses what must not be opened, or would block: a directory, a pipe, a device.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        match self.files.is_file(&self.path) {
            Ok(true) => Ok(()),
            Ok(false) => Err(OpenError::NotAFile(self.path.clone())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.check_directory(),
            Err(error) => Err(OpenError::from_io(&self.path, &error)),
        }
    }

    fn check_directory(&self) -> Result<(), OpenError> {
        let there = self.files.is_file(self.directory());
        there.map(drop).map_err(|error| OpenError::from_io(&self.path, &error))
    }

    /// The directory the file lies in.
    pub(crate) fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        }
    }

    /// Opens the file, makes it a store if it is new or empty, and sees that it is one this program
    /// understands. One of a newer format is not written to.
    pub(crate) fn open(&self) -> Result<Opened, NotOpened> {
        self.check().map_err(NotOpened::Refused)?;
        self.refuse_newer()?;
        self.open_at_once()
    }

    fn refuse_newer(&self) -> Result<(), NotOpened> {
        if !self.files.is_file(&self.path).is_ok_and(|is_file| is_file) {
            return Ok(());
        }
        contained_as(|| match newer_format(self.files.open(&self.path)?) {
            Some(found) => Err(NotOpened::Refused(self.newer(found, FORMAT))),
            None => Ok(()),
        })
    }

    /// The same for files that nothing is ever written to.
    pub(crate) fn open_copy(&self) -> Result<Opened, NotOpened> {
        self.check().map_err(NotOpened::Refused)?;
        self.open_at_once()
    }

    fn open_at_once(&self) -> Result<Opened, NotOpened> {
        // Closing a database that turned out to be no good is redb's work, too.
        contained_as(|| {
            let database = Opened::written(self.database(&self.path)?);
            if is_empty(&database)? {
                initialise(&database)?;
                self.sync_directory()?;
            }
            self.known(database)
        })
    }

    /// Opens the file to be read as it is, locked as ever, and not to be written: what is written is
    /// forgotten.
    pub(crate) fn open_unwritten(&self) -> Result<Opened, NotOpened> {
        match self.files.is_file(&self.path) {
            Ok(true) => {}
            Ok(false) => return Err(NotOpened::Refused(OpenError::NotAFile(self.path.clone()))),
            // one that is not there is not made
            Err(error) => return Err(NotOpened::Fault(Fault::Redb(redb::Error::Io(error)))),
        }
        let file = self.files.open(&self.path).map_err(|error| {
            let error = redb::Error::from(error);
            NotOpened::Refused(OpenError::from_redb(&self.path, &error))
        })?;
        contained_as(|| {
            let given_up = GivenUp::default();
            let database = Opened::unwritten(checked(Unwritten::over(file, given_up.clone()))?, given_up);
            if is_empty(&database)? {
                initialise(&database)?;
            }
            self.known(database)
        })
    }

    /// The database in a file, made if need be.
    pub(crate) fn database(&self, path: &Path) -> Result<Database, Fault> {
        Ok(checked(Watched::over(self.files.open(path)?, self.failures.clone()))?)
    }

    fn known(&self, database: Opened) -> Result<Opened, NotOpened> {
        match format_of(&*database) {
            Ok(Format::Known) => Ok(database),
            Ok(Format::Newer(found)) => Err(NotOpened::Refused(self.newer(found, FORMAT))),
            Ok(Format::None) => Err(NotOpened::Refused(OpenError::NotAStore(self.path.clone()))),
            Err(fault) => Err(fault.into()),
        }
    }

    pub(crate) fn newer(&self, found: u32, known: u32) -> OpenError {
        OpenError::Newer { path: self.path.clone(), found, known }
    }

    /// Makes names in the directory durable.
    pub(crate) fn sync_directory(&self) -> Result<(), Fault> {
        let synced = self.failures.noting(self.files.sync_directory(self.directory()));
        synced.map_err(|error| Fault::Redb(redb::Error::Io(error)))
    }

    /// The new file that is to take the place of one in doubt.
    pub(crate) fn anew(&self) -> PathBuf {
        self.beside(".anew")
    }

    /// Leaves word for another process that the file is in doubt, in case this one ends before it is mended.
    /// That need not survive a power cut, after which the file is what the disk has; nor does it take more
    /// than a name, so it is not often that there is no room for it.
    pub(crate) fn leave_in_doubt(&self) {
        drop(self.files.empty(&self.anew()));
    }

    /// Takes that back.
    pub(crate) fn leave_no_doubt(&self) {
        drop(self.files.remove(&self.anew()));
    }

    /// Whether another process left word that the file is in doubt.
    pub(crate) fn was_left_in_doubt(&self) -> bool {
        [&self.anew(), &self.path].into_iter().all(|path| self.files.is_file(path).is_ok_and(|is_file| is_file))
    }

    /// The store's name with `suffix` appended.
    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    }
}

/// What a database says it is.
pub(crate) enum Format {
    /// A store this program reads.
    Known,
    /// A store of a newer layout, with its number.
    Newer(u32),
    /// No store.
    None,
}

fn is_empty(database: &Database) -> Result<bool, Fault> {
    Ok(database.begin_read()?.list_tables()?.next().is_none())
}

/// Reads the format record and nothing else.
pub(crate) fn format_of(database: &impl ReadableDatabase) -> Result<Format, Fault> {
    let transaction = database.begin_read()?;
    if !transaction.list_tables()?.any(|table| table.name() == META.name()) {
        return Ok(Format::None);
    }
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(redb::TableError::Storage(error)) => return Err(error.into()),
        Err(_other_types) => return Ok(Format::None),
    };
    let Some(bytes) = meta.get(FORMAT_KEY)? else { return Ok(Format::None) };
    match decode_format(bytes.value()) {
        Ok(0) => Err(Fault::Redb(redb::Error::Corrupted("there never was a format 0".into()))),
        Ok(1..=FORMAT) => Ok(Format::Known),
        Ok(found) => Ok(Format::Newer(found)),
        Err(damage) => Err(Fault::Redb(redb::Error::Corrupted(format!("the format record: {damage}")))),
    }
}
