//! Runs a test script in a realm as an engine would, and collects the report.

use background_sync_reference_engine::script::{
    Answer, Call, Clock as _, DomError, FetchRequest, FetchResponse, Lifecycle, ManualClock, PermissionState, Realm,
};
use url::Url;

use super::files::{SCRIPTS, served};
use super::report::{COLLECT, Report};
use super::scope::{START, Scope, registration};

const COLLECTOR: u64 = 1;
const INSTALL: u64 = 2;

/// Runs scripts with the harness around them.
#[track_caller]
pub(crate) fn run(scope: Scope, scripts: &[(&str, &str)]) -> Report {
    let clock = ManualClock::new(START);
    let mut realm = Realm::new(&scope.options(&clock)).unwrap();
    for (name, source) in SCRIPTS {
        realm.evaluate(source, name).unwrap();
    }
    realm.run(COLLECTOR, COLLECT);
    for (name, source) in scripts {
        realm.evaluate(source, name).unwrap();
    }
    realm.evaluate("done()", "end").unwrap();
    match scope {
        Scope::Window | Scope::DedicatedWorker | Scope::SharedWorker => {}
        // The harness takes it for the end of loading.
        Scope::ServiceWorker => realm.dispatch_lifecycle(INSTALL, Lifecycle::Install),
    }
    let report = pump(&mut realm, &clock);
    report.unwrap_or_else(|| panic!("the tests did not end; printed: {:?}", realm.take_log()))
}

/// Answers calls and lets time go by until the harness is done, or nothing can happen any more.
fn pump(realm: &mut Realm, clock: &ManualClock) -> Option<Report> {
    loop {
        let calls = realm.take_calls();
        let idle = calls.is_empty();
        for (id, call) in calls {
            match call {
                Call::RunSettled { run_id: COLLECTOR, result } => {
                    return Some(serde_json::from_str(&result.unwrap()).unwrap());
                }
                call => realm.settle(id, answer(&call)),
            }
        }
        if idle {
            clock.advance_to(realm.next_timer()?);
            realm.run_timer(clock.now());
        }
    }
}

/// What a small and friendly engine answers. What waits for nothing gets nothing.
fn answer(call: &Call) -> Result<Answer, DomError> {
    match call {
        Call::Fetch(request) => fetched(request),
        Call::RegisterServiceWorker { .. }
        | Call::ServiceWorkerReady
        | Call::GetRegistration { .. }
        | Call::Update { .. } => Ok(Answer::Registration(Box::new(registration()))),
        Call::GetRegistrations => Ok(Answer::Registrations(vec![registration()])),
        Call::SyncGetTags { .. } | Call::PeriodicSyncGetTags { .. } => Ok(Answer::Tags(Vec::new())),
        Call::Unregister { .. } => Ok(Answer::Flag(true)),
        Call::ClientsMatchAll { .. } => Ok(Answer::Clients(Vec::new())),
        Call::QueryPermission { .. } | Call::RequestNotificationPermission => {
            Ok(Answer::Permission(PermissionState::Prompt))
        }
        Call::GetNotifications { .. } => Ok(Answer::Notifications(Vec::new())),
        Call::FocusClient { .. } => Err(DomError::type_error("there is no such client")),
        Call::SyncRegister { .. }
        | Call::PeriodicSyncRegister { .. }
        | Call::PeriodicSyncUnregister { .. }
        | Call::SkipWaiting
        | Call::ClientsClaim
        | Call::ClientsGet { .. }
        | Call::OpenWindow { .. }
        | Call::ShowNotification { .. }
        | Call::CloseNotification { .. }
        | Call::PostMessage { .. }
        | Call::ReturnMessage { .. }
        | Call::EntanglePorts { .. }
        | Call::ClosePort { .. }
        | Call::StartWorker { .. }
        | Call::TerminateWorker { .. }
        | Call::CloseWorker
        | Call::FetchAnswered { .. }
        | Call::EventSettled { .. }
        | Call::RunSettled { .. } => Ok(Answer::Nothing),
    }
}

fn fetched(request: &FetchRequest) -> Result<Answer, DomError> {
    let url = Url::parse(&request.url).unwrap();
    let (status, body) = served(url.path()).map_or((404, ""), |file| (200, file));
    let (url, status_text, headers) = (request.url.clone(), String::new(), Vec::new());
    Ok(Answer::Response(FetchResponse { url, status, status_text, headers, body: body.into() }))
}
