//! The machine behind the host traits, for an engine that has a loop of its own.

mod answers;
mod asked_again;
mod call;
mod core;
mod hosts;
mod keys_met;
mod message;
mod notice;
mod owners;
mod panics;
#[cfg(feature = "tap")]
mod parts;
mod poster;
mod reply;
mod reports;
mod said_at_once;
mod shares;
#[cfg(feature = "tap")]
mod tap;
mod tokens;
#[cfg(feature = "tracing")]
mod traced;
mod unposted;
mod world;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use background_sync_policy::{RegistrationKey, SyncKind};
#[cfg(feature = "periodic")]
use background_sync_registration::MinInterval;
use background_sync_registration::Tag;
use background_sync_scheduler::ValidParameters;

use self::answers::LocalWay;
pub(crate) use self::core::Core;
use self::message::Question;
use self::reply::LocalReply;
pub use call::Call;
pub use hosts::{
    Clock, EngineHost, Hosts, KeepAlive, NetworkOracle, OriginHost, PowerOracle, Prompt, ServiceWorkerHost,
    SystemClock, WakeUpHost,
};
pub(crate) use message::Message;
pub use notice::{Notice, Removal};
pub use panics::{HostCall, HostPanic};
#[cfg(feature = "thread")]
pub(crate) use panics::{contained, message as panic_message};
#[cfg(feature = "tap")]
pub use parts::HostParts;
pub(crate) use poster::OpenUntilDropped;
pub use poster::Poster;
pub use reply::Receipt;
#[cfg(feature = "thread")]
pub(crate) use reports::MOST_REPORTS;
pub use reports::Report;
pub use tokens::{EventCompletion, StartCompletion};
pub use unposted::Unposted;

#[cfg(feature = "periodic")]
use crate::UnregisterError;
use crate::{CancelError, GetTagsError, Machine, RegisterError};

/// Runs a [`Machine`] over an engine's [`Hosts`], on the engine's own loop.
///
/// The engine calls [`Driver::turn`] when it is woken and when the last turn said so. Answers of the hosts become inputs,
/// outputs become calls of the hosts; everything happens on the calling thread, and nothing blocks but a store that
/// says that it does. For an engine without such a loop there is `BackgroundSyncThread` (feature `thread`).
///
/// A driver stays on the thread on which it was made; its [`Poster`] goes to any other. The engine's own side of the
/// hosts is [`engine_mut`](Self::engine_mut), between turns.
///
/// Dropping it ends it: what waits is answered with an error. [`Notice::Shutdown`] and turns until [`Next::Stopped`]
/// give the store its last commit before.
///
/// A panic in a destructor of the hosts is the engine's own then, and leaves the drop when what waits was answered; the
/// destructors of the others run, and a second one that panics ends the process, as anywhere in Rust. The thread contains
/// each of them.
pub struct Driver<E> {
    // In this order: nothing is sent any more, what waits is answered, the hosts go.
    open: OpenUntilDropped,
    inbox: Receiver<Message>,
    core: Core<E>,
}

/// When the next turn is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the next turn is due then"]
pub enum Next {
    /// At once, after the loop's other work: there is more to take in.
    AtOnce,
    /// After this time of the driver's clock, or when it is woken.
    Within(Duration),
    /// When it is woken.
    WhenWoken,
    /// Never: the shutdown is complete.
    Stopped,
}

impl<E: EngineHost> Driver<E> {
    /// A driver whose machine begins to read its store. `seed` feeds all chance there is.
    ///
    /// `wake` is called from any thread, and from inside turns, when there is something to do: it has the engine's loop
    /// call [`turn`](Self::turn) before long, and does nothing else. It is called once for all that comes before the
    /// next turn begins. `hosts` gets the way back to the driver.
    #[must_use]
    pub fn new(
        params: ValidParameters,
        seed: [u8; 32],
        wake: impl Fn() + Send + Sync + 'static,
        hosts: impl FnOnce(&Poster) -> Hosts<E>,
    ) -> Self {
        let (sender, inbox) = channel();
        let poster = Poster::new(&params, move |message| drop(sender.send(message)), wake);
        let open = OpenUntilDropped::new(&poster);
        let hosts = hosts(&poster);
        Self { open, inbox, core: Core::new(params, seed, hosts, poster) }
    }

    /// The way to this driver, for other threads and for the hosts.
    #[must_use]
    pub fn poster(&self) -> &Poster {
        self.core.poster()
    }

    /// Takes in what was posted before, at most 256 messages of it, and what time has brought. Says when the next turn is
    /// due.
    pub fn turn(&mut self) -> Next {
        self.core.round(self.inbox.try_iter());
        // Whatever is posted still, and however much: it is answered when the driver goes.
        if self.is_stopped() {
            return Next::Stopped;
        }
        if self.core.poster().queued() > 0 {
            return Next::AtOnce;
        }
        match self.core.next_deadline() {
            Some(at) => Next::Within(at.since(self.core.now().monotonic)),
            None => Next::WhenWoken,
        }
    }

    /// As [`Poster::register`], from the driver's own thread: the closure need not be `Send`.
    ///
    /// # Errors
    /// [`RegisterError::QueueFull`]: the call was not made.
    pub fn register<R>(
        &mut self,
        key: RegistrationKey,
        tag: Tag,
        call: Call,
        reply: R,
    ) -> Result<(), Unposted<RegisterError, R>>
    where
        R: FnOnce(Result<(), RegisterError>, Receipt) + 'static,
    {
        let question = Question::Register { key, tag, call };
        let way = |reply| LocalWay::Registered(LocalReply::new(reply, Err(RegisterError::Shutdown)));
        self.core.ask(question, reply, way).map_err(|(why, reply)| Unposted::new(why.into(), reply))
    }

    /// As [`Poster::get_tags`], from the driver's own thread.
    ///
    /// # Errors
    /// [`GetTagsError::QueueFull`]: the call was not made.
    pub fn get_tags<R>(
        &mut self,
        key: RegistrationKey,
        kind: SyncKind,
        reply: R,
    ) -> Result<(), Unposted<GetTagsError, R>>
    where
        R: FnOnce(Result<Vec<Tag>, GetTagsError>, Receipt) + 'static,
    {
        let way = |reply| LocalWay::Tags(LocalReply::new(reply, Err(GetTagsError::Shutdown)));
        let asked = self.core.ask(Question::GetTags { key, kind }, reply, way);
        asked.map_err(|(why, reply)| Unposted::new(why.into(), reply))
    }

    /// As [`Poster::cancel`], from the driver's own thread.
    ///
    /// # Errors
    /// [`CancelError::QueueFull`]: the call was not made.
    pub fn cancel<R>(
        &mut self,
        key: RegistrationKey,
        kind: SyncKind,
        tag: Tag,
        reply: R,
    ) -> Result<(), Unposted<CancelError, R>>
    where
        R: FnOnce(Result<bool, CancelError>, Receipt) + 'static,
    {
        let way = |reply| LocalWay::Cancelled(LocalReply::new(reply, Err(CancelError::Shutdown)));
        let asked = self.core.ask(Question::Cancel { key, kind, tag }, reply, way);
        asked.map_err(|(why, reply)| Unposted::new(why.into(), reply))
    }

    /// `PeriodicSyncManager.register(tag, { minInterval })` of the registration `key`, as
    /// [`register`](Self::register). The permission in the facts is `periodic-background-sync`.
    ///
    /// # Errors
    /// [`RegisterError::QueueFull`]: the call was not made.
    #[cfg(feature = "periodic")]
    pub fn register_periodic<R>(
        &mut self,
        key: RegistrationKey,
        tag: Tag,
        min_interval: MinInterval,
        call: Call,
        reply: R,
    ) -> Result<(), Unposted<RegisterError, R>>
    where
        R: FnOnce(Result<(), RegisterError>, Receipt) + 'static,
    {
        let question = Question::RegisterPeriodic { key, tag, min_interval, call };
        let way = |reply| LocalWay::Registered(LocalReply::new(reply, Err(RegisterError::Shutdown)));
        self.core.ask(question, reply, way).map_err(|(why, reply)| Unposted::new(why.into(), reply))
    }

    /// `PeriodicSyncManager.unregister(tag)` of the registration `key`.
    ///
    /// # Errors
    /// [`UnregisterError::QueueFull`]: the call was not made.
    #[cfg(feature = "periodic")]
    pub fn unregister<R>(
        &mut self,
        key: RegistrationKey,
        tag: Tag,
        reply: R,
    ) -> Result<(), Unposted<UnregisterError, R>>
    where
        R: FnOnce(Result<(), UnregisterError>, Receipt) + 'static,
    {
        let question = Question::Unregister { key, tag };
        let way = |reply| LocalWay::Unregistered(LocalReply::new(reply, Err(UnregisterError::Shutdown)));
        self.core.ask(question, reply, way).map_err(|(why, reply)| Unposted::new(why.into(), reply))
    }

    /// What somebody who watches is told, since it was asked for the last time. At most 1,024 wait; then the rest is
    /// counted.
    pub fn reports(&mut self) -> impl Iterator<Item = Report> + '_ {
        std::iter::from_fn(|| self.core.world_mut().next_report())
    }

    /// Has `sees` called with everything that the machine is told, the time of it, and what the machine wants done for
    /// it. For tests of hosts; opened before the first turn it misses nothing.
    #[cfg(feature = "tap")]
    pub fn tap(
        &mut self,
        sees: impl FnMut(background_sync_registration::Now, &crate::Input, &[crate::Output]) + 'static,
    ) {
        self.core.tap().open(sees);
    }

    /// The machine, to look at.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        self.core.machine()
    }

    /// The engine, as the hosts are.
    #[must_use]
    pub fn engine(&self) -> &E {
        self.core.world().engine()
    }

    /// The engine, to write what its hosts answer from. Tell of it with a [`Notice`] afterwards.
    #[must_use]
    pub fn engine_mut(&mut self) -> &mut E {
        self.core.world_mut().engine_mut()
    }

    /// Ends the driver as dropping it does, and gives the engine back.
    #[must_use]
    pub fn into_engine(self) -> E {
        let Self { open, inbox, core } = self;
        drop(open);
        drop(inbox);
        core.into_engine()
    }

    /// Whether the shutdown is complete.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.core.machine().is_stopped()
    }
}

impl<E> std::fmt::Debug for Driver<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").field("machine", self.core.machine()).finish_non_exhaustive()
    }
}
