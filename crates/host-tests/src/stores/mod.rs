//! The store half of the kit: what the machine does to a store, and what has to be there afterwards.

mod rows;
mod scenarios;
mod session;
mod under_test;

pub use under_test::StoreUnderTest;

use crate::Report;
use scenarios::Needs;
use session::Session;

/// Plays every scenario for stores with a new store and says what was found.
///
/// `store` makes one with nothing in it. It is used as a [`Driver`](background_sync::Driver) uses it: from one thread, one
/// commit after the other, each batch with operations of different records.
pub fn check_store<S: StoreUnderTest>(store: impl FnMut() -> S) -> Report {
    play(store, |_| true)
}

/// As [`check_store`], with one scenario of [`Report::scenarios`] alone.
///
/// One that there is not, or that the store cannot play, gives a report without scenarios.
pub fn check_store_only<S: StoreUnderTest>(name: &str, store: impl FnMut() -> S) -> Report {
    play(store, |scenario| scenario == name)
}

fn play<S: StoreUnderTest>(mut store: impl FnMut() -> S, which: impl Fn(&str) -> bool) -> Report {
    let mut report = Report::default();
    for scenario in scenarios::all::<S>().iter().filter(|scenario| which(scenario.name)) {
        let store = store();
        let can = match scenario.needs {
            Needs::Nothing => true,
            Needs::ToOutliveAProcess => store.outlives_a_process(),
        };
        if !can {
            continue;
        }
        if let Some(session) = (scenario.play)(Session::new(store)) {
            report.add(scenario.name, session.end());
        }
    }
    report
}
