use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::Tag;
use background_sync::{LogEntry, Reply, RequestId, SyncEventInit, TerminateReason, WakeUp};

use crate::timeline::RequestName;

/// What the machine did, as expectations ask for it.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Requests by what the timeline calls them.
    pub requests: BTreeMap<RequestName, RequestId>,
    /// Replies.
    pub replies: BTreeMap<RequestId, Reply>,
    /// Events in the order of their dispatch.
    pub dispatched: Vec<Dispatched>,
    /// Terminations that were asked for.
    pub terminated: Vec<Terminated>,
    /// The log.
    pub log: Vec<Logged>,
    /// Commits that were asked for.
    pub commits: u64,
    /// Operations in them.
    pub store_ops: u64,
    /// Workers that were to be started, when, and for an event of which kind where the host is told.
    pub starts: Vec<(Duration, RegistrationKey, Option<SyncKind>)>,
    /// Times the user was asked about another network.
    pub asked: u64,
    /// Starts that were abandoned.
    pub abandoned: u64,
    /// The wake-up asked of the system.
    pub wake_up: Option<WakeUp>,
    /// Wake-ups by the system that are over.
    pub wakes_done: u64,
    /// Wake-ups by the system.
    pub wakes: u64,
    /// Whether the process is to be kept alive.
    pub keep_alive: bool,
    /// Times the process died.
    pub crashes: u64,
    /// Things said between host and machine.
    pub messages: u64,
}

/// An event that was dispatched.
#[derive(Clone, Debug)]
pub struct Dispatched {
    /// When, since the start.
    pub at: Duration,
    /// Where to.
    pub key: RegistrationKey,
    /// What it was made with.
    pub event: SyncEventInit,
    /// Its execution cap.
    pub cap: Duration,
    /// Whether its origin had no window.
    pub background: bool,
    /// Whether an expectation took it.
    pub taken: bool,
}

/// A termination that was asked for.
#[derive(Clone, Debug)]
pub struct Terminated {
    /// When, since the start.
    pub at: Duration,
    /// Of which worker.
    pub key: RegistrationKey,
    /// Of which event.
    pub tag: Option<Tag>,
    /// The kind of its event, where the host is told.
    pub kind: Option<SyncKind>,
    /// Why.
    pub reason: TerminateReason,
    /// Whether an expectation took it.
    pub taken: bool,
}

/// A line of the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// When, since the start.
    pub at: Duration,
    /// The line.
    pub entry: Arc<LogEntry>,
    /// Whether an expectation took it.
    pub taken: bool,
}
