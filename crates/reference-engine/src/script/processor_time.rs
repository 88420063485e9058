//! How long a script has kept the processor busy.

use std::time::Duration;

/// Processor time of this thread, since some moment. Scripts live in virtual time, but an endless loop burns the
/// processor: this is read for nothing else. What other threads and programs do meanwhile is not counted, so that a
/// script ends in the same way on a busy machine.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple"))]
pub(super) fn processor_time() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    // A clock that counts up from zero is never negative.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// Real time, since the thread first asked: no processor time of a thread is to be had here without code that is not
/// safe. A limit has to be larger on a busy machine.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple")))]
#[expect(clippy::disallowed_methods, reason = "the watchdog over runaway scripts has nothing better here")]
pub(super) fn processor_time() -> Duration {
    use std::time::Instant;
    thread_local!(static STARTED: Instant = Instant::now());
    STARTED.with(Instant::elapsed)
}
