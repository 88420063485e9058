use std::path::{Path, PathBuf};
use std::{fs, io};

use background_sync_simulator::runner::{self, Report};
use background_sync_simulator::timeline::{Half, Part, Timeline, TimelineError};

use crate::Catalogue;

/// A timeline of this crate, not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixture {
    /// Its path below `fixtures`, without the ending: `register/new_tag`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

impl Fixture {
    /// All of them, by name.
    ///
    /// # Errors
    /// When a folder or a file cannot be read.
    pub fn all() -> io::Result<Vec<Self>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let mut found = Vec::new();
        collect(&root, &root, &mut found)?;
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Reads it.
    ///
    /// # Errors
    /// What is wrong, where, and what to do; an id that `catalogue` does not have, too.
    pub fn timeline(&self, catalogue: &Catalogue) -> Result<Timeline, TimelineError> {
        let file = self.path.display().to_string();
        let timeline: Timeline = Timeline::parse(&file, &self.text)?;
        let strange = timeline.covers.iter().enumerate().find(|(_, id)| !catalogue.knows(id));
        let Some((number, id)) = strange else { return Ok(timeline) };
        let path: [Part; 2] = ["covers".into(), number.into()];
        let help = catalogue.help_with(id);
        Err(TimelineError::of(&file, &self.text, (&path, Half::Value), format!("steps.toml has no `{id}`"), help))
    }

    /// What it says that it shows.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        let line = self.text.lines().find_map(|line| line.strip_prefix("title = "))?;
        Some(line.trim_matches('"').to_owned())
    }

    /// Runs it, twice: everything has to go as expected, and the same way again (invariant I14).
    ///
    /// # Errors
    /// What a reader needs to see why not.
    pub fn run(&self, catalogue: &Catalogue) -> Result<(), String> {
        let timeline = self.timeline(catalogue).map_err(|error| error.to_string())?;
        let report = runner::run(&timeline);
        if !report.passed() {
            return Err(format!("{}: {report}", self.path.display()));
        }
        match differing_lines(&report, &runner::run(&timeline)) {
            None => Ok(()),
            Some(lines) => Err(format!("{}: a second run differs\n{lines}", self.path.display())),
        }
    }
}

fn differing_lines(one: &Report, other: &Report) -> Option<String> {
    let (one, other) = (one.trace.lines(), other.trace.lines());
    let at = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    let shown = |lines: &[_]| lines.get(at).map_or_else(|| "nothing more".to_owned(), ToString::to_string);
    Some(format!("  first  {}\n  second {}", shown(one), shown(other)))
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Fixture>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.strip_prefix(root).unwrap_or(&path).with_extension("");
            let name = name.to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(&path)?;
            found.push(Fixture { name, path, text });
        }
    }
    Ok(())
}
