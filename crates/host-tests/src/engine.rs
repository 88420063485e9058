use background_sync::policy::{
    Origin, Partition, PermissionState, RegistrationKey, SystemRestriction, UserSwitch, WindowClients,
};
use background_sync::registration::Tag;
use background_sync::scheduler::NetworkState;
use background_sync::{EngineHost, Hosts, Poster};

use crate::{Answer, VirtualClock};

/// An engine, as the kit drives it. Each method is something that happens to an engine or in it; what background sync has
/// to be told of it, the engine tells as it always does.
///
/// The value itself is what outlives a process: the profile on the disk. [`Self::Host`] is what lives in a process. A
/// process ends when its driver and its host are dropped, without a word; the next one begins with [`Self::start`].
pub trait EngineUnderTest {
    /// Service workers, origins and the network of one process.
    type Host: EngineHost + 'static;

    /// A process begins: makes its hosts, as for [`Driver::new`](background_sync::Driver::new), with `clock` for the
    /// clocks. What was [installed](Self::install) before is still there; there are no windows, and the network and the
    /// permissions are what they were. Of private partitions nothing is there any more.
    fn start(&mut self, way_in: &Poster, clock: &VirtualClock) -> Hosts<Self::Host>;

    /// Whatever the engine has to do now: worker threads' messages, timers, wake-ups of the system that are due. Called
    /// until nothing comes of it any more. An engine whose workers run on threads waits here until they are idle.
    fn turn(&mut self, host: &mut Self::Host);

    /// From now on there is this service worker registration, with an active worker.
    fn install(&mut self, host: &mut Self::Host, key: &RegistrationKey);

    /// The page unregisters it.
    fn unregister(&mut self, host: &mut Self::Host, key: &RegistrationKey);

    /// Windows of the origin are opened and closed, until these are left.
    fn set_windows(&mut self, host: &mut Self::Host, partition: Partition, origin: &Origin, windows: WindowClients);

    /// The device comes to a network, or leaves it.
    fn set_network(&mut self, host: &mut Self::Host, state: &NetworkState);

    /// The user decides about `background-sync` for an origin.
    fn set_permission(&mut self, host: &mut Self::Host, partition: Partition, origin: &Origin, state: PermissionState);

    /// The user clears an origin's site data: its syncs, not its service worker registrations.
    fn clear(&mut self, host: &mut Self::Host, partition: Partition, origin: &Origin);

    /// What the worker does when it is started, and with the events that are dispatched to it, from now on. An event that
    /// runs already goes on as it was.
    fn behave(&mut self, host: &mut Self::Host, key: &RegistrationKey, behaviour: Behaviour);

    /// A page of the origin calls `registration.sync.register(tag)`. The promise it gets is `answer`.
    fn register(&mut self, host: &mut Self::Host, key: &RegistrationKey, tag: &Tag, answer: Answer);

    /// The user moves an origin's switch for syncs. Called if it [has one](Self::has_switch).
    fn set_switch(&mut self, host: &mut Self::Host, partition: Partition, origin: &Origin, switch: UserSwitch) {
        let _ = (host, partition, origin, switch);
    }

    /// The operating system restricts what is done in the background, or no longer does. Called if it
    /// [can](Self::has_restrictions).
    fn set_restriction(&mut self, host: &mut Self::Host, restriction: SystemRestriction) {
        let _ = (host, restriction);
    }

    /// The last window of a private partition is closed, and everything in it is forgotten. Called if it
    /// [has those](Self::has_private_partitions).
    fn close_private(&mut self, host: &mut Self::Host, partition: Partition) {
        let _ = (host, partition);
    }

    /// The system is going to sleep. The clocks are stopped, or one of them, when this has returned.
    fn sleep(&mut self, host: &mut Self::Host) {
        let _ = host;
    }

    /// The system is awake again.
    fn wake(&mut self, host: &mut Self::Host) {
        let _ = host;
    }

    /// Whether [`Self::turn`] delivers wake-ups of the system
    /// ([`WakeUpHost`](background_sync::WakeUpHost)). Without, the scenario about them is left out.
    fn has_wake_ups(&self) -> bool {
        false
    }

    /// Whether the user can switch syncs off. Without, the scenario about that is left out.
    fn has_switch(&self) -> bool {
        false
    }

    /// Whether it hears of restrictions by the operating system. Without, the scenario about them is left out.
    fn has_restrictions(&self) -> bool {
        false
    }

    /// Whether there is private browsing with service workers in it. Without, the scenarios about that are left out.
    fn has_private_partitions(&self) -> bool {
        false
    }
}

/// What a service worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Behaviour {
    /// Its promises are fulfilled.
    Fulfils,
    /// One of its promises is rejected.
    Rejects,
    /// Its promises stay pending, until it is terminated.
    Hangs,
    /// Its process dies in mid-event.
    Crashes,
    /// It cannot be started.
    DoesNotStart,
}
