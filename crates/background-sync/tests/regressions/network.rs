//! What the user said about a network.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::Tag;
use background_sync::scheduler::{NetworkId, NetworkMode, NetworkState};
use background_sync::{AttemptId, Input};

use crate::support::stories::{last_question, with};
use crate::support::{Host, key, secs};

/// The "no" to a network outlived the registration it was said for, and held the next one of the same tag.
#[test]
fn a_declined_network_is_forgotten_with_its_registration() {
    let (mut host, attempt) = asked_about_the_cafe();
    host.send(Input::Answered { attempt, yes: false });
    host.network(online_at("home"));
    host.run(secs(5));
    assert_eq!(host.events.len(), 1);
    host.network(online_at("cafe"));
    host.register("t"); // a new promise, made on this very network
    host.run(secs(10));
    assert_eq!(host.events.len(), 2, "{:?}", host.machine.why_not(&key(), SyncKind::OneShot, &Tag::from("t")));
}

/// The "yes" to one network came when it was gone, and was taken for the next one.
#[test]
fn a_yes_is_for_the_network_that_was_asked_about() {
    let (mut host, attempt) = asked_about_the_cafe();
    host.network(NetworkState::Offline);
    host.send(Input::Answered { attempt, yes: true });
    host.network(online_at("airport"));
    host.run(secs(10));
    assert_eq!(host.events.len(), 0, "fired on a network nobody was asked about");
}

/// Registered at home and offline since; the network of a café is the first that came back, and the user is asked.
fn asked_about_the_cafe() -> (Host, AttemptId) {
    let mut host = Host::with(with(|parameters| {
        parameters.network_mode = NetworkMode::AskOnChange;
        parameters.online_hold = Duration::ZERO;
        parameters.online_hold_max = Duration::ZERO;
        parameters.first_fire_spread = Duration::ZERO;
    }));
    host.network(online_at("home"));
    host.network(NetworkState::Offline);
    host.register("t");
    host.network(online_at("cafe"));
    host.run(secs(5));
    let attempt = last_question(&host);
    (host, attempt)
}

fn online_at(place: &str) -> NetworkState {
    NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(place)) }
}
