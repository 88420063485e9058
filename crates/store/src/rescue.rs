use std::{
    io,
    path::{Path, PathBuf},
};

use background_sync::{StoreContents, StoreOp};
use redb::{ConcurrencyMode, Database, ReadableDatabase};

use crate::{
    OpenError,
    anew::{NotBuilt, build},
    commit::apply,
    contained::{Fault, contained},
    digest::Digest,
    layout::FORMAT,
    place::{Format, Place, format_of},
    private_copy::PrivateCopy,
    scan::Found,
};

/// Larger files are moved aside without looking for records in them: they are read into memory.
pub(crate) const LARGEST: u64 = 256 << 20;

/// Most damaged files beside a store.
const MOST_DAMAGED: u32 = 100;

/// What became of a damaged file.
pub(crate) struct Moved {
    pub(crate) to: PathBuf,
    pub(crate) kept: u64,
    pub(crate) lost: u64,
    /// What redb panicked over while the damaged file was read.
    pub(crate) panics: Vec<Fault>,
}

/// Puts a new store with everything that can still be read in the place of a damaged one, and keeps
/// that one beside it.
///
/// The new file is whole and durable before it takes the name, in one step, so a crash leaves either
/// the damaged file there, to be rescued again, or the new one.
pub(crate) fn rescue(place: &Place) -> Result<Moved, OpenError> {
    let rescued = look_into(place)?;
    let (kept, lost) = (rescued.found.counts().rows(), rescued.lost());
    let new = place.beside(".rescue");
    write_new(place, &new, rescued.found.contents)?;
    let to = keep_damaged(place)?;
    place.files.rename(&new, &place.path).map_err(|error| OpenError::from_io(&place.path, &error))?;
    // a failure is noted, and the file written anew before anything is acknowledged
    drop(place.sync_directory());
    Ok(Moved { to, kept, lost, panics: rescued.panics })
}

/// What was read of a damaged file.
pub(crate) struct Rescued {
    pub(crate) found: Found,
    /// Whether the file at least begins as redb's do.
    pub(crate) begins_like_one: bool,
    panics: Vec<Fault>,
}

impl Rescued {
    /// At least one, when not even the number of rows could be read.
    pub(crate) fn lost(&self) -> u64 {
        self.found.lost().max(u64::from(self.found.expected.is_none()))
    }
}

/// Reads what can still be read of a damaged file, without changing it.
pub(crate) fn look_into(place: &Place) -> Result<Rescued, OpenError> {
    let bytes = read_file(place).map_err(|error| OpenError::from_io(&place.path, &error))?;
    match newer_redb(&bytes) {
        Some(version) => Err(place.newer(version.into(), REDB_FILE_FORMAT.into())),
        None => read_what_can_be_read(place, bytes),
    }
}

fn read_file(place: &Place) -> io::Result<Vec<u8>> {
    let (length, header) = place.files.read(&place.path, REDB_HEADER)?;
    if length > LARGEST { Ok(header) } else { Ok(place.files.read(&place.path, LARGEST)?.1) }
}

/// The only file format of redb that this program ever wrote.
const REDB_FILE_FORMAT: u8 = 3;
const REDB_MAGIC: &[u8] = b"redb\x1A\x0A\xA9\x0D\x0A";
/// Where redb keeps the version of its file format, twice: first byte of either commit slot.
const REDB_VERSIONS: [usize; 2] = [64, 192];
/// Where redb notes that a file was not closed. A repair gives up over one wrong page, so the copy says
/// that none is needed; each record has a checksum of its own.
pub(crate) const REDB_FLAGS: usize = 9;
pub(crate) const REDB_NEEDS_REPAIR: u8 = 2;
/// Both commit slots and what is before them.
const REDB_HEADER: u64 = 320;

/// The version of a file that a newer redb wrote, which is no damage. Both places must agree, because
/// one alone may be a wrong byte.
fn newer_redb(bytes: &[u8]) -> Option<u8> {
    let [first, second] = REDB_VERSIONS.map(|at| bytes.get(at).copied());
    let version = first.filter(|_| bytes.starts_with(REDB_MAGIC) && first == second)?;
    (version > REDB_FILE_FORMAT).then_some(version)
}

/// Reads the records of a damaged file, each by its own checksum, from a copy in memory.
fn read_what_can_be_read(place: &Place, mut bytes: Vec<u8>) -> Result<Rescued, OpenError> {
    let begins_like_one = bytes.starts_with(REDB_MAGIC);
    let mut panics = Vec::new();
    let mut found = Found::default();
    if let Some(flags) = bytes.get_mut(REDB_FLAGS) {
        *flags &= !REDB_NEEDS_REPAIR;
    }
    let copy = contained(|| {
        let mut builder = Database::builder();
        // a reader of this mode needs no account of free pages, which may be what is damaged
        builder.set_cache_size(0).set_concurrency_mode(ConcurrencyMode::SingleWriter);
        Ok(builder.open_read_only_with_backend(PrivateCopy::new(bytes))?)
    });
    if let Some(database) = noting(&mut panics, copy) {
        if let Some(Format::Newer(found)) = noting(&mut panics, contained(|| format_of(&database))) {
            return Err(place.newer(found, FORMAT));
        }
        // whatever fault ends the reading, `found` holds what was read before it
        noting(&mut panics, contained(|| found.read(&database.begin_read()?)));
        noting(&mut panics, contained(|| Ok(database.close()?)));
    }
    found.contents.registrations.sort_by_key(|registration| registration.sequence);
    found.contents.registrations.dedup_by_key(|registration| registration.sequence);
    Ok(Rescued { found, begins_like_one, panics })
}

/// What came out, if anything. A fault here is what was expected of the file; only panics are kept.
fn noting<T>(panics: &mut Vec<Fault>, result: Result<T, Fault>) -> Option<T> {
    match result {
        Ok(out) => Some(out),
        Err(Fault::Redb(_)) => None,
        Err(panic @ Fault::Panicked(_)) => {
            panics.push(panic);
            None
        }
    }
}

fn write_new(place: &Place, new: &Path, contents: StoreContents) -> Result<(), OpenError> {
    let failed = |error: io::Error| OpenError::from_io(&place.path, &error);
    match place.files.remove(new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let ops = as_ops(contents);
    let built = build(place, new, |transaction| Ok(apply(transaction, &ops, Digest::default())?));
    let fault = match built {
        Ok((database, _)) => match contained(|| Ok(database.close()?)) {
            Ok(()) => return Ok(()),
            Err(fault) => {
                // the file is given up, and with it whatever was wrong with it
                place.failures.take();
                fault
            }
        },
        Err(NotBuilt::Private) => unreachable!("private records are left out of the operations"),
        Err(NotBuilt::Unreadable(fault) | NotBuilt::NotWritten(fault)) => fault,
    };
    Err(match fault {
        Fault::Redb(error) => OpenError::from_redb(&place.path, &error),
        Fault::Panicked(why) => OpenError::Failed { path: place.path.clone(), why },
    })
}

fn as_ops(contents: StoreContents) -> Vec<StoreOp> {
    let registrations = contents.registrations.into_iter().filter(|r| !r.key.partition().is_private());
    let budgets = contents.budgets.into_iter();
    let profile = contents.profile.into_iter();
    registrations
        .map(StoreOp::PutRegistration)
        .chain(budgets.map(StoreOp::PutBudget))
        .chain(profile.map(StoreOp::PutProfile))
        .collect()
}

/// Gives the damaged file its second name. Linking never replaces a file and needs no room.
pub(crate) fn keep_damaged(place: &Place) -> Result<PathBuf, OpenError> {
    for number in 1..=MOST_DAMAGED {
        let to = place.beside(&format!(".damaged-{number}"));
        let kept = match place.files.link(&place.path, &to) {
            // a file system without links: reserve the name, then move
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => move_away(place, &to),
            result => result,
        };
        match kept {
            Ok(()) => return Ok(to),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(OpenError::from_io(&place.path, &error)),
        }
    }
    Err(OpenError::TooManyDamaged(place.path.clone()))
}

fn move_away(place: &Place, to: &Path) -> io::Result<()> {
    place.files.make(to)?;
    place.files.rename(&place.path, to)
}
