use std::thread::Builder;
use std::time::Duration;
use std::{fmt, io, iter};

use background_sync::scheduler::{NetworkState, ValidParameters};
use background_sync::{Clock, Driver, Hosts, Next, Notice, Report, SyncStore};
use crossbeam_channel::{Receiver, after, bounded, never, select};
use log::{debug, error, warn};
use servo_base::generic_channel::{self, GenericSender, RoutedReceiver, SendError};

use crate::host::Engine;
use crate::inbox::take;
use crate::{BackgroundSyncMsg, WorkerCommand};

/// What background sync is started with.
pub struct Setup<S, C> {
    /// What the specification leaves to the user agent.
    pub params: ValidParameters,
    /// Feeds all chance there is: 32 bytes from the system.
    pub seed: [u8; 32],
    /// Where registrations are kept.
    pub store: S,
    /// Both clocks.
    pub clock: C,
    /// The network, until the constellation says something else. Servo cannot tell yet, so it is
    /// [`NetworkState::online`].
    pub network: NetworkState,
    /// The way to the service worker managers.
    pub constellation: GenericSender<WorkerCommand>,
}

/// Starts background sync on a thread of its own, and gives the way to it. The thread ends after
/// [`BackgroundSyncMsg::Exit`], or when the last sender is dropped.
///
/// # Errors
/// When the system has no channel or no thread to give.
pub fn start<S, C>(setup: Setup<S, C>) -> Result<GenericSender<BackgroundSyncMsg>, StartError>
where
    S: SyncStore + Send + 'static,
    C: Clock + Send + 'static,
{
    let (sender, receiver) = generic_channel::channel().ok_or(StartError::NoChannel)?;
    let inbox = receiver.route_preserving_errors();
    let thread = Builder::new().name("BackgroundSync".to_owned()).spawn(move || run(setup, inbox));
    thread.map_err(StartError::NoThread)?;
    Ok(sender)
}

/// Most messages between two turns. What they want written is one commit.
const MOST_OF_A_TURN: usize = 64;

fn run<S: SyncStore + 'static, C: Clock + 'static>(setup: Setup<S, C>, mut inbox: RoutedReceiver<BackgroundSyncMsg>) {
    let Setup { params, seed, store, clock, network, constellation } = setup;
    let (wake, wakes) = bounded(1);
    // When it is full the loop is woken already.
    let wake = move || {
        let _ = wake.try_send(());
    };
    let engine = Engine::new(constellation, network);
    let mut driver = Driver::new(params, seed, wake, |_| Hosts::new(engine, store, clock));
    let mut exits = Vec::new();
    while let Some(woken) = wait(driver.turn(), &inbox, &wakes) {
        match woken {
            Woken::By(first) => {
                for message in iter::once(first).chain(inbox.try_iter().take(MOST_OF_A_TURN)) {
                    match message {
                        Ok(message) => exits.extend(take(&mut driver, message)),
                        Err(error) => warn!("background sync cannot read a message: {error}"),
                    }
                }
            }
            Woken::SendersGone => {
                inbox = never();
                driver.poster().notify(Notice::Shutdown);
            }
            Woken::ForATurn => {}
        }
        driver.reports().for_each(|report| log(&report));
    }
    drop(driver);
    exits.into_iter().for_each(|exit| exit.send_or_ignore(()));
}

enum Woken {
    By(Result<BackgroundSyncMsg, SendError>),
    SendersGone,
    ForATurn,
}

/// Waits until there is something to do. None when there never will be.
fn wait(next: Next, inbox: &RoutedReceiver<BackgroundSyncMsg>, wakes: &Receiver<()>) -> Option<Woken> {
    let due = match next {
        Next::AtOnce => after(Duration::ZERO),
        Next::Within(time) => after(time),
        Next::WhenWoken => never(),
        Next::Stopped => return None,
    };
    Some(select! {
        recv(inbox) -> message => message.map_or(Woken::SendersGone, Woken::By),
        recv(wakes) -> _ => Woken::ForATurn,
        recv(due) -> _ => Woken::ForATurn,
    })
}

fn log(report: &Report) {
    match report {
        Report::Event(entry) => debug!("{entry:?}"),
        Report::StoreFailed(failure) => warn!("background sync's store failed: {failure}"),
        Report::HostPanicked(panic) => error!("background sync met a panic: {panic:?}"),
        other => warn!("background sync: {other:?}"),
    }
}

/// Why background sync could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The system has no channel to give.
    NoChannel,
    /// The system has no thread to give.
    NoThread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoChannel => f.write_str("background sync has no channel"),
            Self::NoThread(error) => write!(f, "background sync has no thread: {error}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoChannel => None,
            Self::NoThread(error) => Some(error),
        }
    }
}
