//! What scripts ask of the engine.

use background_sync::Caller;
use background_sync::policy::{Partition, Refusal, RegistrationKey};
use background_sync::registration::Tag;
use url::Url;

use super::answers::{Answered, dom_error, registered, tags};
use super::running::RealmId;
use super::servers::Unreachable;
use super::turn::{Later, Scheduled};
use super::{Engine, Who};
use crate::script::{Answer, Call, CallId, ClientInfo, DomError, FetchRequest};

impl Engine {
    pub(super) fn serve(&mut self, id: RealmId, call: CallId, what: Call) {
        match what {
            Call::SyncRegister { scope, tag } => self.sync_register(id, call, &scope, &tag),
            Call::SyncGetTags { scope } => self.sync_get_tags(id, call, &scope),
            Call::Fetch(request) => self.fetch(id, call, &request),
            Call::RegisterServiceWorker { script_url, scope } => self.register_worker(id, call, &script_url, scope),
            Call::ServiceWorkerReady => {
                self.awaiting_ready.push((id, call));
                self.answer_ready();
            }
            Call::Unregister { scope } => {
                let found = self.partition_of(id).and_then(|(partition, _)| self.registration_key(partition, &scope));
                self.settle_call(id, call, Ok(Answer::Flag(found.is_some())));
                if let Some(key) = found {
                    self.unregister(&key);
                }
            }
            // There is one worker per registration here, and every page of its scope counts as controlled.
            Call::SkipWaiting | Call::ClientsClaim => self.settle_call(id, call, Ok(Answer::Nothing)),
            Call::ClientsMatchAll { include_uncontrolled: _, kind } => {
                let clients = self.clients_of(id, &kind);
                self.settle_call(id, call, Ok(Answer::Clients(clients)));
            }
            Call::EventSettled { event_id, outcome } => self.event_settled(id, event_id, outcome),
            Call::RunSettled { run_id, result } => self.run_settled(id, run_id, result),
        }
    }

    /// A run that no step looks at any more is told of only when it fails.
    fn run_settled(&mut self, id: RealmId, run: u64, result: Result<String, String>) {
        match (self.runs.get_mut(&run), result) {
            (Some(came), result) => *came = Some(result),
            (None, Ok(_)) => {}
            (None, Err(error)) => {
                let what = format!("what an earlier step ran in {} has failed", self.who(id).name());
                self.tell(Who::Trouble, what, error);
            }
        }
    }

    fn sync_register(&mut self, id: RealmId, call: CallId, scope: &str, tag: &[u16]) {
        let Some(key) = self.sync_key(id, scope) else { return self.refuse_gone(id, call) };
        let caller = if self.page_ids.contains_key(&id) { Caller::PAGE } else { Caller::WORKER };
        let answers = self.answers.clone();
        self.poster().register(key, Tag::from_utf16(tag), caller, move |result, receipt| {
            answers.push(Answered { realm: id, call, answer: registered(result), receipt });
        });
    }

    fn sync_get_tags(&mut self, id: RealmId, call: CallId, scope: &str) {
        let Some(key) = self.sync_key(id, scope) else {
            return self.settle_call(id, call, Ok(Answer::Tags(Vec::new())));
        };
        let answers = self.answers.clone();
        self.poster().get_tags(key, move |result, receipt| {
            answers.push(Answered { realm: id, call, answer: tags(result), receipt });
        });
    }

    /// The registration a manager belongs to: sync.attr.
    fn sync_key(&self, id: RealmId, scope: &str) -> Option<RegistrationKey> {
        let own = self.worker_of(id).map(|(key, _)| key.clone());
        own.filter(|key| key.scope().as_str() == scope).or_else(|| {
            let (partition, _) = self.partition_of(id)?;
            self.registration_key(partition, scope)
        })
    }

    fn registration_key(&self, partition: Partition, scope: &str) -> Option<RegistrationKey> {
        self.registrations.find(partition, scope).map(|registration| registration.key.clone())
    }

    fn refuse_gone(&mut self, id: RealmId, call: CallId) {
        let gone = Refusal::NoSuchRegistration;
        self.settle_call(id, call, Err(dom_error(gone.dom_exception(), gone.message())));
    }

    fn fetch(&mut self, id: RealmId, call: CallId, request: &FetchRequest) {
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

    fn clients_of(&self, id: RealmId, kind: &str) -> Vec<ClientInfo> {
        let Some((partition, origin)) = self.partition_of(id) else { return Vec::new() };
        if kind != "window" && kind != "all" {
            return Vec::new();
        }
        let pages = self.pages.iter().filter(|(_, page)| page.partition == partition && page.origin == origin);
        let client = |(window, page): (&String, &super::Page)| ClientInfo {
            id: window.clone(),
            url: page.url.to_string(),
            kind: "window",
            frame_type: page.frame.name(),
        };
        pages.map(client).collect()
    }
}
