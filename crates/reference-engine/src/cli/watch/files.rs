//! How the files of a folder are at one moment.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use walkdir::{DirEntry, WalkDir};

/// Length and time of change of every file that counts.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<PathBuf, (u64, Option<SystemTime>)>);

impl Files {
    /// Those of a folder: without what editors leave, and without a store that lies in it and what is beside the
    /// store. What can't be read now is not there now.
    pub(super) fn of(folder: &Path, store: Option<&Path>) -> Self {
        let store = store.and_then(resolved);
        let counts = |entry: &DirEntry| {
            let of_store = store.as_deref().is_some_and(|store| is_of_store(entry.path(), store));
            entry.depth() == 0 || !(is_editors(entry.file_name()) || of_store)
        };
        let entries = WalkDir::new(folder).follow_links(true).into_iter().filter_entry(counts).filter_map(Result::ok);
        let files = entries.filter_map(|entry| {
            let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((entry.into_path(), (metadata.len(), metadata.modified().ok())))
        });
        Self(files.collect())
    }

    /// The files that are new, gone or another way.
    pub(super) fn differing_from(&self, before: &Self) -> Vec<PathBuf> {
        let gone = before.0.keys().filter(|path| !self.0.contains_key(*path));
        let changed = self.0.iter().filter(|(path, state)| before.0.get(*path) != Some(state)).map(|(path, _)| path);
        changed.chain(gone).cloned().collect()
    }
}

/// A file that need not be there, with its folder as the walk spells it.
fn resolved(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(parent.canonicalize().ok()?.join(name))
}

/// The store at PATH, or something beside it: PATH.indexeddb, PATH.workers.json and so on.
fn is_of_store(path: &Path, store: &Path) -> bool {
    let (Some(name), Some(of_store)) = (path.file_name(), store.file_name()) else { return false };
    let rest = name.as_encoded_bytes().strip_prefix(of_store.as_encoded_bytes());
    path.parent() == store.parent() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
}

/// Swap files, backups, version control. A site has one hidden folder.
fn is_editors(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    (name.starts_with(b".") && name != b".well-known") || name.starts_with(b"#") || name.ends_with(b"~")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(files: &[PathBuf], folder: &Path) -> Vec<String> {
        files.iter().map(|path| path.strip_prefix(folder).unwrap().display().to_string()).collect()
    }

    #[test]
    fn new_changed_and_gone_files_differ_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().canonicalize().unwrap();
        fs::create_dir_all(folder.join("a.example/.well-known")).unwrap();
        for name in ["timeline.toml", "a.example/sw.js", "a.example/gone.js"] {
            fs::write(folder.join(name), "1").unwrap();
        }
        let store = folder.join("p");
        let before = Files::of(&folder, Some(&store));
        assert_eq!(Files::of(&folder, Some(&store)).differing_from(&before), Vec::<PathBuf>::new());
        for name in ["p", "p.workers.json", ".timeline.toml.swp", "a.example/sw.js~", "a.example/#sw.js#"] {
            fs::write(folder.join(name), "x").unwrap();
        }
        fs::create_dir(folder.join("p.indexeddb")).unwrap();
        fs::write(folder.join("p.indexeddb/databases"), "x").unwrap();
        assert_eq!(Files::of(&folder, Some(&store)).differing_from(&before), Vec::<PathBuf>::new());
        fs::write(folder.join("page.html"), "x").unwrap();
        fs::write(folder.join("a.example/sw.js"), "22").unwrap();
        fs::write(folder.join("a.example/.well-known/x"), "x").unwrap();
        fs::remove_file(folder.join("a.example/gone.js")).unwrap();
        let changed = Files::of(&folder, Some(&store)).differing_from(&before);
        let expected = ["a.example/.well-known/x", "a.example/sw.js", "page.html", "a.example/gone.js"];
        assert_eq!(names(&changed, &folder), expected);
    }

    #[test]
    fn folders_that_lead_in_a_circle_have_an_end() {
        #[cfg(unix)]
        {
            let place = tempfile::tempdir().unwrap();
            fs::write(place.path().join("file"), "x").unwrap();
            std::os::unix::fs::symlink(place.path(), place.path().join("again")).unwrap();
            assert_eq!(Files::of(place.path(), None).0.len(), 1);
        }
    }
}
