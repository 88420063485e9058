//! The parameters, the network, the power, conditions, and what a store keeps of an origin's budget.

#[cfg(feature = "periodic")]
#[doc(inline)]
pub use background_sync_scheduler::{
    AcrossOrigins, Availability, BinWidth, Engagement, EngagementFactors, InvalidUtcOffset, PeriodicHold,
    PeriodicOrigin, PeriodicParameters, UtcOffset, VisitParameters,
};
#[doc(inline)]
pub use background_sync_scheduler::{
    Condition, ConditionOverride, Conditions, InvalidParameters, JitterMode, LastChance, NetworkId, NetworkMode,
    NetworkState, PowerState, Preset, StoredBudget, SyncParameters, ValidParameters,
};
