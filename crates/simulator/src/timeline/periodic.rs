//! What happens because of periodic syncs, and only because of them.

use background_sync::policy::Origin;
use background_sync::registration::Tag;
use background_sync::scheduler::Engagement;
use serde::{Deserialize, Serialize};

use super::{PartitionName, RequestName, WorkerName, spelled};

/// See [`Step::UnregisterPeriodic`](super::Step::UnregisterPeriodic).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnregisterPeriodic {
    /// The service worker registration.
    pub worker: WorkerName,
    /// The tag.
    pub tag: Tag,
    /// What to call the request.
    pub id: Option<RequestName>,
}

/// See [`Step::Visit`](super::Step::Visit).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// The origin.
    pub origin: Origin,
    /// The partition.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// In a frame inside another site's page only, which is no visit: the host says nothing.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub nested: bool,
}

/// See [`Step::Engagement`](super::Step::Engagement).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngagementStep {
    /// The origin.
    pub origin: Origin,
    /// The partition.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// How much it is now: `none`, `minimal`, `low`, `medium`, `high`, `max`.
    pub level: Engagement,
}

/// See [`Step::Pause`](super::Step::Pause).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// The origin.
    pub origin: Origin,
    /// The partition.
    #[serde(default, skip_serializing_if = "spelled::is_default")]
    pub partition: PartitionName,
    /// Whether they are paused from now on.
    pub paused: bool,
}
