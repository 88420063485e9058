//! Messages between realms, and the ports they travel through.

use std::collections::{BTreeMap, VecDeque};

use super::home::Home;
use super::registrations::WorkerId;
use super::running::{RealmId, WorkerEvent};
use super::{Engine, Who};
use crate::script::{ContainerMessage, Message, MessageSource, Realm, Recipient, WorkerMessage};

/// Every port there is, by name.
#[derive(Debug, Default)]
pub(super) struct Ports(BTreeMap<String, Port>);

#[derive(Debug)]
struct Port {
    /// The other end.
    peer: String,
    /// The realm it is in; none while it travels.
    realm: Option<RealmId>,
    /// Messages that came while it travelled.
    waiting: VecDeque<Message>,
}

impl Ports {
    pub(super) fn entangle(&mut self, [one, two]: [String; 2], realm: RealmId) {
        let port = |peer: &String| Port { peer: peer.clone(), realm: Some(realm), waiting: VecDeque::new() };
        self.0.insert(one.clone(), port(&two));
        self.0.insert(two, port(&one));
    }

    /// A port is closed: what is sent to it is lost.
    pub(super) fn close(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// A realm is gone, with the ports it held.
    pub(super) fn forget(&mut self, realm: RealmId) {
        self.0.retain(|_, port| port.realm != Some(realm));
    }
}

impl Engine {
    /// `postMessage(...)`.
    pub(super) fn post_message(&mut self, from: RealmId, to: Recipient, message: Message) {
        for name in &message.ports {
            if let Some(port) = self.ports.0.get_mut(name) {
                port.realm = None;
            }
        }
        match to {
            Recipient::Port(name) => {
                if let Some(peer) = self.ports.0.get(&name).map(|port| port.peer.clone()) {
                    self.send_to_port(&peer, message);
                }
            }
            Recipient::ServiceWorker(id) => self.message_to_worker(from, WorkerId(id), message),
            Recipient::Client(name) => self.message_to_client(from, &name, &message),
        }
    }

    /// A message goes back into a port that is sent away before it was read.
    pub(super) fn return_message(&mut self, port: &str, message: Message) {
        if let Some(port) = self.ports.0.get_mut(port) {
            port.waiting.push_back(message);
        }
    }

    fn send_to_port(&mut self, name: &str, message: Message) {
        let Some(port) = self.ports.0.get_mut(name) else { return };
        match port.realm {
            None => port.waiting.push_back(message),
            Some(realm) => {
                if let Some(there) = self.realm(realm) {
                    there.port_message(name, &message);
                }
                self.arrive(&message.ports, realm);
            }
        }
    }

    /// A port has arrived in a realm, with the messages that followed it.
    pub(super) fn hand_over(&mut self, name: &str, realm: RealmId) {
        let Some(port) = self.ports.0.get_mut(name) else { return };
        port.realm = Some(realm);
        for message in std::mem::take(&mut port.waiting) {
            self.send_to_port(name, message);
        }
    }

    fn arrive(&mut self, ports: &[String], realm: RealmId) {
        ports.iter().for_each(|name| self.hand_over(name, realm));
    }

    /// `serviceWorker.postMessage(...)`: starts the worker if need be.
    fn message_to_worker(&mut self, from: RealmId, id: WorkerId, message: Message) {
        let Some(home) = self.home_of(from).filter(|_| !self.is_detached(from)) else { return };
        let registration = self.registrations.with_worker(id).filter(|registration| home.holds(&registration.key));
        let Some(key) = registration.map(|registration| registration.key.clone()) else { return };
        let source = match self.info_of(from) {
            Some(client) => Some(MessageSource::Client(client)),
            None => self.info_of_worker(from).map(MessageSource::Worker),
        };
        let Ok(realm) = self.start_for(&key, id, "for a message") else { return };
        let ports = message.ports.clone();
        // Workers that write to themselves, or to each other, would go on for ever.
        let until = self.running_mut(from).map(|sender| sender.until);
        let message = WorkerMessage { message, origin: home.origin().to_string(), source };
        let dispatch = |realm: &mut Realm, id| realm.dispatch_message(id, &message);
        match until {
            None => self.fire(realm, WorkerEvent::Message, dispatch),
            Some(until) => self.fire_until(until, realm, WorkerEvent::Message, dispatch),
        }
        self.arrive(&ports, realm);
    }

    /// `client.postMessage(...)`.
    fn message_to_client(&mut self, from: RealmId, name: &str, message: &Message) {
        let (Some(home), Some(source)) = (self.home_of(from), self.info_of_worker(from)) else { return };
        let client = self.clients_mut().find(|client| client.home == home && client.name() == name);
        let Some(client) = client else {
            return self.tell(Who::Worker, format!("a message for {name} is lost"), "that client is gone");
        };
        let id = client.id;
        client.realm.container_message(&ContainerMessage { message: message.clone(), source });
        self.arrive(&message.ports, id);
    }

    fn info_of_worker(&self, id: RealmId) -> Option<crate::script::WorkerInfo> {
        let (running, registration) = self.worker_of(id)?;
        registration.workers().find(|worker| worker.id == running.worker).map(super::registrations::Worker::info)
    }

    /// Whose storage a realm uses.
    pub(super) fn home_of(&self, id: RealmId) -> Option<Home> {
        let client = self.clients().find(|client| client.id == id).map(|client| client.home.clone());
        client.or_else(|| self.running.values().find(|running| running.id == id).map(|running| Home::of(&running.key)))
    }
}
