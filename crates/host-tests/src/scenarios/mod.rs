//! What happens to an engine, in a few lines each.

mod calls;
mod events;
mod private;
mod removals;
mod restarts;
mod sites;
mod system;

use background_sync::policy::{
    Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, WindowClients,
};
use background_sync::scheduler::NetworkState;

use crate::EngineUnderTest;
use crate::session::Session;

/// A scenario: its name, and what happens.
pub(crate) struct Scenario<E: EngineUnderTest> {
    pub(crate) name: &'static str,
    pub(crate) needs: Needs,
    pub(crate) play: fn(Session<E>) -> Session<E>,
}

/// What an engine has to have for a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    WakeUps,
    Switch,
    Restrictions,
    PrivatePartitions,
}

impl Needs {
    pub(crate) fn are_met_by(self, engine: &impl EngineUnderTest) -> bool {
        match self {
            Self::Nothing => true,
            Self::WakeUps => engine.has_wake_ups(),
            Self::Switch => engine.has_switch(),
            Self::Restrictions => engine.has_restrictions(),
            Self::PrivatePartitions => engine.has_private_partitions(),
        }
    }
}

/// All of them.
pub(crate) fn all<E: EngineUnderTest>() -> Vec<Scenario<E>> {
    let with = |name, play| Scenario { name, needs: Needs::Nothing, play };
    let needing = |needs, name, play| Scenario { name, needs, play };
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
        with("two sites at once", sites::two),
        with("the system sleeps", system::sleeps),
        needing(Needs::WakeUps, "the system wakes the engine", events::woken),
        needing(Needs::Switch, "switched off by the user", sites::switched_off),
        needing(Needs::Restrictions, "restricted by the system", system::restricted),
        needing(Needs::PrivatePartitions, "a private window", private::window),
        needing(Needs::PrivatePartitions, "the last private window is closed", private::closed),
        needing(Needs::PrivatePartitions, "a crash with a private window", private::crash),
    ]
}

const PROFILE: Partition = Partition::Profile(PartitionId(0));
const PRIVATE: Partition = Partition::Private(PartitionId(1));

fn key() -> RegistrationKey {
    key_of(PROFILE, "https://chat.example")
}

fn key_of(partition: Partition, origin: &str) -> RegistrationKey {
    let storage_key = StorageKey::first_party(Origin::parse(origin).expect("an origin"));
    RegistrationKey::new(partition, storage_key, &format!("{origin}/"), Incarnation(1)).expect("the origin's own scope")
}

/// A chat with one window.
fn open<E: EngineUnderTest>(session: &mut Session<E>) -> RegistrationKey {
    let key = key();
    open_one(session, &key);
    key
}

/// One window of a site.
fn open_one<E: EngineUnderTest>(session: &mut Session<E>, key: &RegistrationKey) {
    session.install(key);
    session.set_windows(key, WindowClients::new(1, 0));
}

fn go_online<E: EngineUnderTest>(session: &mut Session<E>) {
    session.set_network(&NetworkState::online());
}

fn go_offline<E: EngineUnderTest>(session: &mut Session<E>) {
    session.set_network(&NetworkState::Offline);
}
