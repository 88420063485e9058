//! What a tap on a driver shows.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod engine;

use std::cell::RefCell;
use std::rc::Rc;

use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{Driver, HostParts, Hosts, Input, Output, Reply};
use engine::{call, key, parameters, stage};

#[test]
fn a_tap_shows_the_first_input_and_what_is_wanted_for_each() {
    let (_stage, hosts) = stage(NetworkState::Offline, true);
    // Taken apart and put together they are the same hosts.
    let hosts = Hosts::from(HostParts::from(hosts()));
    let mut driver = Driver::new(parameters().validated().unwrap(), [7; 32], || {}, |_| hosts);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let sees = Rc::clone(&seen);
    driver.tap(move |_, input, outputs| sees.borrow_mut().push((input.clone(), outputs.to_vec())));
    driver.poster().register(key(), Tag::from("outbox"), call(), |_, _| {}).unwrap();
    while driver.turn() == background_sync::Next::AtOnce {}

    let seen = seen.borrow();
    assert!(matches!(seen[0], (Input::NetworkChanged { state: NetworkState::Offline, .. }, _)), "{:?}", seen[0]);
    let wanted: Vec<_> = seen.iter().flat_map(|(_, outputs)| outputs).collect();
    assert_eq!(wanted.iter().filter(|output| matches!(output, Output::Load)).count(), 1);
    let (input, _) = seen.iter().find(|(_, outputs)| outputs.iter().any(is_reply)).unwrap();
    assert!(matches!(input, Input::Committed { .. }), "commit, then reply: {input:?}");
    assert_eq!(wanted.into_iter().filter(|output| is_reply(output)).count(), 1);
}

fn is_reply(output: &Output) -> bool {
    matches!(output, Output::Reply { reply: Reply::Registered(Ok(())), .. })
}
