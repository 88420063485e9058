//! The machine behind the host traits, for an engine that has a loop of its own.

mod core;
mod hosts;
mod keys_met;
mod messages;

use std::sync::mpsc::{Receiver, channel};

use background_sync_registration::MonotonicTime;
use background_sync_scheduler::ValidParameters;

pub(crate) use self::core::Core;
pub use hosts::{
    Clock, Hosts, KeepAlive, NetworkOracle, Observer, OriginHost, Prompt, ServiceWorkerHost, SystemClock, WakeUpHost,
};
pub(crate) use messages::Message;
pub use messages::{Caller, EventCompletion, Notice, Poster, Receipt};

use crate::Machine;

/// Runs a [`Machine`] over an engine's [`Hosts`], on the engine's own loop.
///
/// The engine calls [`Driver::turn`] whenever something was posted and at the deadline the last turn
/// gave. Answers of the hosts become inputs, outputs become calls of the hosts; everything happens on
/// the calling thread, and nothing blocks but a store that says that it does. For an engine without such a loop there is
/// `BackgroundSyncThread` (feature `thread`).
pub struct Driver {
    core: Core,
    inbox: Receiver<Message>,
}

impl Driver {
    /// A driver whose machine begins to read its store. `seed` feeds all chance there is.
    #[must_use]
    pub fn new(params: ValidParameters, seed: [u8; 32], hosts: impl FnOnce(&Poster) -> Hosts) -> Self {
        let (sender, inbox) = channel();
        // The inbox lives as long as the driver; what is posted after it is gone concerns nobody.
        let poster = Poster::new(move |message| drop(sender.send(message)), params.max_queued_requests);
        let hosts = hosts(&poster);
        Self { core: Core::new(params, seed, hosts, poster), inbox }
    }

    /// The way to this driver, for other threads and for the hosts.
    #[must_use]
    pub fn poster(&self) -> &Poster {
        self.core.poster()
    }

    /// Takes in what was posted and what time has brought, until nothing is left. Gives the moment of
    /// the next turn, if nothing is posted before.
    pub fn turn(&mut self) -> Option<MonotonicTime> {
        let mut first = None;
        loop {
            self.core.round(first.into_iter().chain(self.inbox.try_iter()));
            // A store that answers at once has posted by now.
            first = self.inbox.try_recv().ok();
            if first.is_none() {
                return self.core.next_deadline();
            }
        }
    }

    /// The machine, to look at.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        self.core.machine()
    }

    /// Whether the shutdown is complete.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.core.machine().is_stopped()
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").field("machine", self.core.machine()).finish_non_exhaustive()
    }
}
