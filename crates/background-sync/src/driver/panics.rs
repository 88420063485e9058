use std::any::Any;
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

/// Code of a host's that panicked. It cost that one call; everything else goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostPanic {
    /// What was being called.
    pub during: HostCall,
    /// What the panic said.
    pub message: String,
}

impl HostPanic {
    pub(crate) const fn new(during: HostCall, message: String) -> Self {
        Self { during, message }
    }
}

impl fmt::Display for HostPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} panicked: {}", self.during.name(), self.message)
    }
}

/// Runs code that is not background sync's own. Gives what its panic said, if it panics.
pub(crate) fn contained<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        let message = message(&*payload);
        // What a panic carries is a host's too, and may panic when it is dropped.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            mem::forget(again);
        }
        message
    })
}

/// What a panic said, if it said anything.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

macro_rules! host_calls {
    ($($(#[$doc:meta])* $variant:ident = $text:literal $(if $feature:literal)?,)*) => {
        /// A piece of a host's code that background sync calls.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum HostCall { $($(#[cfg(feature = $feature)])? $(#[$doc])* $variant,)* }

        impl HostCall {
            /// Every one of them.
            pub const ALL: &[Self] = &[$($(#[cfg(feature = $feature)])? Self::$variant,)*];

            /// The method's name, or what kind of closure it is.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($(#[cfg(feature = $feature)])? Self::$variant => $text,)* }
            }
        }
    };
}

host_calls! {
    /// The state is taken as not loaded, which holds syncs and takes none away, until it is asked for again: at the next
    /// notice about the worker, or after a second, and after twice as long each time, up to an hour.
    WorkerState = "ServiceWorkerHost::state",
    /// The start is lost, unless its token is still somewhere.
    Start = "ServiceWorkerHost::start",
    /// The worker counts as crashed, unless its token is still somewhere.
    Dispatch = "ServiceWorkerHost::dispatch",
    /// Nothing else.
    Abandon = "ServiceWorkerHost::abandon",
    /// The event is waited for a little longer, then given up.
    Terminate = "ServiceWorkerHost::terminate",
    /// The notice, or the start it was asked for, is lost.
    Windows = "OriginHost::windows",
    /// The notice, or the start it was asked for, is lost; nothing is revoked.
    Permission = "OriginHost::permission",
    /// The start it was asked for is lost.
    UserSwitch = "OriginHost::user_switch",
    /// The notice, or the start it was asked for, is lost.
    Restriction = "OriginHost::restriction",
    /// The notice is lost, or what is said of the origin when the store was read.
    Engagement = "OriginHost::engagement" if "periodic",
    /// The notice is lost, or what is said of the origin when the store was read.
    Paused = "OriginHost::periodic_sync_paused" if "periodic",
    /// The visit or the notice is lost.
    UtcOffset = "Clock::utc_offset" if "periodic",
    /// The network is taken as unknown, which holds everything.
    Network = "NetworkOracle::state",
    /// Of the power nothing is known, which holds nothing.
    Power = "PowerOracle::state",
    /// The load failed, and is tried again.
    Load = "SyncStore::load",
    /// The commit failed, and is tried again.
    Commit = "SyncStore::commit",
    /// The rewrite failed, and is tried again.
    Rewrite = "SyncStore::rewrite",
    /// The clock stands still for a moment.
    Now = "Clock::now",
    /// The answer is no.
    Ask = "Prompt::ask",
    /// The wake-up may not be asked for.
    ArmWakeUp = "WakeUpHost::arm",
    /// Nothing else.
    WakeUpDone = "WakeUpHost::done",
    /// Nothing else.
    KeepAlive = "KeepAlive::keep_alive",
    /// The call was answered; its event waits a second for the receipt.
    Reply = "a reply closure",
    /// Whoever looks gets no answer.
    Inspect = "an inspector's closure",
    /// Nothing else.
    Observer = "an observer",
    /// The driver is not woken for what was posted; it is woken for what is posted next.
    Wake = "the closure that wakes the driver",
    /// Nothing else on a thread; a `Driver` that is dropped passes it on.
    Destructor = "a destructor of the hosts, or of what waited for them",
    /// Nothing else.
    OnExit = "the closure for the thread's end",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chapter_for_hosts_says_what_each_panic_costs() {
        let chapter = include_str!("../../docs/hosts.md");
        let (_, table) = chapter.split_once("| what panics | costs |").unwrap();
        let first_column: Vec<_> = table.lines().filter_map(|line| line.split('|').nth(1)).collect();
        for call in HostCall::ALL {
            let rows = first_column.iter().filter(|cell| cell.contains(call.name())).count();
            assert_eq!(rows, 1, "{}", call.name());
        }
    }
}
