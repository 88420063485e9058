//! Tests in web-platform-tests' layout, and the pages and workers that its server would make of them.

use std::path::Path;
use std::{fs, io};

/// A `.https.window.js` or `.https.serviceworker.js` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebFile {
    /// Its path below `web`: `background-sync/tags.https.window.js`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

const WINDOW: &str = ".window.js";
const SERVICE_WORKER: &str = ".serviceworker.js";

impl WebFile {
    /// All of a folder, by name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn all(root: &Path) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        for folder in ["background-sync", "periodic-background-sync"] {
            for entry in fs::read_dir(root.join(folder))? {
                let path = entry?.path();
                let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if file.ends_with(WINDOW) || file.ends_with(SERVICE_WORKER) {
                    found.push(Self { name: format!("{folder}/{file}"), text: fs::read_to_string(&path)? });
                }
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// The path of its page.
    #[must_use]
    pub fn page_path(&self) -> String {
        format!("/{}.html", self.name.trim_end_matches(".js"))
    }

    /// Its page: the harness, and the test or the start of its worker.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = String::from("<!doctype html><meta charset=utf-8>");
        if self.text.contains("// META: timeout=long") {
            page.push_str("<meta name=timeout content=long>");
        }
        page.push_str("<body><script src=/resources/testharness.js></script><script src=/resources/testharnessreport.js></script>");
        if self.is_in_a_worker() {
            let (script, scope) = (self.worker_path(), self.worker_path().replace(".worker.js", "/"));
            page.push_str(&format!(
                "<script>promise_setup(async () => {{\
                 const old = await navigator.serviceWorker.getRegistration('{scope}');\
                 if (old) await old.unregister();\
                 const registration = await navigator.serviceWorker.register('{script}', {{ scope: '{scope}' }});\
                 await fetch_tests_from_worker(registration.installing);\
                 }});</script>"
            ));
        } else {
            for script in self.scripts() {
                page.push_str(&format!("<script src={script}></script>"));
            }
            page.push_str(&format!("<script src=/{}></script>", self.name));
        }
        page
    }

    /// The path of its worker.
    #[must_use]
    pub fn worker_path(&self) -> String {
        format!("/{}.worker.js", self.name.trim_end_matches(".js"))
    }

    /// Its worker: the harness and the test; none when the test runs in a window.
    #[must_use]
    pub fn worker(&self) -> Option<String> {
        let imports = |script: &str| format!("importScripts({script:?});\n");
        let scripts: String = self.scripts().map(imports).collect();
        let all = format!(
            "{}{scripts}{}done();\n",
            imports("/resources/testharness.js"),
            imports(&format!("/{}", self.name))
        );
        self.is_in_a_worker().then_some(all)
    }

    fn is_in_a_worker(&self) -> bool {
        self.name.ends_with(SERVICE_WORKER)
    }

    /// Scripts that are loaded before it.
    fn scripts(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter_map(|line| line.strip_prefix("// META: script="))
    }
}
