//! Messages between realms.

use super::home::Home;
use super::registrations::WorkerId;
use super::running::{RealmId, WorkerEvent};
use super::{Engine, Who};
use crate::script::{ContainerMessage, Message, MessageSource, Realm, Recipient, WorkerMessage};

/// What has become of a message, and so of the ports in it.
pub(super) enum Delivery {
    /// It has come to this realm.
    To(RealmId),
    /// It waits in a port that travels.
    UnderWay,
    /// Nobody gets it.
    Lost,
}

impl Engine {
    /// `postMessage(...)`. With a port that the sender does not hold nothing is sent.
    pub(super) fn post_message(&mut self, from: RealmId, to: Recipient, message: Message) {
        if !self.ports.leave(&message.ports, from) {
            return;
        }
        let ports = message.ports.clone();
        let delivery = match to {
            Recipient::Port(name) => self.message_to_port(from, &name, message),
            Recipient::ServiceWorker(id) => self.message_to_worker(from, WorkerId(id), message),
            Recipient::Client(name) => self.message_to_client(from, &name, message),
        };
        match delivery {
            Delivery::To(realm) => self.hand_over(ports, realm),
            Delivery::UnderWay => {}
            Delivery::Lost => self.close_ports(ports),
        }
    }

    /// `serviceWorker.postMessage(...)`: starts the worker if need be.
    fn message_to_worker(&mut self, from: RealmId, id: WorkerId, message: Message) -> Delivery {
        let Some(home) = self.home_of(from).filter(|_| !self.is_detached(from)) else { return Delivery::Lost };
        let registration = self.registrations.with_worker(id).filter(|registration| home.holds(&registration.key));
        let Some(key) = registration.map(|registration| registration.key.clone()) else { return Delivery::Lost };
        let source = match self.info_of(from) {
            Some(client) => Some(MessageSource::Client(client)),
            None => self.info_of_worker(from).map(MessageSource::Worker),
        };
        let Ok(realm) = self.start_for(&key, id, "for a message") else { return Delivery::Lost };
        // Workers that write to themselves, or to each other, would go on for ever.
        let until = self.running_mut(from).map(|sender| sender.until);
        let message = WorkerMessage { message, origin: home.origin().to_string(), source };
        let dispatch = |realm: &mut Realm, id| realm.dispatch_message(id, &message);
        match until {
            None => self.fire(realm, WorkerEvent::Message, dispatch),
            Some(until) => self.fire_until(until, realm, WorkerEvent::Message, dispatch),
        }
        Delivery::To(realm)
    }

    /// `client.postMessage(...)`.
    fn message_to_client(&mut self, from: RealmId, name: &str, message: Message) -> Delivery {
        let (Some(home), Some(source)) = (self.home_of(from), self.info_of_worker(from)) else { return Delivery::Lost };
        let there = self.clients().find(|client| client.home == home && client.name() == name).map(|client| client.id);
        let there = there.filter(|id| !self.is_detached(*id));
        let Some(client) = there.and_then(|id| self.client_mut(id)) else {
            self.tell(Who::Worker, format!("a message for {name} is lost"), "that client is gone");
            return Delivery::Lost;
        };
        let id = client.id;
        client.realm.container_message(&ContainerMessage { message, source });
        Delivery::To(id)
    }

    pub(super) fn info_of_worker(&self, id: RealmId) -> Option<crate::script::WorkerInfo> {
        let (running, registration) = self.worker_of(id)?;
        registration.workers().find(|worker| worker.id == running.worker).map(super::registrations::Worker::info)
    }

    /// Whose storage a realm uses.
    pub(super) fn home_of(&self, id: RealmId) -> Option<Home> {
        let client = self.clients().find(|client| client.id == id).map(|client| client.home.clone());
        client.or_else(|| self.running.values().find(|running| running.id == id).map(|running| Home::of(&running.key)))
    }
}
