//! Files that are replaced whole, and folders that stay.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Replaces a file: the new content is on the disk before it takes the name. If that fails, the old content is there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = beside(path, ".new");
    write_new(&temporary, bytes)?;
    fs::rename(&temporary, path).inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Writes a file that nobody needs yet. Its name is on the disk, too, once [`write()`] has replaced a file beside it.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    // On a full disk half a file is only in the way.
    written.inspect_err(|_| drop(fs::remove_file(path)))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Makes a folder and those above it that are missing, so that they are there after a power cut, too.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Path::new(""));
    create_folder(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Err(_) | Ok(()) => sync_folder(parent),
    }
}

/// A name is durable only once its folder is; not every system lets a folder be synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    if cfg!(unix) { synced } else { Ok(()) }
}

/// Moves a file or folder out of the way, kept for people to look at: the first `NAME.corrupt-N` that is free.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = free_beside(path);
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Copies a file under such a name, durably: it is about to be replaced.
pub(crate) fn keep_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = free_beside(path);
    write(&aside, &fs::read(path)?)?;
    Ok(aside)
}

fn free_beside(path: &Path) -> PathBuf {
    let free = (1..).map(|n: u32| beside(path, &format!(".corrupt-{n}"))).find(|path| !path.exists());
    free.unwrap_or_else(|| beside(path, ".corrupt"))
}

/// Whether it failed because there is no room.
pub(crate) fn is_no_room(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}
