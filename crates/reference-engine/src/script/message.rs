//! Messages between realms.

use serde::{Deserialize, Serialize};

use super::info::{ClientInfo, WorkerInfo};

/// A message: structured data, and the ports that travel with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The data as the platform serialized it; nobody else looks into it.
    pub data: String,
    /// Names of ports.
    pub ports: Vec<String>,
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Recipient {
    /// The realm that holds the other end of this port.
    Port(String),
    /// A service worker, by its number.
    ServiceWorker(u64),
    /// A client, by its id.
    Client(String),
}

/// A message for a service worker's `message` event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkerMessage {
    /// The message.
    pub message: Message,
    /// The sender's origin.
    pub origin: String,
    /// The sender.
    pub source: Option<MessageSource>,
}

/// Who sent a message to a service worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MessageSource {
    /// A client.
    Client(ClientInfo),
    /// A service worker.
    Worker(WorkerInfo),
}

/// A message for `navigator.serviceWorker`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContainerMessage {
    /// The message.
    pub message: Message,
    /// The service worker that sent it.
    pub source: WorkerInfo,
}
