use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a worker could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NotStarted {
    /// The service worker registration is gone, or has no active worker.
    NoActiveWorker,
    /// The script could not be loaded or threw.
    StartFailed,
    /// The host has no room for another worker at the moment.
    Busy,
    /// The host lost the attempt: its completion token was dropped.
    Lost,
}

/// How a dispatched event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Every promise passed to `waitUntil` was fulfilled, or there was none.
    Fulfilled,
    /// One was rejected.
    Rejected,
    /// The worker was terminated by the host, or by us at the execution cap.
    Terminated,
    /// The worker's process died, or its completion token was dropped.
    Crashed,
    /// The host cannot run it to the end now and wants another attempt not before this much time.
    Deferred(Duration),
}
