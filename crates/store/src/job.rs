use background_sync::{CommitCompletion, LoadCompletion, StoreOp};

/// What a store is asked to do.
pub(crate) enum Job {
    Load(LoadCompletion),
    Commit(Vec<StoreOp>, CommitCompletion),
    Rewrite(Vec<StoreOp>, CommitCompletion),
}
