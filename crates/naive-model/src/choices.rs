//! What the texts leave to the user agent, and what was chosen here. Times are in minutes.

/// One-shot events of a series: the last of them is told that it is (`sync.willRetry`).
pub const ATTEMPTS: u32 = 3;

/// The wait after a one-shot event that failed (`sync.fire.5.3.2.1`).
pub const BACK_OFF: u64 = 60;

/// The shortest time between two periodic events of an origin (`periodic.const.any`).
pub const ANY_ORIGIN: u64 = 12 * 60;

/// The shortest time between two passes that fired something (`periodic.const.across`).
pub const ACROSS_ORIGINS: u64 = 12 * 60;

/// Retries of a periodic event that failed (`periodic.const.retries`).
pub const RETRIES: u32 = 2;

/// The wait before each of them (`periodic.fire.6.9`).
pub const RETRY_DELAY: u64 = 5;

/// How long a periodic event may run (`periodic.limit`).
pub const PERIODIC_CAP: u64 = 3;

/// How long the events of an origin that were let fire together may take with their retries, from when they were: a tenth
/// of [`ANY_ORIGIN`], and as long as events and starts may take. A retry that something held for longer is not made.
pub const TURN: u64 = ANY_ORIGIN / 10 + (PERIODIC_CAP + START) * (RETRIES as u64 + 1);

/// How long the start of a worker may take.
pub const START: u64 = 1;
