use background_sync::SyncStore;

/// A store, as the kit uses it. The value itself is what outlives a process: the file.
///
/// Only [`Self::open`] has to be written; each of the others lets a scenario be played that is left out without it.
pub trait StoreUnderTest {
    /// What a process has of it.
    type Store: SyncStore + 'static;

    /// A process begins, and opens it. The one before has ended: its store was dropped.
    fn open(&mut self) -> Self::Store;

    /// The process dies: what it has not written by now is never written. Called while nothing that was asked of the store
    /// is without an answer; the store is dropped afterwards, and whatever that would still do must not be seen by the next
    /// process. A file can be copied here, and the copy be opened next.
    fn crash(&mut self) {}

    /// Whether what was written is there in the next process. `false` for a store in memory.
    fn outlives_a_process(&self) -> bool {
        true
    }

    /// From now on the medium takes nothing (`true`), or everything again: the disk is full, say. Says whether it can be made
    /// to; without, failures are not looked at.
    fn refuse_writes(&mut self, refuse: bool) -> bool {
        let _ = refuse;
        false
    }

    /// Makes the file one that a newer version wrote, and opens it. Says whether that was refused and the file is as it was,
    /// byte for byte; `None` where there are no versions. No process has it open.
    fn refuses_what_is_newer(&mut self) -> Option<bool> {
        None
    }
}
