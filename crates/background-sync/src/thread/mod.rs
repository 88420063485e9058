//! The machine on a thread of its own.

mod actor;
mod board;
mod error;
mod handle;
mod into_hosts;
mod snapshot;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::Arc;
use std::thread::{Builder, current};

use background_sync_scheduler::ValidParameters;
use crossbeam_channel::{bounded, unbounded};

use crate::driver::{Core, OpenUntilDropped, contained};
use crate::{Poster, Report};
use actor::Actor;
use board::Board;
pub use board::Exit;
pub use error::{InspectError, ShutDownError, SpawnError};
pub use handle::Handle;
pub use into_hosts::IntoHosts;
pub use snapshot::Snapshot;
use watch::Watch;

/// The machine on a thread of its own, for an engine that has no loop to spare.
///
/// ```
/// use std::error::Error;
/// use std::time::Duration;
///
/// use background_sync::scheduler::SyncParameters;
/// use background_sync::{BackgroundSyncThread, EngineHost, Handle, Hosts, MemoryStore, SystemClock};
///
/// fn start<E: EngineHost + Send + 'static>(engine: E, seed: [u8; 32]) -> Result<Handle, Box<dyn Error>> {
///     let handle = BackgroundSyncThread::new(SyncParameters::recommended(), seed)
///         .observer(|report| println!("{report:?}"))
///         .on_exit(|exit| println!("background sync has ended: {exit}"))
///         .spawn(|_poster| Hosts::new(engine, MemoryStore::default(), SystemClock::starting_now()))?;
///     assert!(handle.is_alive());
///     Ok(handle)
/// }
/// ```
#[must_use = "nothing runs before `spawn`"]
pub struct BackgroundSyncThread {
    params: ValidParameters,
    seed: [u8; 32],
    observer: Option<Box<dyn FnMut(Report) + Send>>,
    on_exit: Option<OnExit>,
}

type OnExit = Box<dyn FnOnce(&Exit) + Send>;

impl BackgroundSyncThread {
    /// A thread with these parameters. `seed` feeds all chance there is.
    pub fn new(params: ValidParameters, seed: [u8; 32]) -> Self {
        Self { params, seed, observer: None, on_exit: None }
    }

    /// Somebody who watches. The closure is called on a thread of its own, so it may take its time: no promise waits for
    /// it. When 1,024 reports wait the next ones are missed, and counted ([`Report::Missed`]).
    pub fn observer(self, observer: impl FnMut(Report) + Send + 'static) -> Self {
        Self { observer: Some(Box::new(observer)), ..self }
    }

    /// Called once when the thread has ended, as the last thing that it does: every call was answered, the hosts were
    /// dropped.
    pub fn on_exit(self, on_exit: impl FnOnce(&Exit) + Send + 'static) -> Self {
        Self { on_exit: Some(Box::new(on_exit)), ..self }
    }

    /// Starts it, and returns when `hosts` has made the hosts. That runs on the new thread, so hosts need not be `Send`,
    /// and may open a store; it gets the way back to the thread. It gives [`Hosts`](crate::Hosts), or a `Result` of them.
    ///
    /// # Errors
    /// When the system has no thread to give, or the hosts could not be made. Nothing runs then.
    pub fn spawn<H>(self, hosts: impl FnOnce(&Poster) -> H + Send + 'static) -> Result<Handle, SpawnError<H::Error>>
    where
        H: IntoHosts,
        H::Error: Send + 'static,
    {
        let Self { params, seed, observer, on_exit } = self;
        let watch = observer.map(Watch::start).transpose().map_err(SpawnError::NoThread)?;
        // Unbounded, because completions must always find room. Requests are counted and refused.
        let (sender, inbox) = unbounded();
        let poster = Poster::new(&params, move |message| drop(sender.send(message)), || {});
        let (made, answer) = bounded(1);
        let (board, on_thread) = (Arc::new(Board::default()), poster.clone());
        let shared = Arc::clone(&board);
        let open = OpenUntilDropped::new(&poster);
        let body = move || {
            let hosts = match make(|| hosts(&on_thread)) {
                Ok(hosts) => hosts,
                Err(error) => {
                    // What the hosts may have posted is answered before anybody hears of the end.
                    drop(open);
                    drop(contained(|| drop(inbox)));
                    return drop(made.send(Err(error)));
                }
            };
            let core = Core::new(params, seed, hosts, on_thread);
            drop(made.send(Ok(current().id())));
            Actor::new(open, inbox, core, shared, watch).run_to_the_end(on_exit);
        };
        Builder::new().name("background-sync".to_owned()).spawn(body).map_err(SpawnError::NoThread)?;
        match answer.recv() {
            Ok(made) => Ok(Handle::new(poster, board, made?)),
            Err(_) => Err(SpawnError::Panicked("the thread ended before it began".to_owned())),
        }
    }
}

fn make<H: IntoHosts>(hosts: impl FnOnce() -> H) -> Result<crate::Hosts<H::Engine>, SpawnError<H::Error>> {
    match contained(|| hosts().into_hosts()) {
        Ok(made) => made.map_err(SpawnError::Hosts),
        Err(message) => Err(SpawnError::Panicked(message)),
    }
}

impl std::fmt::Debug for BackgroundSyncThread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackgroundSyncThread").field("observed", &self.observer.is_some()).finish_non_exhaustive()
    }
}
