//! The file that is kept of what the user has decided about origins.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use background_sync::policy::{Origin, Partition, PermissionState};
use serde::{Deserialize, Serialize};

use crate::kept_file;

/// Whether an origin may do something, where the user has said so.
pub(super) type Permissions = BTreeMap<(Partition, Origin), PermissionState>;

/// What the next browser remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Decisions {
    /// Who may show notifications.
    pub(super) notifications: Permissions,
    /// Whose periodic syncs are allowed. Without this their registrations would be removed at the next start.
    pub(super) periodic: Permissions,
    /// Whose periodic syncs are paused.
    pub(super) paused: BTreeSet<(Partition, Origin)>,
}

/// As written. What an earlier version did not write is empty.
#[derive(Serialize, Deserialize)]
struct Kept {
    notifications: Vec<((Partition, Origin), PermissionState)>,
    #[serde(default)]
    periodic_background_sync: Vec<((Partition, Origin), PermissionState)>,
    #[serde(default)]
    paused: Vec<(Partition, Origin)>,
}

/// The decisions kept in a file, if there is one.
///
/// # Errors
/// When the file is there and can't be read.
pub(super) fn read(file: &Path) -> io::Result<Decisions> {
    let Some(kept) = kept_file::read::<Kept>(file)? else { return Ok(Decisions::default()) };
    Ok(Decisions {
        notifications: kept.notifications.into_iter().collect(),
        periodic: kept.periodic_background_sync.into_iter().collect(),
        paused: kept.paused.into_iter().collect(),
    })
}

/// Makes the decisions durable, except those for private partitions.
///
/// # Errors
/// When the file can't be written; it is as it was then.
pub(super) fn write(file: &Path, decisions: Decisions) -> io::Result<()> {
    let lasting = |permissions: Permissions| {
        let lasting = permissions.into_iter().filter(|((partition, _), _)| !partition.is_private());
        lasting.collect()
    };
    let kept = Kept {
        notifications: lasting(decisions.notifications),
        periodic_background_sync: lasting(decisions.periodic),
        paused: decisions.paused.into_iter().filter(|(partition, _)| !partition.is_private()).collect(),
    };
    kept_file::write(file, &kept)
}
