//! What stands between a driver and the hosts of an engine, and writes down what passes.

mod clock;
mod engine;
mod mirror;
mod store;

use std::cell::RefCell;
use std::rc::Rc;

use background_sync::{HostParts, Hosts};

pub(crate) use engine::WatchedEngine;
pub(crate) use store::StoreWatch;

use crate::watch::Watch;

/// The same hosts, with somebody who watches around each.
pub(crate) fn watched<H: 'static>(
    hosts: Hosts<H>,
    watch: &Rc<RefCell<Watch>>,
    store: &StoreWatch,
) -> Hosts<WatchedEngine<H>> {
    let HostParts { engine, store: inner, clock, power, prompt, wake_ups, keep_alive } = HostParts::from(hosts);
    Hosts::from(HostParts {
        engine: WatchedEngine::new(engine, Rc::clone(watch)),
        store: Box::new(store.around(inner)),
        clock: Box::new(clock::WatchedClock::new(clock, Rc::clone(watch))),
        power,
        prompt,
        wake_ups,
        keep_alive,
    })
}
