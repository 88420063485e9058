//! The tests of `spec-tests/web`, in web-platform-tests' layout: the same files that a browser plays.

use std::path::Path;
use std::time::Duration;

use background_sync::policy::{Origin, PermissionState, SyncKind};
use background_sync::scheduler::NetworkState;
use background_sync_reference_engine::engine::{
    App, Engine, EngineClock, EngineOptions, EngineStep, Frame, Open, Profile, Run, TimeMode, Who, refuse,
};
use background_sync_simulator::timeline::{Network, PartitionName, Permission, Time, TimedStep, Timeline};
use serde::Deserialize;
use url::Url;

use super::report::{Report, Status};
use web_file::WebFile;

#[allow(unreachable_pub, reason = "it is a part of a library elsewhere")]
#[path = "../../../../spec-tests/src/web_file.rs"]
mod web_file;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec-tests/web");
const HOST: &str = "web-platform.test";
const WINDOW: &str = "page";

/// Two retries within seconds, as the browser is started with.
const PARAMETERS: &str = "title = \"Web\"\n[parameters]\njitter = \"none\"\nmax_sync_attempts = 3\ninitial_retry_delay = \"3s\"\n\
                          retry_delay_factor = 2\nmax_retry_delay = \"10s\"\n";

/// How long a page may take, and how often it is looked at, in virtual time.
const LONGEST: Duration = Duration::from_secs(600);
const GLANCE: Duration = Duration::from_millis(100);

/// Files that this engine fails, and why.
const DIFFERENT: [(&str, &str); 1] =
    [("background-sync/detached-frame.https.window.js", "pages have no document tree, and no frames of their own")];

/// What a page asks of its driver.
#[derive(Deserialize)]
struct Driven {
    number: u64,
    #[serde(flatten)]
    what: Drive,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Drive {
    Permission { name: String, state: String },
    Network { offline: bool },
}

fn origin() -> Origin {
    Origin::parse(&format!("https://{HOST}")).unwrap()
}

impl Drive {
    fn step(self) -> EngineStep {
        match self {
            Self::Network { offline: true } => EngineStep::Network(Network(NetworkState::Offline)),
            Self::Network { offline: false } => EngineStep::Network(Network(NetworkState::online())),
            Self::Permission { name, state } => EngineStep::Permission(Permission {
                origin: origin(),
                partition: PartitionName::default(),
                kind: if name.starts_with("periodic") { SyncKind::Periodic } else { SyncKind::OneShot },
                state: match state.as_str() {
                    "granted" => PermissionState::Granted,
                    "denied" => PermissionState::Denied,
                    "prompt" => PermissionState::Prompt,
                    other => panic!("no such state: {other}"),
                },
            }),
        }
    }
}

/// A folder that is the site of the tests.
fn site(files: &[WebFile]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join(HOST);
    let write = |path: &str, text: &str| {
        let file = root.join(path.trim_start_matches('/'));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    for file in files {
        write(&file.name, &file.text);
        write(&file.page_path(), &file.page());
        if let Some(worker) = file.worker() {
            write(&file.worker_path(), &worker);
        }
    }
    for shared in ["resources", "background-sync/resources"] {
        for entry in std::fs::read_dir(Path::new(ROOT).join(shared)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            write(&format!("{shared}/{name}"), &std::fs::read_to_string(path).unwrap());
        }
    }
    write("resources/testharness.js", super::files::TESTHARNESS);
    write("resources/testharnessreport.js", include_str!("web/report.js"));
    write("resources/testdriver-vendor.js", include_str!("web/testdriver-vendor.js"));
    folder
}

fn perform(engine: &mut Engine, acts: Vec<EngineStep>) {
    let step = TimedStep { at: Time(engine.elapsed()), acts, expect: Vec::new(), line: 0 };
    assert_eq!(engine.perform(&step).unwrap(), []);
}

/// Opens a page and does what it asks, until it reports.
fn play(folder: &Path, file: &WebFile) -> Result<Report, String> {
    let timeline: Timeline<EngineStep> = Timeline::parse("the parameters", PARAMETERS).unwrap();
    refuse(&timeline).unwrap();
    let mut engine = Engine::start(EngineOptions {
        params: timeline.valid_parameters().unwrap(),
        seed: 1,
        folder: folder.to_owned(),
        profile: Profile::InMemory,
        clock: EngineClock::new(TimeMode::Virtual, Duration::ZERO),
        workers: Vec::new(),
        earlier: Vec::new(),
        servers: serde_json::Value::Null,
    })
    .unwrap();
    let url = Url::parse(&format!("https://{HOST}{}", file.page_path())).unwrap();
    let open = Open {
        window: WINDOW.to_owned(),
        url,
        partition: PartitionName::default(),
        frame: Frame::TopLevel,
        third_party_of: None,
        fenced: false,
    };
    // The permission for periodic syncs is for apps; who drives the test decides on it.
    let app = App { origin: origin(), partition: PartitionName::default(), installed: true };
    perform(&mut engine, vec![EngineStep::App(app), EngineStep::Open(open)]);
    let mut printed = Vec::new();
    while engine.elapsed() < LONGEST {
        engine.advance_to(engine.elapsed() + GLANCE).unwrap();
        for happening in engine.take_story() {
            if let Some(report) = happening.what.strip_prefix("report ") {
                engine.close().unwrap();
                return Ok(serde_json::from_str(report).unwrap());
            }
            if let Some(drive) = happening.what.strip_prefix("drive ") {
                let Driven { number, what } = serde_json::from_str(drive).unwrap();
                let done =
                    Run { window: WINDOW.to_owned(), script: format!("driven({number})"), gives: None, fails: None };
                perform(&mut engine, vec![what.step(), EngineStep::Run(done)]);
            } else if matches!(happening.who, Who::Trouble | Who::Page(_) | Who::Worker) {
                printed.push(format!("{} {}", happening.what, happening.why));
            }
        }
    }
    engine.close().unwrap();
    Err(format!("no report; {}", printed.join("; ")))
}

fn failures(played: Result<Report, String>) -> Vec<String> {
    match played {
        Err(problem) => vec![problem],
        Ok(report) => {
            let report = report.in_order();
            assert!(!report.subtests.is_empty(), "there was no test in it");
            let failed = report.subtests.into_iter().filter(|subtest| subtest.status != Status::Pass);
            failed.map(|subtest| format!("{}: {:?}", subtest.name, subtest.message)).collect()
        }
    }
}

#[test]
fn the_files_that_a_browser_plays() {
    let files = WebFile::all(Path::new(ROOT)).unwrap();
    assert!(files.len() >= 30, "{} files", files.len());
    let folder = site(&files);
    let mut wrong = Vec::new();
    for file in &files {
        let failures = failures(play(folder.path(), file));
        match DIFFERENT.iter().find(|(name, _)| *name == file.name) {
            None if !failures.is_empty() => wrong.push(format!("{}: {failures:#?}", file.name)),
            Some((_, why)) if failures.is_empty() => wrong.push(format!("{} passes, and is listed: {why}", file.name)),
            None | Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
