//! Clients of service workers: pages, and workers of pages.

use background_sync::policy::RegistrationKey;
use url::Url;

use super::home::Home;
use super::page::Page;
use super::running::{RealmId, WorkerEvent};
use super::visits::visited;
use super::{Engine, Who};
use crate::script::{Answer, CallId, ClientInfo, ClientOptions, DomError, Realm, ServiceWorkerState, WorkerInfo};

/// What a page and a worker of a page have in common.
pub(super) struct Client {
    pub(super) id: RealmId,
    pub(super) home: Home,
    pub(super) url: Url,
    pub(super) realm: Realm,
    /// It has no service workers.
    pub(super) insecure: bool,
    /// The registration whose active worker controls it.
    pub(super) controller: Option<RegistrationKey>,
}

impl Client {
    /// As scripts name it.
    pub(super) fn name(&self) -> String {
        client_name(self.id)
    }
}

fn client_name(id: RealmId) -> String {
    format!("client-{}", id.0)
}

impl Engine {
    pub(super) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.pages.values().map(|page| &page.client).chain(self.client_workers.values().map(|worker| &worker.client))
    }

    pub(super) fn clients_mut(&mut self) -> impl Iterator<Item = &mut Client> {
        let workers = self.client_workers.values_mut().map(|worker| &mut worker.client);
        self.pages.values_mut().map(|page| &mut page.client).chain(workers)
    }

    pub(super) fn client_mut(&mut self, id: RealmId) -> Option<&mut Client> {
        self.clients_mut().find(|client| client.id == id)
    }

    pub(super) fn page_of(&self, id: RealmId) -> Option<(&String, &Page)> {
        self.pages.iter().find(|(_, page)| page.client.id == id)
    }

    /// A script of a frame that was removed goes on without being anybody's client.
    pub(super) fn is_detached(&self, id: RealmId) -> bool {
        self.page_of(id).is_some_and(|(_, page)| page.detached)
    }

    pub(super) fn refuse_detached(&mut self, id: RealmId, call: CallId) {
        let why = "The frame this script belongs to was removed; ask from a page that is open.";
        self.settle_call(id, call, Err(DomError::named("InvalidStateError", why)));
    }

    /// Whether a registration's active worker controls a client.
    pub(super) fn is_used(&self, key: &RegistrationKey) -> bool {
        self.clients().any(|client| client.controller.as_ref() == Some(key))
    }

    /// The worker of a registration that controls clients, if it has one.
    fn controller_of(&self, key: &RegistrationKey) -> Option<WorkerInfo> {
        Some(self.registrations.get(key)?.active.as_ref()?.info())
    }

    /// What a new client is: the registration whose scope it falls into controls it, if that has an active worker.
    pub(super) fn as_client(&self, home: &Home, url: &Url, insecure: bool) -> (ClientOptions, Option<RegistrationKey>) {
        let found = self.registrations.matching(home, url.as_str());
        let found = found.filter(|registration| registration.active.is_some() && !insecure);
        let key = found.map(|registration| registration.key.clone());
        let controller = key.as_ref().and_then(|key| self.controller_of(key));
        (ClientOptions { insecure, controller }, key)
    }

    /// The clients of a registration have another worker.
    pub(super) fn tell_of_controller(&mut self, key: &RegistrationKey) {
        let controller = self.controller_of(key);
        let used = self.clients_mut().filter(|client| client.controller.as_ref() == Some(key));
        used.for_each(|client| client.realm.controller_changed(controller.as_ref()));
    }

    /// `clients.claim()`.
    pub(super) fn claim(&mut self, id: RealmId, call: CallId) {
        let own = self.worker_of(id).map(|(running, registration)| (running.worker, registration));
        let Some((worker, registration)) = own else { return };
        let active = registration.active.as_ref().filter(|active| active.id == worker);
        if active.is_none() {
            let early = "only the active worker can claim clients; call it in `activate` or later";
            return self.settle_call(id, call, Err(DomError::named("InvalidStateError", early)));
        }
        let (key, home) = (registration.key.clone(), Home::of(&registration.key));
        let controller = self.controller_of(&key);
        let falls_into = |client: &&Client| {
            let matching = self.registrations.matching(&home, client.url.as_str());
            client.home == home
                && matching.is_some_and(|found| found.key == key)
                && !client.insecure
                && !self.is_detached(client.id)
        };
        let free = self.clients().filter(falls_into).filter(|client| client.controller.as_ref() != Some(&key));
        for id in free.map(|client| client.id).collect::<Vec<_>>() {
            if let Some(client) = self.client_mut(id) {
                client.controller = Some(key.clone());
                client.realm.controller_changed(controller.as_ref());
            }
        }
        self.settle_call(id, call, Ok(Answer::Nothing));
    }

    /// `self.skipWaiting()`.
    pub(super) fn skip_waiting(&mut self, id: RealmId, call: CallId) {
        let own = self.worker_of(id).map(|(running, _)| running.worker);
        if let Some(worker) = own.and_then(|worker| self.registrations.worker_mut(worker)) {
            worker.skips_waiting = true;
        }
        self.settle_call(id, call, Ok(Answer::Nothing));
    }

    /// `clients.matchAll(...)`.
    pub(super) fn clients_matching(&self, id: RealmId, uncontrolled: bool, kind: &str) -> Vec<ClientInfo> {
        let Some((running, registration)) = self.worker_of(id) else { return Vec::new() };
        let (home, key) = (Home::of(&running.key), &running.key);
        let is_active = registration.active.as_ref().is_some_and(|active| active.id == running.worker);
        let meant = |client: &&Client| {
            let controlled = is_active && client.controller.as_ref() == Some(key);
            client.home == home && !self.is_detached(client.id) && (uncontrolled || controlled)
        };
        // The most recently focused first, as the standard has it.
        let mut clients: Vec<_> = self.clients().filter(meant).collect();
        clients.sort_by_key(|client| self.front != Some(client.id));
        clients
            .into_iter()
            .map(|client| self.client_info(client))
            .filter(|info| kind == "all" || info.kind == kind)
            .collect()
    }

    /// `clients.get(id)`.
    pub(super) fn client_named(&self, id: RealmId, name: &str) -> Option<ClientInfo> {
        let home = self.home_of(id)?;
        let found = self.clients().find(|client| client.home == home && client.name() == name);
        found.filter(|client| !self.is_detached(client.id)).map(|client| self.client_info(client))
    }

    /// What scripts are shown of a client.
    pub(super) fn client_info(&self, client: &Client) -> ClientInfo {
        let front = self.front == Some(client.id);
        let (kind, frame_type) = match self.page_of(client.id) {
            Some((_, page)) => ("window", page.frame.name()),
            None => (self.client_workers.get(&client.id).map_or("worker", |worker| worker.kind_name()), "none"),
        };
        ClientInfo { id: client.name(), url: client.url.to_string(), kind, frame_type, visible: front, focused: front }
    }

    pub(super) fn info_of(&self, id: RealmId) -> Option<ClientInfo> {
        self.clients().find(|client| client.id == id).map(|client| self.client_info(client))
    }

    /// Whether the user's last click lets a worker show a window: each click is good for one.
    fn use_click(&mut self, id: RealmId) -> bool {
        let events = self.running_mut(id).into_iter().flat_map(|running| running.events.values_mut());
        let mut clicks = events.filter_map(|event| match event {
            WorkerEvent::Notification { may_show_window } => Some(may_show_window),
            WorkerEvent::Install
            | WorkerEvent::Activate
            | WorkerEvent::Sync(_)
            | WorkerEvent::Message
            | WorkerEvent::Fetch(_) => None,
        });
        clicks.any(std::mem::take)
    }

    fn refuse_window(&mut self, id: RealmId, call: CallId) {
        let why = "A worker shows a window when the user has clicked its notification, once for each click.";
        self.settle_call(id, call, Err(DomError::named("InvalidAccessError", why)));
    }

    /// `client.focus()`.
    pub(super) fn focus(&mut self, id: RealmId, call: CallId, name: &str) {
        if !self.use_click(id) {
            return self.refuse_window(id, call);
        }
        let home = self.home_of(id);
        let page = self
            .pages
            .iter()
            .find(|(_, page)| Some(&page.client.home) == home.as_ref() && page.client.name() == name && !page.detached);
        match page.map(|(window, page)| (window.clone(), page.client.id)) {
            Some((window, client)) => {
                self.front = Some(client);
                self.tell(Who::Worker, format!("brings {window} to the front"), "");
                self.user_visits(self.pages.get(&window).and_then(visited));
                if let Some(info) = self.info_of(client) {
                    self.settle_call(id, call, Ok(Answer::Client(info)));
                }
            }
            None => {
                let gone = "the client is gone";
                self.settle_call(id, call, Err(DomError::type_error(gone)));
            }
        }
    }

    /// `clients.openWindow(url)`.
    pub(super) fn open_from_worker(&mut self, id: RealmId, call: CallId, url: &str) {
        let Some(home) = self.home_of(id) else { return };
        if !self.use_click(id) {
            return self.refuse_window(id, call);
        }
        let opened = Url::parse(url).map_err(|error| error.to_string()).and_then(|url| {
            let window = (1..).map(|n| format!("window-{n}")).find(|name| !self.pages.contains_key(name));
            let window = window.ok_or("there is no name for one more window")?;
            self.open_page(window, url, home.partition).map_err(|error| error.to_string())
        });
        // The user has clicked: the window is as good as one that they opened.
        let opened_page = opened.as_ref().ok().and_then(|opened| self.page_of(*opened));
        self.user_visits(opened_page.and_then(|(_, page)| visited(page)));
        let answer = match opened {
            Ok(opened) => match self.info_of(opened).filter(|_| self.home_of(opened).as_ref() == Some(&home)) {
                Some(info) => Ok(Answer::Client(info)),
                None => Ok(Answer::Nothing),
            },
            Err(why) => Err(DomError::type_error(&why)),
        };
        self.settle_call(id, call, answer);
    }

    /// `navigator.serviceWorker.ready`.
    pub(super) fn await_ready(&mut self, id: RealmId, call: CallId) {
        self.awaiting_ready.push((id, call));
        self.answer_ready();
    }

    /// Answers clients that wait for an active worker in whose scope they are.
    pub(super) fn answer_ready(&mut self) {
        for (id, call) in std::mem::take(&mut self.awaiting_ready) {
            let Some(client) = self.clients().find(|client| client.id == id) else { continue };
            let registration = self.registrations.matching(&client.home, client.url.as_str());
            match registration.filter(|registration| registration.active.is_some()) {
                Some(registration) => {
                    let info = registration.info();
                    self.settle_call(id, call, Ok(Answer::Registration(Box::new(info))));
                }
                None => self.awaiting_ready.push((id, call)),
            }
        }
    }

    /// Whether a client's controller answers its requests now, later, or never.
    pub(super) fn controller_state(&self, id: RealmId) -> Option<(RegistrationKey, ServiceWorkerState)> {
        let key = self.clients().find(|client| client.id == id)?.controller.clone()?;
        let state = self.registrations.get(&key)?.active.as_ref()?.state;
        Some((key, state))
    }
}
