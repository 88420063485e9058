//! What the rules of who may register are told, and what they answer.

#[doc(inline)]
pub use background_sync_policy::{
    DomExceptionName, Facts, Incarnation, InvalidOrigin, InvalidScope, Limits, Origin, Partition, PartitionId, PerKind,
    PermissionState, Refusal, RegistrationKey, Scope, StorageKey, SyncKind, SystemRestriction, UserSwitch,
    WindowClients, WorkerState,
};
