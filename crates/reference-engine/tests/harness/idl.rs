//! WebIDL of both APIs, as `idlharness.js` derives its tests from the IDL.

use super::realm::run;
use super::scope::Scope;

macro_rules! script {
    ($path:literal) => {
        ($path, include_str!($path))
    };
}

/// One of the two specifications: its scripts, and the subtests that they make.
struct Specification {
    interfaces: (&'static str, &'static str),
    /// The subtests where there is no event.
    in_clients: &'static str,
    in_service_workers: &'static str,
    client_objects: (&'static str, &'static str),
    objects_in_clients: &'static str,
    worker_objects: (&'static str, &'static str),
    objects_in_service_workers: &'static str,
}

const ONE_SHOT: Specification = Specification {
    interfaces: script!("idl/background-sync.js"),
    in_clients: include_str!("golden/idl.client.txt"),
    in_service_workers: include_str!("golden/idl.service-worker.txt"),
    client_objects: script!("idl/background-sync-objects.client.js"),
    objects_in_clients: include_str!("golden/objects.client.txt"),
    worker_objects: script!("idl/background-sync-objects.service-worker.js"),
    objects_in_service_workers: include_str!("golden/objects.service-worker.txt"),
};

const PERIODIC: Specification = Specification {
    interfaces: script!("idl/periodic-background-sync.js"),
    in_clients: include_str!("golden/periodic-idl.client.txt"),
    in_service_workers: include_str!("golden/periodic-idl.service-worker.txt"),
    client_objects: script!("idl/periodic-background-sync-objects.client.js"),
    objects_in_clients: include_str!("golden/periodic-objects.client.txt"),
    worker_objects: script!("idl/periodic-background-sync-objects.service-worker.js"),
    objects_in_service_workers: include_str!("golden/periodic-objects.service-worker.txt"),
};

#[test]
fn of_a_window() {
    run(Scope::Window, &[ONE_SHOT.interfaces]).in_order().passes_exactly(ONE_SHOT.in_clients, 17);
    run(Scope::Window, &[PERIODIC.interfaces]).in_order().passes_exactly(PERIODIC.in_clients, 19);
}

#[test]
fn of_a_dedicated_worker() {
    run(Scope::DedicatedWorker, &[ONE_SHOT.interfaces]).in_order().passes_exactly(ONE_SHOT.in_clients, 17);
    run(Scope::DedicatedWorker, &[PERIODIC.interfaces]).in_order().passes_exactly(PERIODIC.in_clients, 19);
}

#[test]
fn of_a_shared_worker() {
    run(Scope::SharedWorker, &[ONE_SHOT.interfaces]).in_order().passes_exactly(ONE_SHOT.in_clients, 17);
    run(Scope::SharedWorker, &[PERIODIC.interfaces]).in_order().passes_exactly(PERIODIC.in_clients, 19);
}

#[test]
fn of_a_service_worker() {
    let subtests = |of: &Specification| run(Scope::ServiceWorker, &[of.interfaces]).in_order();
    subtests(&ONE_SHOT).passes_exactly(ONE_SHOT.in_service_workers, 25);
    subtests(&PERIODIC).passes_exactly(PERIODIC.in_service_workers, 26);
}

#[test]
fn of_objects_in_clients() {
    for scope in [Scope::Window, Scope::DedicatedWorker, Scope::SharedWorker] {
        let subtests = |of: &Specification| run(scope, &[of.client_objects]).in_order();
        subtests(&ONE_SHOT).passes_exactly(ONE_SHOT.objects_in_clients, 29);
        subtests(&PERIODIC).passes_exactly(PERIODIC.objects_in_clients, 35);
    }
}

/// One fewer than web-platform-tests' own files have: those list `onsync` and `onperiodicsync`, which are null, as objects.
#[test]
fn of_objects_in_a_service_worker() {
    let subtests = |of: &Specification| run(Scope::ServiceWorker, &[of.worker_objects]).in_order();
    subtests(&ONE_SHOT).passes_exactly(ONE_SHOT.objects_in_service_workers, 36);
    subtests(&PERIODIC).passes_exactly(PERIODIC.objects_in_service_workers, 38);
}
