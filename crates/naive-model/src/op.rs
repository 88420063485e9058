/// How many service worker registrations there are. The first two are of one origin, the third is of another.
pub const WORKERS: usize = 3;

/// How many tags there are.
pub const TAGS: u8 = 4;

/// A tag, by its number.
pub type Tag = u8;

/// A service worker registration, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub usize);

impl WorkerId {
    /// Whose it is.
    #[must_use]
    pub const fn origin(self) -> OriginId {
        OriginId(self.0 / 2)
    }
}

/// An origin, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginId(pub usize);

impl OriginId {
    /// All there are.
    pub const ALL: [Self; 2] = [Self(0), Self(1)];
}

/// Which specification a registration is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Web Background Synchronization.
    OneShot,
    /// Web Periodic Background Synchronization.
    Periodic,
}

/// Something that happens. After each a minute passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A page calls `sync.register(tag)`.
    Register {
        /// At this worker.
        worker: WorkerId,
        /// With this tag.
        tag: Tag,
    },
    /// A page calls `periodicSync.register(tag, {minInterval})`. Of the two workers of one origin only the first is asked:
    /// which of two goes first is of the user agent's choice.
    RegisterPeriodic {
        /// At this worker.
        worker: WorkerId,
        /// With this tag.
        tag: Tag,
        /// `minInterval`, in hours.
        hours: u64,
    },
    /// A page calls `periodicSync.unregister(tag)`.
    UnregisterPeriodic {
        /// At this worker.
        worker: WorkerId,
        /// With this tag.
        tag: Tag,
    },
    /// The network comes.
    Online,
    /// The network goes.
    Offline,
    /// An event that runs comes to its end.
    Settle {
        /// Which, in their order, modulo how many there are.
        nth: usize,
        /// Whether everything it waited for was fulfilled.
        fulfilled: bool,
    },
    /// The origin has a window, or has none any more.
    Windows {
        /// Which origin.
        origin: OriginId,
        /// Whether it has one.
        open: bool,
    },
    /// The permission for one kind is granted, or denied.
    Permission {
        /// Which origin's.
        origin: OriginId,
        /// For which kind.
        kind: Kind,
        /// Whether it is granted.
        granted: bool,
    },
    /// The user switches one kind off, or on.
    Switch {
        /// Which kind.
        kind: Kind,
        /// Whether it is on.
        on: bool,
    },
    /// The service worker registration is removed.
    Unregister {
        /// Which.
        worker: WorkerId,
    },
    /// It is made anew, with an active worker.
    Install {
        /// Which.
        worker: WorkerId,
    },
    /// The process dies, its windows and workers with it, and starts again from its store.
    Crash,
    /// Time passes.
    Pass {
        /// So many minutes.
        minutes: u16,
    },
}
