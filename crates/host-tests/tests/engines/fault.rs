/// What is wrong with an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It says that it knows its registrations, and looks into a table that is not filled yet.
    EmptyTableAtStart,
    /// It never says that it knows its registrations.
    NeverKnows,
    /// An unregistered worker stays active.
    KeepsUnregistered,
    /// Nobody says that a worker was unregistered.
    UnregistersInSilence,
    /// What `windows` answers is what was opened once.
    CountsClosedWindows,
    /// Nobody says that a window was closed.
    ClosesInSilence,
    /// It takes every network for one that works.
    AlwaysOnline,
    /// Nobody says that the link is back.
    ComesOnlineInSilence,
    /// Not known is what it says for ever.
    NeverKnowsTheNetwork,
    /// The permission is what it was when the process began.
    OldPermission,
    /// A decision about one origin is one about all.
    OnePermissionForAll,
    /// A private window is a window like any other.
    IgnoresPartitions,
    /// The switch is where it was when the process began.
    OldSwitch,
    /// Nobody says that the switch was moved.
    SwitchesInSilence,
    /// What the system said once.
    OldRestriction,
    /// Nobody says what the system said.
    RestrictsInSilence,
    /// Nobody says that the last private window was closed.
    ClosesPrivateInSilence,
    /// Nobody says that the system slept, which nobody has to.
    SleepsInSilence,
    /// Facts of a call that were put down once.
    ConstantFacts,
    /// A call whose page is gone is dropped.
    DropsCalls,
    /// A reply that is not handed on.
    DropsReplies,
    /// The promise is resolved when the call is made.
    ResolvesAtOnce,
    /// A reply is good news.
    ResolvesRefusals,
    /// The receipt is forgotten.
    NoReceipt,
    /// Starts are put into a list that nobody reads.
    ForgetsStarts,
    /// Events are put into a list that nobody reads.
    ForgetsEvents,
    /// Every event that ends was a success.
    EverythingIsFulfilled,
    /// A worker that hangs goes on hanging.
    IgnoresTerminate,
    /// The monotonic clock is made of the wall clock, which was corrected.
    ClockGoesBack,
    /// The monotonic clock is made of the wall clock, and goes on while the system sleeps.
    ClockRunsOn,
    /// The alarm is set, and nobody hears it.
    SleepsThroughAlarms,
    /// A host panics.
    Panics,
    /// A host tells of itself whenever it is asked.
    TellsWhenAsked,
    /// Acknowledged before it is written.
    StoreInMemory,
    /// The first half of a batch is written at once, the rest later.
    StoreInHalves,
    /// A row that is there is not written again.
    StoreKeepsOldRows,
    /// Rows come back under other numbers.
    StoreRenumbers,
    /// A commit that has nothing to say.
    StoreInSilence,
}
