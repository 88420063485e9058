//! What the engine answers to a script's call.

use background_sync::registration::Tag;
use serde::Serialize;

use super::call::{Call, FetchResponse};
use super::info::{ClientInfo, NotificationInfo, PermissionState, RegistrationInfo};

/// The engine's answer to a [`Call`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// `undefined`.
    Nothing,
    /// Tags.
    Tags(Vec<Tag>),
    /// A registration.
    Registration(Box<RegistrationInfo>),
    /// Registrations.
    Registrations(Vec<RegistrationInfo>),
    /// A response.
    Response(FetchResponse),
    /// A client.
    Client(ClientInfo),
    /// Clients.
    Clients(Vec<ClientInfo>),
    /// A permission's state.
    Permission(PermissionState),
    /// Notifications.
    Notifications(Vec<NotificationInfo>),
    /// True or false.
    Flag(bool),
}

/// An error as a script gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomError {
    /// A `DOMException` name, or `TypeError`.
    pub name: String,
    /// For people.
    pub message: String,
}

impl DomError {
    /// A `DOMException` of this name.
    #[must_use]
    pub fn named(name: &str, message: &str) -> Self {
        Self { name: name.to_owned(), message: message.to_owned() }
    }

    /// A `TypeError`, as `fetch` rejects with when there is no network.
    #[must_use]
    pub fn type_error(message: &str) -> Self {
        Self::named("TypeError", message)
    }
}

/// Which answer a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerKind {
    Nothing,
    Tags,
    Registration,
    Registrations,
    Response,
    Client,
    Clients,
    Permission,
    Notifications,
    Flag,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    kind: AnswerKind,
    /// Whether there may be nothing instead.
    optional: bool,
}

impl Expected {
    /// Whether an answer is one that the call takes.
    pub(super) fn takes(self, answer: &Answer) -> bool {
        let kind = answer.kind();
        kind == self.kind || (self.optional && kind == AnswerKind::Nothing)
    }

    pub(super) const fn kind(self) -> AnswerKind {
        self.kind
    }
}

impl Call {
    /// The answer it waits for, if any.
    pub(super) fn expects(&self) -> Option<Expected> {
        let always = |kind| Some(Expected { kind, optional: false });
        let perhaps = |kind| Some(Expected { kind, optional: true });
        match self {
            Self::SyncRegister { .. }
            | Self::PeriodicSyncRegister { .. }
            | Self::PeriodicSyncUnregister { .. }
            | Self::SkipWaiting
            | Self::ClientsClaim
            | Self::ShowNotification { .. } => always(AnswerKind::Nothing),
            Self::SyncGetTags { .. } | Self::PeriodicSyncGetTags { .. } => always(AnswerKind::Tags),
            Self::Fetch(_) => always(AnswerKind::Response),
            Self::RegisterServiceWorker { .. } | Self::ServiceWorkerReady | Self::Update { .. } => {
                always(AnswerKind::Registration)
            }
            Self::GetRegistration { .. } => perhaps(AnswerKind::Registration),
            Self::GetRegistrations => always(AnswerKind::Registrations),
            Self::Unregister { .. } => always(AnswerKind::Flag),
            Self::ClientsMatchAll { .. } => always(AnswerKind::Clients),
            Self::ClientsGet { .. } | Self::OpenWindow { .. } => perhaps(AnswerKind::Client),
            Self::FocusClient { .. } => always(AnswerKind::Client),
            Self::QueryPermission { .. } | Self::RequestNotificationPermission => always(AnswerKind::Permission),
            Self::GetNotifications { .. } => always(AnswerKind::Notifications),
            Self::CloseNotification { .. }
            | Self::PostMessage { .. }
            | Self::ReturnMessage { .. }
            | Self::EntanglePorts { .. }
            | Self::ClosePort { .. }
            | Self::StartWorker { .. }
            | Self::TerminateWorker { .. }
            | Self::CloseWorker
            | Self::FetchAnswered { .. }
            | Self::EventSettled { .. }
            | Self::RunSettled { .. } => None,
        }
    }
}

impl Answer {
    pub(super) fn kind(&self) -> AnswerKind {
        match self {
            Self::Nothing => AnswerKind::Nothing,
            Self::Tags(_) => AnswerKind::Tags,
            Self::Registration(_) => AnswerKind::Registration,
            Self::Registrations(_) => AnswerKind::Registrations,
            Self::Response(_) => AnswerKind::Response,
            Self::Client(_) => AnswerKind::Client,
            Self::Clients(_) => AnswerKind::Clients,
            Self::Permission(_) => AnswerKind::Permission,
            Self::Notifications(_) => AnswerKind::Notifications,
            Self::Flag(_) => AnswerKind::Flag,
        }
    }
}
