//! Sites that stand beside the tests, and the timelines they are run with.

use std::path::{Path, PathBuf};

use super::published::Published;
use super::support::{Folder, Said};

/// A site in a folder to run, without a timeline yet.
pub(crate) struct Site {
    /// Where its files and timelines stand.
    place: PathBuf,
    host: &'static str,
    folder: Folder,
}

impl Site {
    pub(crate) fn new(place: &str, host: &'static str) -> Self {
        Self { place: beside_the_tests(place), host, folder: Folder::new() }
    }

    /// Adds the files of one folder.
    pub(crate) fn files_of(self, folder: &str) -> Self {
        for entry in std::fs::read_dir(self.place.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_str().unwrap();
            self.folder.write(&format!("{}/{file}", self.host), &std::fs::read_to_string(&path).unwrap());
        }
        self
    }

    /// Adds files of packages.
    pub(crate) fn published(self, files: &[Published]) -> Self {
        let host = self.host;
        self.published_at(host, files)
    }

    /// Adds files of packages that another host has.
    pub(crate) fn published_at(self, host: &str, files: &[Published]) -> Self {
        for file in files {
            self.folder.write(&format!("{host}/{}", file.path), file.text);
        }
        self
    }

    /// Runs a timeline that stands beside the site's files.
    pub(crate) fn play(&self, timeline: &str) -> Said {
        let text = std::fs::read_to_string(self.place.join(timeline).with_extension("toml")).unwrap();
        self.folder.write("timeline.toml", &text);
        self.folder.run()
    }
}

/// Fails unless the timelines that stand in a place are these.
#[track_caller]
pub(crate) fn assert_all_timelines(place: &str, known: &[&str]) {
    let files = std::fs::read_dir(beside_the_tests(place)).unwrap().map(|entry| entry.unwrap().path());
    let timelines = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let mut names: Vec<_> = timelines.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    assert_eq!(names, known);
}

fn beside_the_tests(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(place)
}
