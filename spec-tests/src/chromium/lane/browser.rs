//! The browser of a lane: what a user, a page or a worker does is done in it.

use std::path::PathBuf;
use std::time::Duration;

use background_sync_chromium_host::protocol::SessionId;
use background_sync_chromium_host::transport::WebSocket;
use background_sync_chromium_host::{Browser, CallError, Client, Launch};
use serde_json::{Value, json};

use super::world::wait_until;

/// How long a browser may take to start.
const START: Duration = Duration::from_secs(20);

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a page may be silent before it counts as dead.
const DIES: Duration = Duration::from_secs(3);

/// A browser context: the profile, or a private one.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) id: Option<String>,
    /// A page without a site, which knows the network and the workers.
    pub(super) control: SessionId,
}

/// A page, a worker.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) session: SessionId,
}

/// A browser that runs, and the way to it.
#[derive(Debug)]
pub(super) struct Running {
    client: Client<WebSocket>,
    // Ends before its profile is used again.
    _browser: Browser,
    /// Workers as the browser tells of them: scope, version, whether it runs.
    versions: Vec<Version>,
    registrations: Vec<(String, String)>,
}

/// A version of a service worker.
#[derive(Clone, Debug)]
struct Version {
    id: String,
    registration: String,
    active: bool,
}

impl Running {
    pub(super) fn start(profile: PathBuf, trial: &[String; 2]) -> Result<Self, String> {
        let launch = Launch::chromium().map_err(|error| error.to_string())?.profile(profile);
        let arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"];
        let launch = arguments.into_iter().fold(launch, Launch::argument);
        let launch = trial.iter().fold(launch, Launch::argument);
        let browser = launch.start(START).map_err(|error| error.to_string())?;
        let client = browser.connect().map_err(|error| error.to_string())?;
        let mut client = client;
        client.set_patience(PATIENCE);
        Ok(Self { client, _browser: browser, versions: Vec::new(), registrations: Vec::new() })
    }

    pub(super) fn call(&mut self, session: Option<&SessionId>, method: &str, params: Value) -> Result<Value, String> {
        self.client.call(session, method, params).map_err(|error| error.to_string())
    }

    /// The user closes the browser; it ends in an orderly way.
    pub(super) fn quit(mut self) {
        // It may be gone before it has answered.
        let _ = self.client.call(None, "Browser.close", json!({}));
        while self.client.next_event(Duration::from_secs(5)).is_ok_and(|event| event.is_some()) {}
    }

    pub(super) fn context(&mut self, private: bool) -> Result<Context, String> {
        let id = if private {
            let made = self.call(None, "Target.createBrowserContext", json!({}))?;
            Some(word(&made, "browserContextId")?)
        } else {
            None
        };
        let control = self.open("about:blank", id.as_deref())?.session;
        self.call(Some(&control), "ServiceWorker.enable", json!({}))?;
        Ok(Context { id, control })
    }

    /// Opens a tab.
    pub(super) fn open(&mut self, url: &str, context: Option<&str>) -> Result<Target, String> {
        let mut params = json!({ "url": url });
        if let Some(context) = context {
            params["browserContextId"] = context.into();
        }
        let id = word(&self.call(None, "Target.createTarget", params)?, "targetId")?;
        let session = self.attach(&id)?;
        Ok(Target { id, session })
    }

    pub(super) fn attach(&mut self, target: &str) -> Result<SessionId, String> {
        let attached = self.call(None, "Target.attachToTarget", json!({ "targetId": target, "flatten": true }))?;
        Ok(SessionId::from(word(&attached, "sessionId")?.as_str()))
    }

    pub(super) fn detach(&mut self, session: &SessionId) -> Result<(), String> {
        self.call(None, "Target.detachFromTarget", json!({ "sessionId": session.as_str() })).map(|_| ())
    }

    /// Closes a tab, and waits until it is closed.
    pub(super) fn close(&mut self, target: &Target) -> Result<(), String> {
        self.call(None, "Target.closeTarget", json!({ "targetId": target.id }))?;
        for _ in 0..100 {
            if !self.client.has(&target.session) {
                return Ok(());
            }
            self.look(Duration::from_millis(20))?;
        }
        Err("a tab does not close".to_owned())
    }

    /// The targets there are, of a type.
    pub(super) fn targets(&mut self, of_type: &str) -> Result<Vec<Value>, String> {
        let mut all = self.call(None, "Target.getTargets", json!({}))?;
        let all = all["targetInfos"].as_array_mut().map(std::mem::take).unwrap_or_default();
        Ok(all.into_iter().filter(|info| info["type"] == of_type).collect())
    }

    /// Runs a script in a page or worker, as if the user did something there. A promise is awaited when it is wanted.
    pub(super) fn run(&mut self, session: &SessionId, script: &str, wait: bool) -> Result<Value, String> {
        let params = json!({ "expression": script, "awaitPromise": wait, "returnByValue": true, "userGesture": true });
        let mut answer = self.call(Some(session), "Runtime.evaluate", params)?;
        match answer["exceptionDetails"]["exception"]["description"].as_str() {
            Some(thrown) => Err(format!("`{script}`: {thrown}")),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Runs a script in a page; whether the page has survived it.
    pub(super) fn survives(&mut self, session: &SessionId, script: &str) -> Result<bool, String> {
        self.client.set_patience(DIES);
        let params = json!({ "expression": script });
        let ran = self.client.call(Some(session), "Runtime.evaluate", params);
        // The renderer may die of what the script asked for, after it has answered.
        let lives = ran.and_then(|_| self.client.call(Some(session), "Runtime.evaluate", json!({ "expression": "1" })));
        self.client.set_patience(PATIENCE);
        match lives {
            Ok(_) => Ok(true),
            Err(CallError::TimedOut { .. } | CallError::SessionGone { .. }) => Ok(false),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Waits until a page has a body.
    pub(super) fn wait_for_document(&mut self, session: &SessionId) -> Result<(), String> {
        let has = "location.href !== 'about:blank' && !!document.body";
        wait_until("a page does not load", || self.run(session, has, false).map(|has| has == true))
    }

    /// Takes what the browser tells, for so long.
    pub(super) fn look(&mut self, wait: Duration) -> Result<(), String> {
        let mut wait = wait;
        while let Some(event) = self.client.next_event(wait).map_err(|error| error.to_string())? {
            wait = Duration::ZERO;
            match event.method.as_str() {
                "ServiceWorker.workerRegistrationUpdated" => self.registrations_are(&event.params),
                "ServiceWorker.workerVersionUpdated" => self.versions_are(&event.params),
                _ => {}
            }
        }
        Ok(())
    }

    fn registrations_are(&mut self, params: &Value) {
        for registration in params["registrations"].as_array().into_iter().flatten() {
            let (Ok(id), Ok(scope)) = (word(registration, "registrationId"), word(registration, "scopeURL")) else {
                continue;
            };
            self.registrations.retain(|(known, _)| *known != id);
            if registration["isDeleted"] != true {
                self.registrations.push((id, scope));
            }
        }
    }

    fn versions_are(&mut self, params: &Value) {
        for version in params["versions"].as_array().into_iter().flatten() {
            let (Ok(id), Ok(registration)) = (word(version, "versionId"), word(version, "registrationId")) else {
                continue;
            };
            self.versions.retain(|known| known.id != id);
            let active = ["activating", "activated"].iter().any(|status| version["status"] == *status);
            self.versions.push(Version { id, registration, active });
        }
    }

    /// The versions of a scope's active worker.
    pub(super) fn active_versions(&mut self, scope: &str) -> Result<Vec<String>, String> {
        self.look(Duration::from_millis(1))?;
        let ids: Vec<_> = self.registrations.iter().filter(|(_, of)| of == scope).map(|(id, _)| id.clone()).collect();
        let mine = self.versions.iter().filter(|version| version.active && ids.contains(&version.registration));
        Ok(mine.map(|version| version.id.clone()).collect())
    }
}

/// A string of an answer.
pub(super) fn word(value: &Value, name: &str) -> Result<String, String> {
    value[name].as_str().map(str::to_owned).ok_or_else(|| format!("the browser says no `{name}`: {value}"))
}
