//! What scripts are shown of the engine's things.

use serde::{Deserialize, Serialize};

/// What a registration object shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegistrationInfo {
    /// The engine's number for it, never used twice; below 2^53.
    pub id: u64,
    /// The scope's address.
    pub scope: String,
    /// Which of its scripts the HTTP cache may answer for.
    pub update_via_cache: UpdateViaCache,
    /// The worker being installed.
    pub installing: Option<WorkerInfo>,
    /// The worker that waits for its predecessor to go.
    pub waiting: Option<WorkerInfo>,
    /// The worker that gets events.
    pub active: Option<WorkerInfo>,
}

/// `ServiceWorkerUpdateViaCache`. There is no HTTP cache here: it is kept and shown, and changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpdateViaCache {
    /// For imported scripts only.
    #[default]
    Imports,
    /// For all scripts.
    All,
    /// For none.
    None,
}

/// What a `ServiceWorker` object shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkerInfo {
    /// The engine's number for it, never used twice in a process; below 2^53.
    pub id: u64,
    /// The script's address.
    pub script_url: String,
    /// How far it is.
    pub state: ServiceWorkerState,
}

/// `ServiceWorkerState`, as far as scripts can see a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceWorkerState {
    /// Its script has run, its `install` event has not ended.
    Installing,
    /// Installed; it waits.
    Installed,
    /// Its `activate` event has not ended.
    Activating,
    /// It gets functional events.
    Activated,
    /// Replaced, or it failed.
    Redundant,
}

/// What a `Client` object shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientInfo {
    /// Unique among the clients.
    pub id: String,
    /// The page's or worker's address.
    pub url: String,
    /// `window`, `worker` or `sharedworker`.
    pub kind: &'static str,
    /// `auxiliary`, `top-level`, `nested` or `none`.
    pub frame_type: &'static str,
    /// Whether it is shown. Windows only.
    pub visible: bool,
    /// Whether the user's input goes there. Windows only.
    pub focused: bool,
}

/// A worker that is no service worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientWorkerKind {
    /// Of one page.
    Dedicated,
    /// Of all pages of the origin that name it.
    Shared,
}

/// The powerful features that the engine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PermissionName {
    /// `background-sync`
    BackgroundSync,
    /// `notifications`
    Notifications,
    /// `periodic-background-sync`
    PeriodicBackgroundSync,
}

impl PermissionName {
    /// As scripts name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BackgroundSync => "background-sync",
            Self::Notifications => "notifications",
            Self::PeriodicBackgroundSync => "periodic-background-sync",
        }
    }
}

/// `PermissionState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PermissionState {
    /// Allowed.
    Granted,
    /// Not decided.
    #[default]
    Prompt,
    /// Refused.
    Denied,
}

/// What a `Notification` object shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationInfo {
    /// Unique among all notifications.
    pub id: String,
    /// The title.
    pub title: String,
    /// The text below it; may be empty.
    pub body: String,
    /// A new one with the same tag takes the place of the old; empty for none.
    pub tag: String,
    /// Address of a picture; may be empty.
    pub icon: String,
    /// Whether it stays until the user does something.
    pub require_interaction: bool,
    /// Whether it makes no noise.
    pub silent: bool,
    /// The script's own data, as the platform serialized it.
    pub data: String,
    /// Buttons: name and title.
    pub actions: Vec<(String, String)>,
}
