//! What pages and workers see of background sync, in the corners that web-platform-tests does not reach.
//!
//! The scripts in `web/` are pages (`NAME.js`), their service workers (`NAME.worker.js`, or `worker.js`), and what happens
//! around them (`NAME.toml`). The name of each subtest begins with the number of its corner case and the specification's
//! steps, where there are some:
//!
//! | cases | about |
//! |---|---|
//! | 1 | arguments that are missing or cannot be converted |
//! | 2 to 7 | refusals: active worker, permission and switch, windows; their order |
//! | 8, 14, 15 | when the promise settles |
//! | 9 | which tags are the same |
//! | 10 to 13 | a tag that is there: waiting, firing, pending |
//! | 16, 17 | several registrations of an origin |
//! | 18 | a frame that is taken out |
//! | 19 to 22 | `getTags()` |
//! | 45 to 47 | the event's constructor |
//! | 48 | the handler attribute |
//! | 49 | who sees what |
//! | 50, 51 | periodic syncs: permission, windows |
//! | 52, 53 | conversion of the interval and the options |
//! | 54 to 59 | `register()`, `getTags()` and `unregister()` of the periodic manager |
//! | 60, 68 | when a periodic event comes, and comes again |
//! | 71 to 74 | a permission or switch that changes |
//!
//! Groups whose names begin with `periodic` are about periodic syncs; in them the first 49 cases are about those.
//!

use std::collections::BTreeSet;

use background_sync_reference_engine::engine::Who;

use super::engine::{Played, play};

/// What every site has.
const SITE: [(&str, &str); 9] = [
    ("testharness.js", super::files::TESTHARNESS),
    ("report.js", include_str!("web/report.js")),
    ("help.js", include_str!("web/help.js")),
    ("empty.html", ""),
    ("frame.html", "<script>new Worker('/help.js'), new SharedWorker('/help.js')</script>"),
    ("worker.js", WORKER),
    ("exposure.js", include_str!("web/exposure.js")),
    ("slow.js", include_str!("web/slow.js")),
    ("failing.js", include_str!("web/failing.js")),
];
const WORKER: &str = include_str!("web/worker.js");
const PAGE: &str = "<script src=/testharness.js></script><script src=/report.js></script><script src=/help.js></script>\n\
                    <script src=/page.js></script>";

/// A page, its service worker, and what happens around them.
struct Group {
    page: &'static str,
    worker: &'static str,
    timeline: &'static str,
    /// How many subtests the page has, and the worker.
    subtests: (usize, usize),
    /// The corner cases they are about.
    cases: &'static [u32],
}

macro_rules! group {
    ($name:literal, $worker:expr, $subtests:expr, $cases:expr) => {
        Group {
            page: include_str!(concat!("web/", $name, ".js")),
            worker: $worker,
            timeline: include_str!(concat!("web/", $name, ".toml")),
            subtests: $subtests,
            cases: $cases,
        }
    };
}

const ACTIVE: Group = group!("active", WORKER, (7, 0), &[1, 2, 19]);
const DENIED: Group = group!("denied", WORKER, (6, 0), &[3, 4, 22]);
const DETACHED: Group = group!("detached", WORKER, (3, 0), &[18]);
const EVENTS: Group = group!("events", include_str!("web/events.worker.js"), (12, 13), &[45, 46, 47, 48, 49]);
const OFFLINE: Group = group!("offline", WORKER, (8, 0), &[9, 12, 15, 20, 21, 22]);
const ONLINE: Group = group!("online", WORKER, (10, 0), &[1, 4, 8, 13, 16, 17]);
const ORDER: Group = group!("order", include_str!("web/order.worker.js"), (1, 1), &[14]);
const STATES: Group = group!("states", WORKER, (4, 0), &[10, 11, 20]);
const WINDOWS: Group = group!("windows", include_str!("web/windows.worker.js"), (1, 10), &[3, 5, 6, 7, 22]);
const PERIODIC: Group = group!("periodic", WORKER, (13, 0), &[1, 16, 17, 52, 53, 54, 56, 57, 58]);
const PERIODIC_ALLOWED: Group = group!("periodic-allowed", WORKER, (11, 0), &[2, 50, 53, 57, 58, 71, 72, 74]);
const PERIODIC_DETACHED: Group = group!("periodic-detached", WORKER, (2, 0), &[18]);
const PERIODIC_EVENTS: Group =
    group!("periodic-events", include_str!("web/periodic-events.worker.js"), (1, 13), &[45, 46, 47, 48, 49]);
const PERIODIC_FIRES: Group = group!("periodic-fires", WORKER, (5, 0), &[55, 59, 60, 68]);
const PERIODIC_WINDOWS: Group =
    group!("periodic-windows", include_str!("web/periodic-windows.worker.js"), (1, 5), &[50, 51, 58]);
const ALL: [Group; 15] = [
    ACTIVE,
    DENIED,
    DETACHED,
    EVENTS,
    OFFLINE,
    ONLINE,
    ORDER,
    STATES,
    WINDOWS,
    PERIODIC,
    PERIODIC_ALLOWED,
    PERIODIC_DETACHED,
    PERIODIC_EVENTS,
    PERIODIC_FIRES,
    PERIODIC_WINDOWS,
];

impl Group {
    #[track_caller]
    fn passes(&self) {
        self.passes_with_trouble(&[]);
    }

    #[track_caller]
    fn passes_with_trouble(&self, expected: &[&str]) {
        let Played { reports, ended, trouble } = self.play();
        assert_eq!(trouble, expected);
        let mut cases = BTreeSet::new();
        let mut subtests = (0, 0);
        for (who, report) in reports {
            let report = report.in_order();
            report.passes();
            let count = report.subtests.len();
            if who == Who::Worker {
                subtests.1 += count
            } else {
                subtests.0 += count
            }
            cases.extend(report.names().map(case));
        }
        assert_eq!(
            subtests, self.subtests,
            "subtests reported by the page and the worker; these have ended: {ended:#?}"
        );
        assert_eq!(cases, self.cases.iter().copied().collect());
    }

    #[track_caller]
    fn play(&self) -> Played {
        let folder = tempfile::tempdir().unwrap();
        for host in ["a.example", "b.example"] {
            let site = folder.path().join(host);
            std::fs::create_dir(&site).unwrap();
            let own = [("index.html", PAGE), ("page.js", self.page), ("sw.js", self.worker)];
            for (name, content) in SITE.into_iter().chain(own) {
                std::fs::write(site.join(name), content).unwrap();
            }
        }
        play(folder.path(), self.timeline)
    }
}

/// The corner case that a subtest is about: `12 (sync.register.8.3): a tag …`. The steps it names have to exist.
#[track_caller]
fn case(name: &str) -> u32 {
    let (head, _) = name.split_once(": ").unwrap_or_else(|| panic!("`{name}` has no number"));
    let (number, steps) =
        head.split_once(" (").map_or((head, ""), |(number, steps)| (number, steps.trim_end_matches(')')));
    let steps = steps.split(", ").filter(|step| !step.is_empty());
    let unknown: Vec<_> = steps.filter(|step| !STEPS.contains(&format!("\"{step}\" = "))).collect();
    assert!(unknown.is_empty(), "`{name}` names steps that do not exist: {unknown:?}");
    number.parse().unwrap_or_else(|_| panic!("`{name}` has no number"))
}

/// The list of the specification's steps.
const STEPS: &str = include_str!("../../../../spec-tests/steps.toml");

#[test]
fn every_case_has_a_test() {
    let cases: BTreeSet<_> = ALL.iter().flat_map(|group| group.cases).copied().collect();
    assert_eq!(cases, (1..=22).chain(45..=60).chain([68, 71, 72, 74]).collect());
}

#[test]
fn workers_that_are_not_active() {
    ACTIVE.passes_with_trouble(&[
        "https://a.example/failing/ was not installed: Error: it does not want to, https://a.example/failing.js:1",
    ]);
}

#[test]
fn permission_and_switch() {
    DENIED.passes();
}

#[test]
fn a_frame_that_is_taken_out() {
    DETACHED.passes();
}

#[test]
fn the_event_and_its_handler() {
    EVENTS.passes();
}

#[test]
fn a_network_that_goes_and_comes_back() {
    OFFLINE.passes();
}

#[test]
fn one_tab_and_a_network() {
    ONLINE.passes();
}

#[test]
fn promise_before_event() {
    ORDER.passes();
}

#[test]
fn registrations_in_all_their_states() {
    STATES.passes();
}

#[test]
fn windows_that_come_and_go() {
    WINDOWS.passes();
}

#[test]
fn periodic_syncs_of_an_installed_app() {
    PERIODIC.passes();
}

#[test]
fn the_permission_for_periodic_syncs_comes_and_goes() {
    PERIODIC_ALLOWED.passes();
}

#[test]
fn a_periodic_manager_in_a_frame_that_is_taken_out() {
    PERIODIC_DETACHED.passes();
}

#[test]
fn the_periodic_event_and_its_handler() {
    PERIODIC_EVENTS.passes();
}

#[test]
fn an_app_that_is_open_for_days() {
    PERIODIC_FIRES.passes();
}

#[test]
fn periodic_syncs_and_windows_that_come_and_go() {
    PERIODIC_WINDOWS.passes();
}
