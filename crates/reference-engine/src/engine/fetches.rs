//! Requests: to the network, or to the service worker that controls whoever asks.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use url::Url;

use super::running::{ClientFetch, RealmId, WorkerEvent};
use super::servers::{Servers, Unreachable};
use super::turn::{Later, Scheduled};
use super::{Engine, Who};
use crate::script::{Answer, CallId, DomError, FetchAnswer, FetchRequest, ServiceWorkerState};

impl Engine {
    /// `fetch(...)`: a controlled client's worker is asked first.
    pub(super) fn fetch(&mut self, id: RealmId, call: CallId, request: FetchRequest) {
        if self.realm(id).is_none() {
            return; // It was closed while its request waited.
        }
        match self.controller_state(id) {
            None => self.fetch_from_network(id, call, &request),
            Some((_, ServiceWorkerState::Activated)) => self.fetch_from_worker(id, call, request),
            // As all functional events, it waits for the activation.
            Some(_) => self.awaiting_fetches.push((id, call, request)),
        }
    }

    /// Requests that waited for an activation.
    pub(super) fn release_fetches(&mut self) {
        for (id, call, request) in std::mem::take(&mut self.awaiting_fetches) {
            self.fetch(id, call, request);
        }
    }

    fn fetch_from_worker(&mut self, id: RealmId, call: CallId, request: FetchRequest) {
        let key = self.controller_state(id).map(|(key, _)| key);
        let active = key.as_ref().and_then(|key| Some(self.registrations.get(key)?.active.as_ref()?.id));
        let (Some(key), Some(active)) = (key, active) else { return self.fetch_from_network(id, call, &request) };
        let client = self.info_of(id).map(|info| info.id).unwrap_or_default();
        match self.start_for(&key, active, "for a request") {
            Ok(realm) => {
                let event = WorkerEvent::Fetch(ClientFetch { asked_by: Some((id, call)), request: request.clone() });
                self.fire(realm, event, |realm, event| realm.dispatch_fetch(event, &request, &client));
                self.look_for_update_if_stale(&key);
            }
            Err(_) => self.fetch_from_network(id, call, &request),
        }
    }

    /// A `fetch` event has shown who answers.
    pub(super) fn fetch_answered(&mut self, worker: RealmId, event: u64, answer: FetchAnswer) {
        let Some(running) = self.running_mut(worker) else { return };
        let Some(WorkerEvent::Fetch(fetch)) = running.events.get_mut(&event) else { return };
        let Some((id, call)) = fetch.asked_by.take() else { return };
        let request = fetch.request.clone();
        let what = format!("{} {}", request.method, request.url);
        match answer {
            FetchAnswer::Network => self.fetch_from_network(id, call, &request),
            FetchAnswer::Worker { mut response } => {
                if response.url.is_empty() {
                    response.url.clone_from(&request.url); // It was made by a script.
                }
                self.tell(Who::Worker, format!("answers {what}: {}", response.status), "");
                self.settle_call(id, call, Ok(Answer::Response(response)));
            }
            FetchAnswer::Nobody => {
                self.tell(Who::Worker, format!("fails {what}"), "");
                let failed = DomError::type_error("Failed to fetch: the service worker has no answer");
                self.settle_call(id, call, Err(failed));
            }
        }
    }

    /// A `fetch` event will not show any more who answers.
    pub(super) fn fetch_failed(&mut self, fetch: ClientFetch, why: &str) {
        if let Some((id, call)) = fetch.asked_by {
            self.settle_call(id, call, Err(DomError::type_error(&format!("Failed to fetch: {why}"))));
        }
    }

    fn fetch_from_network(&mut self, id: RealmId, call: CallId, request: &FetchRequest) {
        if self.realm(id).is_none() {
            return; // Nor is it sent for a page that was closed while its worker was asked.
        }
        let who = self.who(id);
        let host = Url::parse(&request.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let what = format!("{} {}", request.method, request.url);
        if !self.is_online(&request.url) {
            self.tell(who, format!("{what} failed"), "no network");
            return self.settle_call(id, call, Err(DomError::type_error("Failed to fetch: there is no network")));
        }
        let answered = self.servers.borrow_mut().answer(request);
        match answered {
            Ok(answered) => {
                let why = answered.note.unwrap_or_default();
                self.tell(Who::Server(host), format!("{what}: {}", answered.response.status), why);
                let (at, url) = (self.elapsed() + answered.takes, request.url.clone());
                let answer = if answered.lost {
                    self.tell(Who::Network, format!("the answer to {what} is lost"), "");
                    Err(DomError::type_error("Failed to fetch: the connection was lost"))
                } else {
                    Ok(Answer::Response(answered.response))
                };
                self.scheduled.push_back(Scheduled { at, what: Later::Answer { realm: id, call, url, answer } });
            }
            Err(Unreachable::Down) => {
                self.tell(who, format!("{what} failed"), "the server is down");
                self.settle_call(id, call, Err(DomError::type_error("Failed to fetch: the server can't be reached")));
            }
            Err(Unreachable::Unknown) => {
                let why = format!("add a folder {host}/ with files, or a step with `server`");
                self.tell(Who::Trouble, format!("{what}: the timeline has no such server"), why);
                self.settle_call(id, call, Err(DomError::type_error("Failed to fetch: there is no such server")));
            }
        }
    }

    pub(super) fn is_online(&self, url: &str) -> bool {
        let mirror = self.mirror.borrow();
        Url::parse(url).map_or(mirror.network.is_online(), |url| mirror.reaches(&url))
    }

    /// A worker's script, past whatever network there is, and how long it takes.
    pub(super) fn fetch_script(&self, url: &str) -> (Result<String, String>, Duration) {
        if !self.is_online(url) {
            return (Err(format!("{url} can't be fetched: there is no network")), Duration::ZERO);
        }
        fetch_script(&self.servers, url)
    }
}

/// Fetches a worker's script, whatever the network is.
pub(super) fn fetch_script(servers: &Rc<RefCell<Servers>>, url: &str) -> (Result<String, String>, Duration) {
    let request = FetchRequest { destination: "serviceworker".to_owned(), ..FetchRequest::get(url) };
    match servers.borrow_mut().answer(&request) {
        Ok(answered) if answered.lost => (Err(format!("{url}: the connection was lost")), answered.takes),
        Ok(answered) if answered.response.status == 200 => {
            (Ok(String::from_utf8_lossy(&answered.response.body).into_owned()), answered.takes)
        }
        Ok(answered) => (Err(format!("{url}: the server answers {}", answered.response.status)), answered.takes),
        Err(_) => (Err(format!("{url} can't be fetched: there is no such server, or it is down")), Duration::ZERO),
    }
}
