use super::{Clock, Hosts, KeepAlive, PowerOracle, Prompt, WakeUpHost};
use crate::SyncStore;

/// What [`Hosts`] are made of, for whoever puts something around them that watches (feature `tap`).
pub struct HostParts<E> {
    /// Service workers, origins and the network.
    pub engine: E,
    /// The store.
    pub store: Box<dyn SyncStore>,
    /// The clocks.
    pub clock: Box<dyn Clock>,
    /// The charger and the battery.
    pub power: Box<dyn PowerOracle>,
    /// Who asks the user.
    pub prompt: Box<dyn Prompt>,
    /// The operating system's wake-ups.
    pub wake_ups: Box<dyn WakeUpHost>,
    /// The life of the process.
    pub keep_alive: Box<dyn KeepAlive>,
}

impl<E> From<Hosts<E>> for HostParts<E> {
    fn from(hosts: Hosts<E>) -> Self {
        let Hosts { engine, store, clock, power, prompt, wake_ups, keep_alive } = hosts;
        Self { engine, store, clock, power, prompt, wake_ups, keep_alive }
    }
}

impl<E> From<HostParts<E>> for Hosts<E> {
    fn from(parts: HostParts<E>) -> Self {
        let HostParts { engine, store, clock, power, prompt, wake_ups, keep_alive } = parts;
        Self { engine, store, clock, power, prompt, wake_ups, keep_alive }
    }
}
