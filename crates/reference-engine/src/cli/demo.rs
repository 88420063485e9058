//! The demos that come with the command: the folders of `demos/`, built in.
//!
//! A folder named after another one, with a dash, is that one with its own files on top: `chat-killed` has the pages of
//! `chat`. The heading of a demo's README says what happens in it, the rest what to watch.

use std::io;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::args::Playing;
use super::layout::Layout;
use super::out::{complain, line};
use super::{Exit, play};

static DEMOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/demos");

/// Lists the demos.
pub(crate) fn list() -> io::Result<Exit> {
    let layout = Layout::of_stdout();
    for name in names() {
        let (about, _) = readme(name);
        line(layout.wrap(&format!("{name:<14} {about}"), 15))?;
    }
    Ok(Exit::AsExpected)
}

/// Plays one that is there.
pub(crate) fn show(name: &str, playing: &Playing) -> io::Result<Exit> {
    let unpacked = tempfile::tempdir().and_then(|place| unpack(name, place.path()).map(|()| place));
    let place = match unpacked {
        Ok(place) => place,
        Err(error) => {
            complain(format!("the demo can't be unpacked into a temporary folder: {error}"));
            return Ok(Exit::Stuck);
        }
    };
    if !playing.json {
        let (_, watch) = readme(name);
        line(format!("{}\n", Layout::of_stdout().wrap(&watch, 0)))?;
    }
    play::folder(place.path(), playing)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    DEMOS.dirs().filter_map(|demo| demo.path().to_str())
}

/// The heading, and the rest on one line.
fn readme(name: &str) -> (&'static str, String) {
    let file = DEMOS.get_file(Path::new(name).join("README.md"));
    let text = file.and_then(include_dir::File::contents_utf8).unwrap_or_default();
    let (heading, rest) = text.split_once('\n').unwrap_or((text, ""));
    (heading.trim_start_matches("# "), rest.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn unpack(name: &str, place: &Path) -> io::Result<()> {
    let first = name.split_once('-').map(|(first, _)| first);
    for demo in first.into_iter().chain([name]).filter_map(|name| DEMOS.get_dir(name)) {
        copy(demo, demo.path(), place)?;
    }
    Ok(())
}

fn copy(folder: &Dir<'_>, demo: &Path, place: &Path) -> io::Result<()> {
    for file in folder.files() {
        let path = place.join(file.path().strip_prefix(demo).unwrap_or(file.path()));
        std::fs::create_dir_all(path.parent().unwrap_or(place))?;
        std::fs::write(path, file.contents())?;
    }
    folder.dirs().try_for_each(|inner| copy(inner, demo, place))
}
