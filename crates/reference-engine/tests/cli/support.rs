//! Folders to run, and the command to run them with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a run of the command said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asserts the exit code, with everything that was said if it is another.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- out\n{}\n--- err\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "no {text:?} in\n{}\n--- err\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn prints_no(self, text: &str) -> Self {
        assert!(!self.out.contains(text), "{text:?} in\n{}", self.out);
        self
    }

    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Self {
        assert!(self.err.contains(text), "no {text:?} in\n{}\n--- out\n{}", self.err, self.out);
        self
    }

    /// Asserts that these lines come in this order, with others between them.
    #[track_caller]
    pub(crate) fn prints_in_order(self, texts: &[&str]) -> Self {
        let mut rest = self.out.as_str();
        for text in texts {
            let at = rest.find(text).unwrap_or_else(|| panic!("no {text:?} after the ones before it in\n{}", self.out));
            rest = &rest[at + text.len()..];
        }
        self
    }
}

/// The command itself.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bgsync"));
    command.stdin(Stdio::null()).env("NO_COLOR", "1");
    command
}

/// Runs the command.
pub(crate) fn bgsync<I: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = I>) -> Said {
    Said::of(&command().args(args).output().unwrap())
}

/// A temporary folder with files in it.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A site with a page that registers `sw.js`, and nothing else yet.
    pub(crate) fn with_site(host: &str, worker: &str) -> Self {
        Self::new().site(host, worker)
    }

    /// One more site.
    pub(crate) fn site(self, host: &str, worker: &str) -> Self {
        let page = "<script>const registered = navigator.serviceWorker.register('sw.js');\n\
                    const ask = async tag => (await navigator.serviceWorker.ready).sync.register(tag);\n\
                    const tags = async () => (await navigator.serviceWorker.ready).sync.getTags();</script>";
        self.file(&format!("{host}/index.html"), page).file(&format!("{host}/sw.js"), worker)
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A timeline, with what all of them need at the top.
    pub(crate) fn timeline(self, steps: &str) -> Self {
        self.write_timeline(steps);
        self
    }

    pub(crate) fn write_timeline(&self, steps: &str) {
        let names =
            ["a", "b"].map(|name| format!("[[worker]]\nname = \"{name}\"\nscope = \"https://{name}.example/\"\n"));
        self.write("timeline.toml", &format!("title = \"A test\"\nseed = 1\n{}\n{steps}", names.join("")));
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// A store in a folder of its own.
    pub(crate) fn store(&self) -> PathBuf {
        let folder = self.path("profile");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join("store")
    }

    pub(crate) fn run(&self) -> Said {
        bgsync([Path::new("run"), self.0.path()])
    }

    pub(crate) fn run_with_store(&self, store: &Path) -> Said {
        bgsync([Path::new("run"), self.0.path(), Path::new("--store"), store])
    }
}

/// Every file below a folder: its path, bytes and time of change.
pub(crate) fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            let changed = path.metadata().unwrap().modified().unwrap();
            files.push((path.clone(), std::fs::read(&path).unwrap(), changed));
        }
    }
    files.sort();
    files
}

/// A worker whose events are fulfilled.
pub(crate) const GOOD_WORKER: &str = "addEventListener('sync', event => console.log(`got ${event.tag}`));";

/// Opens a page at once.
pub(crate) const OPEN_A: &str = "[[step]]\nopen = { window = \"a\", url = \"https://a.example/\" }\n";
