//! What happens to an engine, in a few lines each.

mod calls;
mod events;
mod removals;
mod restarts;

use background_sync::policy::{
    Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, WindowClients,
};
use background_sync::scheduler::NetworkState;

use crate::EngineUnderTest;
use crate::session::Session;

/// A scenario: its name, and what happens.
pub(crate) struct Scenario<E: EngineUnderTest> {
    pub(crate) name: &'static str,
    pub(crate) needs_wake_ups: bool,
    pub(crate) play: fn(Session<E>) -> Session<E>,
}

/// All of them.
pub(crate) fn all<E: EngineUnderTest>() -> Vec<Scenario<E>> {
    let with = |name, play| Scenario { name, needs_wake_ups: false, play };
    vec![
        with("send, then close the window", calls::send_and_close),
        with("send in a tunnel", calls::send_in_a_tunnel),
        with("a store that takes its time", calls::slow_store),
        with("many calls at once", calls::many_calls),
        with("a call without a window is refused", calls::no_window),
        with("a rejected event comes again", events::rejected),
        with("a worker crashes", events::crashes),
        with("a worker hangs", events::hangs),
        with("a worker does not start", events::does_not_start),
        with("registered again in mid-event", events::registered_again),
        with("the link goes down in mid-event", events::link_goes_down),
        with("a crash before the network is back", restarts::crash),
        with("a crash in mid-event", restarts::crash_in_an_event),
        with("a crash in mid-commit", restarts::crash_in_a_commit),
        with("shut down and started again", restarts::restart),
        with("unregistered", removals::unregistered),
        with("unregistered in mid-event", removals::unregistered_in_an_event),
        with("site data cleared", removals::cleared),
        with("permission revoked", removals::revoked),
        Scenario { name: "the system wakes the engine", needs_wake_ups: true, play: events::woken },
    ]
}

fn key() -> RegistrationKey {
    let origin = Origin::parse("https://chat.example").expect("an origin");
    let partition = Partition::Profile(PartitionId(0));
    let storage_key = StorageKey::first_party(origin);
    RegistrationKey::new(partition, storage_key, "https://chat.example/", Incarnation(1))
        .expect("the origin's own scope")
}

/// A chat with one window.
fn open<E: EngineUnderTest>(session: &mut Session<E>) -> RegistrationKey {
    let key = key();
    session.install(&key);
    session.set_windows(&key, WindowClients::new(1, 0));
    key
}

fn go_online<E: EngineUnderTest>(session: &mut Session<E>) {
    session.set_network(&NetworkState::online());
}

fn go_offline<E: EngineUnderTest>(session: &mut Session<E>) {
    session.set_network(&NetworkState::Offline);
}
