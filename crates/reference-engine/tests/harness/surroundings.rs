//! WebIDL of what is around background sync: events, service workers, messages, permissions, notifications.
//!
//! The engine supplies a part of these interfaces. A list for each kind of global has every subtest that fails, with the
//! reason, so that a change shows.

use super::realm::run;
use super::report::{Report, Status};
use super::scope::Scope;

const SCRIPT: (&str, &str) = ("idl/surroundings.js", include_str!("idl/surroundings.js"));

/// Asserts that so many subtests pass, and that exactly the listed ones fail.
#[track_caller]
fn passes_but_for(report: Report, passing: usize, listed: &str) {
    let (passed, failed): (Vec<_>, Vec<_>) =
        report.in_order().subtests.into_iter().partition(|subtest| subtest.status == Status::Pass);
    let names: Vec<_> = listed.lines().filter_map(|line| Some(line.split_once(": ")?.1)).collect();
    let unlisted: Vec<_> = failed.iter().filter(|subtest| !names.contains(&subtest.name.as_str())).collect();
    let mended: Vec<_> = names.iter().filter(|name| !failed.iter().any(|subtest| subtest.name == **name)).collect();
    assert!(unlisted.is_empty() && mended.is_empty(), "not listed: {unlisted:#?}\nlisted, and passes: {mended:#?}");
    assert_eq!(passed.len(), passing, "subtests that pass");
}

#[test]
fn of_a_window() {
    passes_but_for(run(Scope::Window, &[SCRIPT]), 244, include_str!("golden/surroundings.window.txt"));
}

#[test]
fn of_a_dedicated_worker() {
    let listed = include_str!("golden/surroundings.dedicated-worker.txt");
    passes_but_for(run(Scope::DedicatedWorker, &[SCRIPT]), 244, listed);
}

#[test]
fn of_a_shared_worker() {
    let listed = include_str!("golden/surroundings.shared-worker.txt");
    passes_but_for(run(Scope::SharedWorker, &[SCRIPT]), 241, listed);
}

#[test]
fn of_a_service_worker() {
    let listed = include_str!("golden/surroundings.service-worker.txt");
    passes_but_for(run(Scope::ServiceWorker, &[SCRIPT]), 309, listed);
}
