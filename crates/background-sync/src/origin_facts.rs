use background_sync_policy::{Origin, Partition, PerKind, PermissionState, UserSwitch, WindowClients};
use serde::{Deserialize, Serialize};

/// What a host says about an origin in a partition when its store was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OriginFacts {
    /// The partition.
    pub partition: Partition,
    /// The origin.
    pub origin: Origin,
    /// Its fully active windows.
    pub windows: WindowClients,
    /// Its permissions. What is registered of a kind that they do not allow is removed, as by a revocation.
    pub permission: PerKind<PermissionState>,
    /// Its switches, the general one included. What is registered of a kind that is off is removed.
    pub switch: PerKind<UserSwitch>,
    /// How much the user has to do with it.
    #[cfg(feature = "periodic")]
    pub engagement: background_sync_scheduler::Engagement,
    /// Whether the user pauses its periodic syncs.
    #[cfg(feature = "periodic")]
    pub paused: bool,
}

impl OriginFacts {
    /// Everything about it, as it is now.
    #[must_use]
    pub const fn new(
        partition: Partition,
        origin: Origin,
        windows: WindowClients,
        permission: PerKind<PermissionState>,
        switch: PerKind<UserSwitch>,
    ) -> Self {
        Self {
            partition,
            origin,
            windows,
            permission,
            switch,
            #[cfg(feature = "periodic")]
            engagement: background_sync_scheduler::Engagement::High,
            #[cfg(feature = "periodic")]
            paused: false,
        }
    }

    /// The same with how much the user has to do with it, and whether the user pauses its periodic syncs.
    #[cfg(feature = "periodic")]
    #[must_use]
    pub fn with_periodic(self, engagement: background_sync_scheduler::Engagement, paused: bool) -> Self {
        Self { engagement, paused, ..self }
    }
}
