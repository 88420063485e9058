//! WebIDL of background sync, as `idlharness.js` derives its tests from the IDL.

use super::realm::run;
use super::scope::Scope;

macro_rules! script {
    ($path:literal) => {
        ($path, include_str!($path))
    };
}

/// The subtests where there is no event.
const IN_CLIENTS: &str = include_str!("golden/idl.client.txt");
const INTERFACES: (&str, &str) = script!("idl/background-sync.js");

#[test]
fn of_a_window() {
    run(Scope::Window, &[INTERFACES]).in_order().passes_exactly(IN_CLIENTS, 17);
}

#[test]
fn of_a_dedicated_worker() {
    run(Scope::DedicatedWorker, &[INTERFACES]).in_order().passes_exactly(IN_CLIENTS, 17);
}

#[test]
fn of_a_shared_worker() {
    run(Scope::SharedWorker, &[INTERFACES]).in_order().passes_exactly(IN_CLIENTS, 17);
}

#[test]
fn of_a_service_worker() {
    let golden = include_str!("golden/idl.service-worker.txt");
    run(Scope::ServiceWorker, &[INTERFACES]).in_order().passes_exactly(golden, 25);
}

#[test]
fn of_objects_in_clients() {
    let script = script!("idl/background-sync-objects.client.js");
    for scope in [Scope::Window, Scope::DedicatedWorker, Scope::SharedWorker] {
        run(scope, &[script]).in_order().passes_exactly(include_str!("golden/objects.client.txt"), 29);
    }
}

/// One fewer than web-platform-tests' own file has: that one lists `onsync`, which is null, as an object.
#[test]
fn of_objects_in_a_service_worker() {
    let script = script!("idl/background-sync-objects.service-worker.js");
    let golden = include_str!("golden/objects.service-worker.txt");
    run(Scope::ServiceWorker, &[script]).in_order().passes_exactly(golden, 36);
}
