//! The file that the user's answers about notifications are kept in.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use background_sync::policy::{Origin, Partition, PermissionState};
use serde::{Deserialize, Serialize};

/// Whether an origin may show notifications, where the user has said so.
pub(super) type NotificationPermissions = BTreeMap<(Partition, Origin), PermissionState>;

#[derive(Serialize, Deserialize)]
struct Kept {
    notifications: Vec<((Partition, Origin), PermissionState)>,
}

/// The answers kept in a file, if there is one.
///
/// # Errors
/// When the file is there and can't be read.
pub(super) fn read(file: &Path) -> io::Result<NotificationPermissions> {
    match fs::read(file) {
        Ok(bytes) => {
            let kept: Kept = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
            Ok(kept.notifications.into_iter().collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

/// Makes the answers durable, except those for private partitions.
///
/// # Errors
/// When the file can't be written; it is as it was then.
pub(super) fn write(file: &Path, permissions: &NotificationPermissions) -> io::Result<()> {
    let kept = permissions.iter().filter(|((partition, _), _)| !partition.is_private());
    let kept = Kept { notifications: kept.map(|(whose, state)| (whose.clone(), *state)).collect() };
    crate::durable::write(file, &serde_json::to_vec(&kept).map_err(io::Error::other)?)
}
