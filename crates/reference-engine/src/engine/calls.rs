//! What scripts ask of the engine.

use background_sync::policy::{Origin, SyncKind};
use url::Url;

use super::registrations::Registration;
use super::running::RealmId;
use super::{Engine, Who};
use crate::script::{Answer, Call, CallId, DomError, RegistrationInfo};

impl Engine {
    pub(super) fn serve(&mut self, id: RealmId, call: CallId, what: Call) {
        match what {
            Call::SyncRegister { registration, tag } => self.sync_register(id, call, registration, tag),
            Call::SyncGetTags { registration } => self.sync_get_tags(id, call, registration, SyncKind::OneShot),
            Call::PeriodicSyncRegister { registration, tag, min_interval } => {
                self.periodic_sync_register(id, call, registration, tag, min_interval);
            }
            Call::PeriodicSyncGetTags { registration } => {
                self.sync_get_tags(id, call, registration, SyncKind::Periodic)
            }
            Call::PeriodicSyncUnregister { registration, tag } => {
                self.periodic_sync_unregister(id, call, registration, tag);
            }
            Call::Fetch(request) => self.fetch(id, call, request),
            Call::RegisterServiceWorker { script_url, scope, update_via_cache } => {
                self.register_worker(id, call, &script_url, scope, update_via_cache);
            }
            Call::ServiceWorkerReady => self.await_ready(id, call),
            Call::GetRegistration { url } => self.get_registration(id, call, &url),
            Call::GetRegistrations => self.get_registrations(id, call),
            Call::Update { registration } => self.update_registration(id, call, registration),
            Call::Unregister { registration } => self.unregister_called(id, call, registration),
            Call::SkipWaiting => self.skip_waiting(id, call),
            Call::ClientsClaim => self.claim(id, call),
            Call::ClientsMatchAll { include_uncontrolled, kind } => {
                let clients = self.clients_matching(id, include_uncontrolled, &kind);
                self.settle_call(id, call, Ok(Answer::Clients(clients)));
            }
            Call::ClientsGet { id: name } => {
                let found = self.client_named(id, &name);
                self.settle_call(id, call, Ok(found.map_or(Answer::Nothing, Answer::Client)));
            }
            Call::OpenWindow { url } => self.open_from_worker(id, call, &url),
            Call::FocusClient { id: name } => self.focus(id, call, &name),
            Call::QueryPermission { name } => self.query_permission(id, call, name),
            Call::RequestNotificationPermission => self.request_notification_permission(id, call),
            Call::ShowNotification { registration, notification, renotify } => {
                self.show_notification(id, call, registration, notification, renotify);
            }
            Call::GetNotifications { registration, tag } => {
                let shown = self.notifications_of(id, registration, &tag);
                self.settle_call(id, call, Ok(Answer::Notifications(shown)));
            }
            Call::CloseNotification { id: name } => self.close_notification(id, &name),
            Call::PostMessage { to, message } => self.post_message(id, to, message),
            Call::ReturnMessage { port, message } => self.return_message(id, &port, message),
            Call::EntanglePorts { ports } => self.ports.entangle(ports, id),
            Call::ClosePort { port } => self.close_port(id, port),
            Call::StartWorker { kind, script_url, name, port } => {
                self.start_client_worker(id, kind, &script_url, name, port);
            }
            Call::TerminateWorker { port } => self.terminate_client_worker(id, &port),
            Call::CloseWorker => self.stop_client_worker(id),
            Call::FetchAnswered { event_id, answer } => self.fetch_answered(id, event_id, answer),
            Call::EventSettled { event_id, outcome } => self.event_settled(id, event_id, outcome),
            Call::RunSettled { run_id, result } => self.run_settled(id, run_id, result),
        }
    }

    /// A run that no step looks at any more is told of only when it fails.
    fn run_settled(&mut self, id: RealmId, run: u64, result: Result<String, String>) {
        let who = self.who(id);
        match (self.runs.get_mut(&run), result) {
            (Some((asked, _)), _) if *asked != id => {} // A script has made it up.
            (Some((_, came)), result) => {
                let said = match &result {
                    Ok(value) if value == "null" => None,
                    Ok(value) => Some(format!("=> {value}")),
                    Err(error) => Some(format!("fails: {error}")),
                };
                *came = Some(result);
                if let Some(said) = said {
                    self.tell(who, said, "");
                }
            }
            (None, Ok(_)) => {}
            (None, Err(error)) => {
                self.tell(Who::Trouble, format!("what an earlier step ran in {} has failed", who.name()), error);
            }
        }
    }

    fn get_registrations(&mut self, id: RealmId, call: CallId) {
        let all = self.home_of(id).map(|home| self.registrations.of(&home).map(Registration::info).collect());
        self.settle_call(id, call, Ok(Answer::Registrations(all.unwrap_or_default())));
    }

    fn get_registration(&mut self, id: RealmId, call: CallId, url: &str) {
        let Some(home) = self.home_of(id) else { return };
        let same_origin = Url::parse(url).is_ok_and(|url| Origin::of(&url).as_ref() == Ok(home.origin()));
        let found = self.registrations.matching(&home, url).map(Registration::info);
        let answer = match (same_origin, found) {
            (false, _) => Err(DomError::named("SecurityError", "the address is of another origin than the page")),
            (true, found) => {
                Ok(found.map_or(Answer::Nothing, |info: RegistrationInfo| Answer::Registration(Box::new(info))))
            }
        };
        self.settle_call(id, call, answer);
    }
}
