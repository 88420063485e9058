//! What the web platform's JavaScript is told when it is loaded.

use serde::Serialize;

use super::{GlobalKind, PermissionState, RealmOptions, RegistrationInfo, WorkerInfo};

#[derive(Serialize)]
pub(super) struct BundleOptions<'a> {
    kind: &'static str,
    realm: u64,
    location: &'a str,
    online: bool,
    secure: bool,
    background_sync: bool,
    notifications: PermissionState,
    name: &'a str,
    port: Option<&'a str>,
    controller: Option<&'a WorkerInfo>,
    registration: Option<&'a RegistrationInfo>,
    worker: Option<&'a WorkerInfo>,
}

impl<'a> BundleOptions<'a> {
    pub(super) fn of(options: &'a RealmOptions) -> Self {
        let mut bundle = Self {
            kind: "Window",
            realm: options.id,
            location: options.location.as_str(),
            online: options.online,
            secure: true,
            background_sync: options.background_sync,
            notifications: options.notifications,
            name: "",
            port: None,
            controller: None,
            registration: None,
            worker: None,
        };
        let client = match &options.kind {
            GlobalKind::Window(client) => Some(client),
            GlobalKind::DedicatedWorker { client, name, port } => {
                (bundle.kind, bundle.name, bundle.port) = ("DedicatedWorker", name, Some(port.as_str()));
                Some(client)
            }
            GlobalKind::SharedWorker { client, name } => {
                (bundle.kind, bundle.name) = ("SharedWorker", name);
                Some(client)
            }
            GlobalKind::ServiceWorker { registration, worker } => {
                bundle.kind = "ServiceWorker";
                (bundle.registration, bundle.worker) = (Some(registration), Some(worker));
                None
            }
        };
        if let Some(client) = client {
            (bundle.secure, bundle.controller) = (!client.insecure, client.controller.as_ref());
        }
        bundle
    }
}
