use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use redb::{Database, DatabaseError, ReadableDatabase, TableHandle};

use crate::{
    OpenError,
    commit::initialise,
    contained::{Fault, contained},
    held_copy::HeldCopy,
    layout::{FORMAT, FORMAT_KEY, META, decode_format},
};

/// Memory for pages that were read. A store of a thousand registrations is a tenth of it.
const CACHE_BYTES: usize = 8 << 20;

/// Opens the database of a path, creating it if need be.
pub(crate) type Create = Box<dyn Fn(&Path) -> Result<Database, DatabaseError> + Send>;

/// Where a store lies, and how it is opened.
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) create: Create,
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
pub(crate) fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

impl Place {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, create: Box::new(|path| builder().create(path)) }
    }

    /// A place whose file is copied to memory, if it is not larger than this, and never written.
    pub(crate) fn copy_of(path: PathBuf, largest: u64) -> Self {
        Self { path, create: Box::new(move |path| builder().create_with_backend(HeldCopy::of(path, largest)?)) }
    }

    /// Refuses what must not be opened, or would block: a directory, a pipe, a device.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => Ok(()),
            Ok(_) => Err(OpenError::NotAFile(self.path.clone())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.check_directory(),
            Err(error) => Err(OpenError::from_io(&self.path, &error)),
        }
    }

    fn check_directory(&self) -> Result<(), OpenError> {
        match fs::metadata(self.directory()) {
            Ok(_) => Ok(()),
            Err(error) => Err(OpenError::from_io(&self.path, &error)),
        }
    }

    /// The directory the file lies in.
    pub(crate) fn directory(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        }
    }

    /// Opens the file, makes it a store if it is new or empty, and sees that it is one this program
    /// understands.
    pub(crate) fn open(&self) -> Result<Database, NotOpened> {
        self.check().map_err(NotOpened::Refused)?;
        let database = contained(|| Ok((self.create)(&self.path)?))?;
        if contained(|| is_empty(&database))? {
            contained(|| initialise(&database))?;
            self.sync_directory();
        }
        match contained(|| Ok(format_of(&database)))? {
            Ok(Format::Known) => Ok(database),
            Ok(Format::Newer(found)) => Err(NotOpened::Refused(self.newer(found, FORMAT))),
            Ok(Format::None) => Err(NotOpened::Refused(OpenError::NotAStore(self.path.clone()))),
            Err(fault) => Err(fault.into()),
        }
    }

    pub(crate) fn newer(&self, found: u32, known: u32) -> OpenError {
        OpenError::Newer { path: self.path.clone(), found, known }
    }

    /// Makes names in the directory durable where the operating system has a way to. Best effort: where
    /// it has none, opening a directory fails.
    pub(crate) fn sync_directory(&self) {
        if let Ok(directory) = File::open(self.directory()) {
            drop(directory.sync_all());
        }
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
        Ok(FORMAT) => Ok(Format::Known),
        Ok(found) if found > FORMAT => Ok(Format::Newer(found)),
        Ok(found) => Err(Fault::Redb(redb::Error::Corrupted(format!("there never was a format {found}")))),
        Err(damage) => Err(Fault::Redb(redb::Error::Corrupted(format!("the format record: {damage}")))),
    }
}
