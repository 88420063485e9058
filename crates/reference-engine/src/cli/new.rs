//! A folder to start from.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Exit;
use super::layout::{BOLD, DIM};
use super::out::{complain, line};

/// The folder's files: where they go, and what is in them.
const FILES: [(&str, &str); 3] = [
    ("timeline.toml", include_str!("../../template/timeline.toml")),
    ("app.example/index.html", include_str!("../../template/app.example/index.html")),
    ("app.example/sw.js", include_str!("../../template/app.example/sw.js")),
];

/// Makes a folder that can be run. Writes over nothing: there must be no such folder, or an empty one.
pub(crate) fn folder(folder: &Path) -> io::Result<Exit> {
    if let Err(message) = is_free(folder) {
        complain(message);
        return Ok(Exit::BadInput);
    }
    let mut made = Vec::new();
    if let Err((path, error)) = write_all(folder, &mut made) {
        take_back(&made);
        complain(format!("{} can't be written: {error}; nothing is left of it", path.display()));
        return Ok(Exit::Stuck);
    }
    for (path, _) in FILES {
        line(format!("wrote {}", folder.join(path).display()))?;
    }
    let name = as_argument(folder);
    let next = [
        (format!("bgsync run {name}"), "shows what happens"),
        (format!("bgsync run --watch {name}"), "does so again whenever you save one of the files"),
        ("bgsync run --help".to_owned(), "says what a timeline can do"),
    ];
    let width = next.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
    line("\nNext:")?;
    for (command, what) in next {
        line(format!("  {BOLD}{command:<width$}{BOLD:#}  {DIM}{what}{DIM:#}"))?;
    }
    Ok(Exit::AsExpected)
}

fn is_free(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(format!("{shown} is not empty, and nothing is written over; name a new folder")),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(format!("{shown} is there already, and no folder; name a new one"))
        }
        Err(error) => Err(format!("{shown} can't be read: {error}; name another folder")),
    }
}

/// Notes everything it makes, folders before what is in them.
fn write_all(folder: &Path, made: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    for (path, text) in FILES {
        let path = folder.join(path);
        let ancestors: Vec<_> = path.ancestors().skip(1).take_while(|parent| !parent.exists()).collect();
        for parent in ancestors.into_iter().rev().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir(parent).map_err(|error| (parent.to_owned(), error))?;
            made.push(parent.to_owned());
        }
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        file.and_then(|mut file| {
            made.push(path.clone());
            file.write_all(text.as_bytes())
        })
        .map_err(|error| (path.clone(), error))?;
    }
    Ok(())
}

/// Best effort: a folder that somebody else put something into stays.
fn take_back(made: &[PathBuf]) {
    for path in made.iter().rev() {
        if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) }.ok();
    }
}

/// A path as a shell takes it.
fn as_argument(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/\\:._-+~".contains(c);
    if text.chars().all(plain) { text } else { format!("\"{text}\"") }
}
