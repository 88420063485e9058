//! A test in web-platform-tests' layout, in a browser of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::browser::{Context, Running};
use super::link::Link;
use super::notes::{Drive, Notes};
use super::server::{PORT, Serving};
use super::world::{BELIEVES, wait_until};
use crate::WebFile;
use crate::chromium::lanes::Verdict;

/// How long a test may take. The harness itself gives up after a minute.
const LONGEST: Duration = Duration::from_secs(80);

/// How often a silent page is asked whether it lives.
const BETWEEN_PULSES: Duration = Duration::from_secs(5);

/// The browser's parameters: two tries within seconds, and intervals of a second.
const TRIAL: [&str; 2] = [
    "--force-fieldtrials=BackgroundSync/Enabled",
    "--force-fieldtrial-params=BackgroundSync.Enabled:initial_retry_delay_sec/2/retry_delay_factor/2/max_sync_attempts/3",
];

/// What is served for the tests.
#[derive(Debug, Default)]
pub(super) struct WebSite {
    pages: BTreeMap<String, String>,
}

impl WebSite {
    /// The files below `root`, and what the harness's server would make of them.
    pub(super) fn new(root: &Path, testharness: String) -> Result<Self, String> {
        let mut pages = BTreeMap::new();
        for file in WebFile::all(root).map_err(|error| error.to_string())? {
            if let Some(worker) = file.worker() {
                pages.insert(file.worker_path(), worker);
            }
            pages.insert(file.page_path(), file.page());
            pages.insert(format!("/{}", file.name), file.text);
        }
        for folder in ["resources", "background-sync/resources"] {
            for entry in std::fs::read_dir(root.join(folder)).map_err(|error| error.to_string())? {
                let path = entry.map_err(|error| error.to_string())?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                pages.insert(
                    format!("/{folder}/{name}"),
                    std::fs::read_to_string(&path).map_err(|error| error.to_string())?,
                );
            }
        }
        pages.insert("/resources/testharness.js".to_owned(), testharness);
        let vendor = |text: &str| text.to_owned();
        pages
            .insert("/resources/testharnessreport.js".to_owned(), vendor(include_str!("../site/testharnessreport.js")));
        pages
            .insert("/resources/testdriver-vendor.js".to_owned(), vendor(include_str!("../site/testdriver-vendor.js")));
        Ok(Self { pages })
    }

    pub(super) fn page(&self, path: &str) -> Option<&str> {
        self.pages.get(path).map(String::as_str)
    }
}

/// What the harness reports.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Report {
    status: u64,
    message: Option<String>,
    subtests: Vec<Subtest>,
}

#[derive(Clone, Debug, Deserialize)]
struct Subtest {
    name: String,
    status: u64,
    message: Option<String>,
}

impl Report {
    fn failures(&self) -> Vec<String> {
        let said = |message: &Option<String>| message.clone().unwrap_or_else(|| "no word".to_owned());
        let mut failures = Vec::new();
        if self.status != 0 {
            failures.push(format!("the harness: {}", said(&self.message)));
        }
        if self.subtests.is_empty() {
            failures.push("there was no test in it".to_owned());
        }
        let failed = self.subtests.iter().filter(|subtest| subtest.status != 0);
        failures.extend(failed.map(|subtest| format!("{}: {}", subtest.name, said(&subtest.message))));
        failures
    }
}

/// Plays a file.
pub(super) fn play(file: &WebFile, link: &Link, server: &Serving) -> Verdict {
    match run(file, link, server) {
        Ok(failures) => Verdict::Observed(failures),
        Err(problem) => Verdict::Broken(problem),
    }
}

fn run(file: &WebFile, link: &Link, server: &Serving) -> Result<Vec<String>, String> {
    let notes = Arc::new(Notes::new());
    server.note_in(Arc::clone(&notes));
    let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
    link.set(true)?;
    let mut browser = Running::start(profile.path().to_owned(), &TRIAL.map(str::to_owned))?;
    let context = browser.context(false)?;
    let origin = format!("http://web-platform.localhost:{PORT}");
    let page = browser.open(&format!("{origin}{}", file.page_path()), None)?;
    let mut pulse = notes.now().plus(BETWEEN_PULSES);
    while notes.now().since(crate::seen::Moment::default()) < LONGEST {
        if let Some(report) = notes.report() {
            return Ok(report.failures());
        }
        if let Some((number, drive)) = notes.take_drive() {
            obey(&drive, &mut browser, &context, link, &origin)?;
            notes.driven(number);
        }
        if notes.now() > pulse {
            if !browser.survives(&page.session, "0")? {
                return Ok(vec!["the page has died".to_owned()]);
            }
            pulse = notes.now().plus(BETWEEN_PULSES);
        }
        browser.look(Duration::from_millis(20))?;
    }
    Err(format!("no report within {} s", LONGEST.as_secs()))
}

/// Does what a test asks of its driver.
fn obey(drive: &Drive, browser: &mut Running, context: &Context, link: &Link, origin: &str) -> Result<(), String> {
    match drive {
        Drive::Permission { name, state } => {
            let what = json!({ "permission": { "name": name }, "setting": state, "origin": origin });
            browser.call(None, "Browser.setPermission", what).map(|_| ())
        }
        Drive::Network { offline } => {
            link.set(!offline)?;
            wait_until("the browser does not notice its link", || {
                browser.run(&context.control, "navigator.onLine", false).map(|is| is != *offline)
            })?;
            if *offline {
                std::thread::sleep(BELIEVES);
            }
            Ok(())
        }
    }
}
