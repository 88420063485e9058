use std::ffi::OsString;
use std::path::PathBuf;

use crate::LaunchError;

/// Programs that will do, the best first.
const NAMES: [&str; 3] = ["chromium", "chromium-headless-shell", "google-chrome"];

/// What `CHROMIUM` names, or what is found in `PATH`.
pub(super) fn chromium(named: Option<OsString>, path: Option<OsString>) -> Result<PathBuf, LaunchError> {
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    let folders: Vec<_> = path.iter().flat_map(std::env::split_paths).collect();
    let found = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found
        .into_iter()
        .find(|program| program.is_file())
        .ok_or_else(|| LaunchError::NotFound { looked_for: NAMES.map(str::to_owned).into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_comes_first_then_what_is_best_in_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = |names: &[&str]| std::env::join_paths(names.iter().map(|name| folder.path().join(name))).unwrap();
        for (place, name) in [("a", "google-chrome"), ("b", "chromium-headless-shell"), ("b", "chromium.old")] {
            std::fs::create_dir_all(folder.path().join(place)).unwrap();
            std::fs::write(folder.path().join(place).join(name), "").unwrap();
        }
        let found = chromium(None, Some(path(&["a", "b"]))).unwrap();
        assert_eq!(found, folder.path().join("b/chromium-headless-shell"));
        assert_eq!(chromium(Some("/x".into()), Some(path(&["a"]))).unwrap(), PathBuf::from("/x"));
        assert_eq!(chromium(Some("".into()), Some(path(&["a"]))).unwrap(), folder.path().join("a/google-chrome"));
    }

    #[test]
    fn none_says_how_to_get_one() {
        let error = chromium(None, None).unwrap_err().to_string();
        assert!(error.contains("chromium-headless-shell") && error.contains("apt-get install chromium"), "{error}");
    }
}
