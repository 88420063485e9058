//! Tags, times and registrations, as a machine shows them and a store keeps them.

#[doc(inline)]
pub use background_sync_registration::{
    Charge, Damage, MinInterval, MonotonicTime, NetworkIdentity, Now, Observed, RegistrationState, Schedule, Sequence,
    Series, StateName, StoredDecoder, StoredRegistration, StoredState, StoredWait, SyncRegistration, Tag, Wait,
    WallTime,
};
