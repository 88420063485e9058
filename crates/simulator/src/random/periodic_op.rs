/// Something that happens in a random world because of periodic syncs. Its numbers choose from short lists, as those of
/// [`Op`](super::Op).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum PeriodicOp {
    /// Hours or days pass.
    Pause(u8),
    /// A page, or the worker itself, calls the periodic manager's `register`; a flaw makes it break a rule.
    Register {
        /// Which worker.
        worker: u8,
        /// Which tag.
        tag: u8,
        /// How often it wants its event.
        interval: u8,
        /// Who calls.
        by_worker: bool,
        /// Which rule it breaks; most numbers mean none.
        flaw: u8,
    },
    /// A page calls `unregister`.
    Unregister {
        /// Which worker.
        worker: u8,
        /// Which tag.
        tag: u8,
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
    /// The permission changes.
    Permission {
        /// Which origin and partition.
        site: u8,
        /// To what.
        state: u8,
    },
    /// The permission is taken away for an hour, and the machine is not told.
    Unnoticed {
        /// Which origin and partition.
        site: u8,
    },
    /// The switch is moved.
    Switch {
        /// Which origin and partition; some numbers mean everybody.
        site: u8,
        /// To where.
        on: bool,
    },
    /// The user visits an origin.
    Visit {
        /// Which origin and partition.
        site: u8,
    },
    /// The user visits an origin at the same hour on some days.
    Habit {
        /// Which origin and partition.
        site: u8,
        /// On how many days.
        days: u8,
    },
    /// Civil time changes.
    UtcOffset(u8),
    /// The engine judges anew how much the user has to do with an origin.
    Engagement {
        /// Which origin and partition.
        site: u8,
        /// How much.
        level: u8,
    },
    /// The user pauses an origin, or lets it go on.
    PauseSyncs {
        /// Which origin and partition.
        site: u8,
        /// Whether it is paused.
        paused: bool,
    },
    /// Something happens in the middle of a turn: while a worker starts, an event runs, or a retry is waited for.
    MidTurn {
        /// Which worker.
        worker: u8,
        /// Which tag.
        tag: u8,
        /// How far the turn has come.
        how: u8,
        /// What happens.
        what: u8,
    },
    /// The user's word about conditions.
    Override {
        /// Which origin and partition, or all.
        site: u8,
        /// Which word.
        said: u8,
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
}
