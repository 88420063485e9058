/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// One operation of a large batch.
    ForgetsAnOperation,
    /// Half of a batch is written, the rest a moment later.
    WritesInTwoGoes,
    /// Acknowledged at once, written with the next batch or at the end.
    WritesBehind,
    /// Acknowledged and never written.
    IsInMemory,
    /// It counts rows as gone that nobody gave it.
    SaysThatRowsAreGone,
    /// It is empty after a commit for which there was no room.
    LosesContentsOnAFullDisk,
    /// A batch is written after the next one.
    Reorders,
    /// A row that is there is not written again.
    KeepsOldRows,
    /// What was there is still there after everything was given anew.
    RewritesOnTop,
    /// Tags become text, in which not every tag fits.
    TakesTagsForText,
    /// Rows are handed over on the way, and once more at the end.
    HandsRowsOverTwice,
    /// Each reading adds to what was read before.
    ReadsWhatItHasRead,
    /// A commit that has nothing to say.
    IsSilent,
    /// Every load fails.
    CannotBeRead,
    /// What was not written is acknowledged.
    AcknowledgesAllTheSame,
    /// A commit that failed once fails for ever.
    NeverRecovers,
    /// A version that it does not know is as good as any.
    TakesWhatIsNewer,
}
