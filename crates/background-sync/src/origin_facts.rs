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
        Self { partition, origin, windows, permission, switch }
    }
}
