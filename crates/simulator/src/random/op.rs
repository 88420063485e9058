use super::PeriodicOp;

/// One thing that happens in a random world. Its numbers choose from short lists, any number will do, so
/// that a fuzzer may make operations out of any bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Op {
    /// Time passes.
    Pause(u8),
    /// A page, or the worker itself, calls `register`; a flaw makes it break a rule.
    Register {
        /// Which worker.
        worker: u8,
        /// Which tag.
        tag: u8,
        /// Who calls.
        by_worker: bool,
        /// Which rule it breaks; most numbers mean none.
        flaw: u8,
    },
    /// A page calls `getTags`.
    GetTags {
        /// Which worker.
        worker: u8,
    },
    /// The engine's interface cancels a tag.
    Cancel {
        /// Which worker.
        worker: u8,
        /// Which tag.
        tag: u8,
    },
    /// Everybody's network changes.
    Network(u8),
    /// One origin's network changes.
    OriginNetwork {
        /// Which origin.
        origin: u8,
        /// To what.
        network: u8,
    },
    /// An origin's windows change.
    Windows {
        /// Which origin and partition.
        site: u8,
        /// To what.
        windows: u8,
    },
    /// A permission changes.
    Permission {
        /// Which origin and partition.
        site: u8,
        /// To what.
        state: u8,
    },
    /// A switch is moved.
    Switch {
        /// Which origin and partition; some numbers mean everybody.
        site: u8,
        /// To where.
        on: bool,
    },
    /// A worker changes its state.
    Worker {
        /// Which worker.
        worker: u8,
        /// To what.
        state: u8,
    },
    /// A service worker registration goes.
    Unregister {
        /// Which worker.
        worker: u8,
    },
    /// Its scope is registered again.
    Reinstall {
        /// Which worker.
        worker: u8,
    },
    /// A worker takes events differently from now on.
    Behave {
        /// Which worker.
        worker: u8,
        /// Which tag, or every tag.
        tag: u8,
        /// Whether it starts.
        start: u8,
        /// How long that takes.
        starts_in: u8,
        /// What it does.
        deed: u8,
        /// How long that takes.
        takes: u8,
        /// What the handler registers, if anything.
        registers: u8,
        /// For how many events.
        times: u8,
    },
    /// A hanging event ends.
    Finish {
        /// Which worker.
        worker: u8,
        /// Which tag.
        tag: u8,
        /// How.
        how: u8,
    },
    /// Site data is cleared.
    Clear {
        /// Of whom.
        scope: u8,
        /// Since when.
        since: u8,
    },
    /// The private partition is closed.
    Close,
    /// The system goes to sleep.
    Sleep,
    /// The system wakes.
    Wake,
    /// The process is frozen.
    Freeze,
    /// The process goes on.
    Thaw,
    /// The process shuts down, exits, and starts again.
    Shutdown {
        /// How long it is down.
        down: u8,
    },
    /// The process dies and starts again.
    Crash {
        /// How long it is down.
        down: u8,
    },
    /// The wall clock is set.
    Clock {
        /// By how much.
        by: u8,
        /// Which way.
        back: bool,
    },
    /// The system wakes the engine for background work.
    Woken {
        /// For how long.
        budget: u8,
    },
    /// The store behaves differently.
    Store(u8),
    /// The system restricts background work, or no longer does.
    Restriction(bool),
    /// Notices of the host fare differently.
    Notices(u8),
    /// The system wakes the engine when it was asked to, or does not.
    WakeUps(bool),
    /// Something that forbids events changes for a minute, and the machine is not told.
    Unnoticed {
        /// Which origin and partition.
        site: u8,
        /// What: the permission, the switch, the system's restriction, or the windows.
        what: u8,
    },
    /// Two events hang in one worker, one of them for longer.
    HangTogether {
        /// Which worker.
        worker: u8,
        /// The tag that is registered first.
        first: u8,
        /// The other one.
        second: u8,
    },
    /// Replies fare differently.
    Replies(u8),
    /// The user answers differently.
    User(u8),
    /// The host says something odd.
    Odd(u8),
    /// The charger or the battery changes.
    Power(u8),
    /// Everybody's network is up, and costs this.
    Cost(u8),
    /// One origin's network is up, and costs this.
    OriginCost {
        /// Which origin.
        origin: u8,
        /// What it costs.
        cost: u8,
    },
    /// The user says to run what conditions hold back, or takes that back.
    Override {
        /// Which origin and partition; some numbers mean everybody.
        site: u8,
        /// Which of both.
        said: u8,
    },
    /// Something of periodic syncs.
    Periodic(PeriodicOp),
}
