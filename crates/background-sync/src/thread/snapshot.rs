use background_sync_registration::WallTime;
use background_sync_scheduler::NetworkState;
use serde::{Deserialize, Serialize};

use super::Exit;
use crate::{LogEntry, Machine, RegistrationView, Stats, WakeUp};

/// Registrations a [`Snapshot`] shows.
const REGISTRATIONS: usize = 256;
/// Log entries a [`Snapshot`] shows.
const LOG: usize = 256;

/// What an inspector sees without stopping the thread, be it in another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// When it was taken.
    pub at: WallTime,
    /// How the thread has ended since, if it has: then this is the last one.
    pub exit: Option<Exit>,
    /// The oracle's last word.
    pub network: NetworkState,
    /// Counters.
    pub stats: Stats,
    /// How many registrations there are.
    pub registration_count: usize,
    /// The first of them.
    pub registrations: Vec<RegistrationView>,
    /// The newest log entries, oldest first.
    pub log: Vec<LogEntry>,
    /// The wake-up the machine wants.
    pub next_wakeup: Option<WakeUp>,
}

impl Snapshot {
    pub(super) fn of(machine: &Machine, at: WallTime) -> Self {
        let mut log: Vec<_> = machine.log().rev().take(LOG).cloned().collect();
        log.reverse();
        Self {
            at,
            exit: None,
            network: machine.network().clone(),
            stats: machine.stats(),
            registration_count: machine.registration_count(),
            registrations: machine.registrations().take(REGISTRATIONS).collect(),
            log,
            next_wakeup: machine.next_wakeup(),
        }
    }
}
