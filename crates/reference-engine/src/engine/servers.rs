//! The servers of a timeline: they answer as it says, and keep what they are sent.

use std::collections::BTreeMap;
use std::time::Duration;

use background_sync::policy::Origin;
use background_sync_simulator::timeline::Time;
use serde::{Deserialize, Serialize};
use url::Url;

use super::received::{ExpectRequest, Received};
use super::site::Sites;
use crate::script::{FetchRequest, FetchResponse};

/// How a server answers from now on. What is not said stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerStep {
    /// Whose server.
    pub origin: Origin,
    /// Only requests to this path; everything without one.
    pub path: Option<String>,
    /// It cannot be reached at all.
    pub down: Option<bool>,
    /// Every answer has this status. 0 ends that.
    pub status: Option<u16>,
    /// Answers take this long.
    pub takes: Option<Time>,
    /// It does what it is asked, and its answer is lost on the way.
    pub loses_answers: Option<bool>,
    /// It keeps JSON bodies by this field of theirs: a value it has seen is a repeat, answered all the
    /// same and counted.
    pub keeps_by: Option<String>,
}

impl ServerStep {
    pub(super) fn host(&self) -> String {
        let url = Url::parse(self.origin.as_str()).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// What changes, for a person.
    pub(super) fn in_words(&self) -> String {
        let changes = [
            self.down.map(|down| if down { "is down" } else { "is up" }.to_owned()),
            self.status.map(|status| match status {
                0 => "answers as it should".to_owned(),
                status => format!("answers {status}"),
            }),
            self.takes.map(|takes| format!("takes {takes} to answer")),
            self.loses_answers.map(|loses| if loses { "loses its answers" } else { "loses no answers" }.to_owned()),
            self.keeps_by.as_ref().map(|field| format!("keeps bodies by their `{field}`")),
        ];
        let changes: Vec<_> = changes.into_iter().flatten().collect();
        format!("{}{} {}", self.origin, self.path.as_deref().unwrap_or_default(), changes.join(", "))
    }
}

/// What a server is expected to have kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectServer {
    /// Whose server.
    pub origin: Origin,
    /// The path.
    pub path: String,
    /// Bodies it keeps, in the order in which they came, by the field it keeps them by.
    pub kept: Option<Vec<String>>,
    /// How many it keeps.
    pub count: Option<usize>,
    /// How many repeats it was sent.
    pub repeats: Option<u64>,
    /// How many requests reached it.
    pub requests: Option<u64>,
    /// Every request that reached it, in the order in which they came.
    pub sent: Option<Vec<ExpectRequest>>,
}

/// All servers there are. An origin that no timeline and no folder knows has none.
#[derive(Debug)]
pub(super) struct Servers {
    sites: Sites,
    routes: BTreeMap<(Origin, Option<String>), Route>,
}

#[derive(Clone, Debug, Default)]
struct Route {
    down: bool,
    status: Option<u16>,
    takes: Duration,
    loses_answers: bool,
    keeps_by: Option<String>,
    /// What it keeps, in order of arrival: key and body.
    kept: Vec<(String, String)>,
    repeats: u64,
    requests: Vec<Received>,
}

/// A request that reached nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreachable {
    /// The server is down.
    Down,
    /// There is no such server in the timeline.
    Unknown,
}

/// An answer, when it comes, and what a person may want to know about it.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) response: FetchResponse,
    pub(super) takes: Duration,
    pub(super) note: Option<String>,
    /// It never arrives.
    pub(super) lost: bool,
}

impl Servers {
    pub(super) fn new(sites: Sites) -> Self {
        Self { sites, routes: BTreeMap::new() }
    }

    pub(super) fn change(&mut self, step: &ServerStep) {
        let route = self.routes.entry((step.origin.clone(), step.path.clone())).or_default();
        if let Some(down) = step.down {
            route.down = down;
        }
        if let Some(status) = step.status {
            route.status = (status != 0).then_some(status);
        }
        if let Some(Time(takes)) = step.takes {
            route.takes = takes;
        }
        if let Some(loses) = step.loses_answers {
            route.loses_answers = loses;
        }
        if let Some(field) = &step.keeps_by {
            route.keeps_by = Some(field.clone());
        }
    }

    /// Answers one request.
    pub(super) fn answer(&mut self, request: &FetchRequest) -> Result<Answered, Unreachable> {
        let url = Url::parse(&request.url).map_err(|_| Unreachable::Unknown)?;
        let origin = Origin::of(&url).map_err(|_| Unreachable::Unknown)?;
        let whole = (origin.clone(), None);
        let one = (origin, Some(url.path().to_owned()));
        if [&whole, &one].iter().any(|key| self.routes.get(key).is_some_and(|route| route.down)) {
            return Err(Unreachable::Down);
        }
        let file = (request.method == "GET").then(|| self.sites.file(&url)).flatten();
        let known = self.routes.contains_key(&whole) || self.sites.has_host(&url);
        let status = self.routes.get(&whole).and_then(|route| route.status);
        let takes = self.routes.get(&whole).map_or(Duration::ZERO, |route| route.takes);
        let (status, note, takes) = match (self.routes.get_mut(&one), &file) {
            (Some(route), _) => {
                let takes = takes.max(route.takes);
                let (status, note) = route.take(request, status);
                (status, note, takes)
            }
            (None, Some(_)) => (status.unwrap_or(200), None, takes),
            (None, None) if known => (status.unwrap_or(404), None, takes),
            (None, None) => return Err(Unreachable::Unknown),
        };
        let lost = [&whole, &one].iter().any(|key| self.routes.get(key).is_some_and(|route| route.loses_answers));
        let (content_type, body) = match file {
            Some(file) if status == 200 => (file.content_type, file.body),
            Some(_) | None => ("text/plain", Vec::new()),
        };
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        let url = request.url.clone();
        let response = FetchResponse { url, status, status_text: String::new(), headers, body };
        Ok(Answered { response, takes, note, lost })
    }

    /// Whether a server has kept what it should have, or what it has instead.
    pub(super) fn check(&self, expected: &ExpectServer) -> Result<(), String> {
        let none = Route::default();
        let route = self.routes.get(&(expected.origin.clone(), Some(expected.path.clone()))).unwrap_or(&none);
        let keys: Vec<_> = route.kept.iter().map(|(key, _)| key.clone()).collect();
        let fits = expected.kept.as_ref().is_none_or(|kept| *kept == keys)
            && expected.count.is_none_or(|count| count == keys.len())
            && expected.repeats.is_none_or(|repeats| repeats == route.repeats)
            && expected.requests.is_none_or(|requests| requests == route.requests.len() as u64)
            && expected.sent.as_ref().is_none_or(|sent| all_fit(sent, &route.requests));
        if fits {
            return Ok(());
        }
        let counts =
            format!("it keeps {keys:?}, with repeats = {} and requests = {}", route.repeats, route.requests.len());
        let sent = route.requests.iter().map(Received::to_string).collect::<Vec<_>>().join("; ");
        Err(if expected.sent.is_some() { format!("{counts}: {sent}") } else { counts })
    }

    /// What all servers keep, for an engine that starts again: a server is not part of the process.
    pub(super) fn kept(&self) -> Vec<KeptByServer> {
        let routes = self.routes.iter().filter_map(|((origin, path), route)| {
            let (path, keeps_by) = (path.clone()?, route.keeps_by.clone());
            let (kept, repeats, requests) = (route.kept.clone(), route.repeats, route.requests.clone());
            Some(KeptByServer { origin: origin.clone(), path, keeps_by, kept, repeats, requests })
        });
        routes.collect()
    }

    pub(super) fn restore(&mut self, kept: Vec<KeptByServer>) {
        for server in kept {
            let route = self.routes.entry((server.origin, Some(server.path))).or_default();
            route.keeps_by = server.keeps_by;
            (route.kept, route.repeats, route.requests) = (server.kept, server.repeats, server.requests);
        }
    }
}

/// What one server keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptByServer {
    origin: Origin,
    path: String,
    keeps_by: Option<String>,
    kept: Vec<(String, String)>,
    repeats: u64,
    requests: Vec<Received>,
}

impl Route {
    /// Takes a request: keeps it, or counts it as a repeat. Gives the status.
    fn take(&mut self, request: &FetchRequest, general: Option<u16>) -> (u16, Option<String>) {
        self.requests.push(Received::from(request));
        if let Some(status) = self.status.or(general) {
            return (status, None);
        }
        let Some(field) = &self.keeps_by else { return (200, None) };
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let Some(key) = key_of(&body, field) else {
            return (400, Some(format!("the body has no `{field}`")));
        };
        if self.kept.iter().any(|(kept, _)| *kept == key) {
            self.repeats += 1;
            return (200, Some(format!("{key} again: it is kept already")));
        }
        self.kept.push((key, body.clone()));
        (201, Some(format!("kept {body}")))
    }
}

fn all_fit(expected: &[ExpectRequest], found: &[Received]) -> bool {
    expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| expected.fits(found))
}

fn key_of(body: &str, field: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(body).ok()?;
    match value.get(field)? {
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
