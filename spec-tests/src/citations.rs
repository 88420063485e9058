use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Crates whose source has to cite every step.
const CRATES: [&str; 4] = ["policy", "registration", "scheduler", "background-sync"];

/// Which steps the comments of the crates cite, and in which files.
///
/// A citation is the full id in a comment: `// sync.register.8.2: …`. Of a range such as
/// "sync.register.4 to sync.register.6" only the two ids that are written out count, and the shorthand
/// "sync.fire.5.2.1 (.1, .2)" counts for the first id only: a reader who searches for a step finds it.
#[derive(Clone, Debug, Default)]
pub struct Citations(BTreeMap<String, BTreeSet<PathBuf>>);

impl Citations {
    /// Reads the source of the crates that implement the specification.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of_the_crates() -> io::Result<Self> {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
        let mut citations = Self::default();
        for name in CRATES {
            citations.read_folder(&crates, &crates.join(name).join("src"))?;
        }
        Ok(citations)
    }

    /// Every id that is cited, with the files.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &BTreeSet<PathBuf>)> {
        self.0.iter().map(|(id, files)| (id.as_str(), files))
    }

    /// Whether a step is cited.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    fn read_folder(&mut self, root: &Path, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.read_folder(root, &path)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap_or(&path);
                for id in cited(&fs::read_to_string(&path)?) {
                    self.0.entry(id).or_default().insert(name.to_owned());
                }
            }
        }
        Ok(())
    }
}

/// The steps that the comments of a source text cite.
fn cited(text: &str) -> BTreeSet<String> {
    let comments = text.lines().filter_map(|line| line.split_once("//").map(|(_, comment)| comment));
    let is_id = |word: &&str| word.starts_with("sync.") || (word.starts_with("periodic.") && !word.ends_with(".rs"));
    comments.flat_map(words).filter(is_id).map(str::to_owned).collect()
}

fn words(comment: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    comment.split(move |c| !is_part(c)).map(|word| word.trim_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_stand_in_comments_and_are_written_out() {
        let text = "/// `sync.register.2` to `sync.register.6`.\n\
                    let a = b; // sync.fire.5.2.1: pending (.1), and so on. See sync.online.\n\
                    let url = background.sync.x; // background-sync.example\n\
                    // As periodic.rs says, `periodic.register.8.1` to periodic.register.8.6.\n";
        let found: Vec<_> = cited(text).into_iter().collect();
        let of_periodic = ["periodic.register.8.1", "periodic.register.8.6"];
        let of_sync = ["sync.fire.5.2.1", "sync.online", "sync.register.2", "sync.register.6"];
        assert_eq!(found, [of_periodic.as_slice(), &of_sync].concat());
    }
}
