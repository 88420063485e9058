//! Message ports: which realm holds which, and what is on its way in them.

use std::collections::{BTreeMap, VecDeque};

use super::Engine;
use super::messages::Delivery;
use super::running::RealmId;
use crate::script::Message;

/// Every port there is, by name.
///
/// Names come from scripts, at least from scripts that replace what built-ins do: only the realm that holds a port can do
/// anything with it.
#[derive(Debug, Default)]
pub(super) struct Ports(BTreeMap<String, Port>);

#[derive(Debug)]
struct Port {
    /// The other end, until it is closed.
    peer: Option<String>,
    /// The realm it is in; none while it travels.
    realm: Option<RealmId>,
    /// Messages that came while it travelled.
    waiting: VecDeque<Message>,
}

impl Ports {
    /// Two new ports, each other's ends. A realm's ports are called after it; another name is nobody's.
    pub(super) fn entangle(&mut self, [one, two]: [String; 2], realm: RealmId) {
        let prefix = format!("{}.", realm.0);
        let is_new = |name: &String| name.starts_with(&prefix) && !self.0.contains_key(name);
        if one == two || !is_new(&one) || !is_new(&two) {
            return;
        }
        let port = |peer: &String| Port { peer: Some(peer.clone()), realm: Some(realm), waiting: VecDeque::new() };
        self.0.insert(one.clone(), port(&two));
        self.0.insert(two, port(&one));
    }

    pub(super) fn are_in(&self, names: &[String], realm: RealmId) -> bool {
        names.iter().all(|name| self.0.get(name).is_some_and(|port| port.realm == Some(realm)))
    }

    /// Ports leave their realm with a message. Says whether it holds all of them; if not, none leaves.
    pub(super) fn leave(&mut self, names: &[String], realm: RealmId) -> bool {
        let all = self.are_in(names, realm);
        for name in names.iter().filter(|_| all) {
            if let Some(port) = self.0.get_mut(name) {
                port.realm = None;
            }
        }
        all
    }

    /// The other end of a port that this realm holds.
    fn peer_of(&self, name: &str, realm: RealmId) -> Option<String> {
        self.0.get(name).filter(|port| port.realm == Some(realm))?.peer.clone()
    }

    /// Removes ports, with the messages in them and the ports in these. Gives the other ends, and where they are.
    fn remove(&mut self, mut names: Vec<String>) -> Vec<(String, RealmId)> {
        let mut alone = Vec::new();
        while let Some(name) = names.pop() {
            let Some(port) = self.0.remove(&name) else { continue };
            names.extend(port.waiting.into_iter().flat_map(|message| message.ports));
            let Some(peer_name) = port.peer else { continue };
            if let Some(peer) = self.0.get_mut(&peer_name) {
                peer.peer = None;
                alone.extend(peer.realm.map(|realm| (peer_name, realm)));
            }
        }
        alone
    }

    fn of(&self, realm: RealmId) -> Vec<String> {
        self.0.iter().filter(|(_, port)| port.realm == Some(realm)).map(|(name, _)| name.clone()).collect()
    }
}

impl Engine {
    /// `port.postMessage(...)`.
    pub(super) fn message_to_port(&mut self, from: RealmId, name: &str, message: Message) -> Delivery {
        let Some(peer) = self.ports.peer_of(name, from) else { return Delivery::Lost };
        let realm = self.ports.0.get(&peer).and_then(|port| port.realm);
        // A port that its realm is just sending away is not found there any more: the message goes after it.
        if let Some((id, realm)) = realm.and_then(|id| Some((id, self.realm(id)?)))
            && realm.port_message(&peer, &message)
        {
            return Delivery::To(id);
        }
        if let Some(port) = self.ports.0.get_mut(&peer) {
            port.waiting.push_back(message);
        }
        Delivery::UnderWay
    }

    /// A message goes back into a port that is sent away before it was read: the last one first.
    pub(super) fn return_message(&mut self, from: RealmId, name: &str, message: Message) {
        let sent = self.ports.are_in(&[name.to_owned()], from) && self.ports.leave(&message.ports, from);
        if let Some(port) = self.ports.0.get_mut(name).filter(|_| sent) {
            port.waiting.push_front(message);
        }
    }

    /// Ports have arrived in a realm, with the messages that followed them, and the ports in these.
    pub(super) fn hand_over(&mut self, names: Vec<String>, id: RealmId) {
        let mut arrived = VecDeque::from(names);
        while let Some(name) = arrived.pop_front() {
            let Some(port) = self.ports.0.get_mut(&name) else { continue };
            port.realm = Some(id);
            let (waiting, is_alone) = (std::mem::take(&mut port.waiting), port.peer.is_none());
            let Some(realm) = self.realm(id) else { return };
            for message in waiting {
                realm.port_message(&name, &message);
                arrived.extend(message.ports);
            }
            if is_alone {
                realm.port_is_alone(&name);
            }
        }
    }

    /// `port.close()`.
    pub(super) fn close_port(&mut self, from: RealmId, name: String) {
        if self.ports.are_in(std::slice::from_ref(&name), from) {
            self.close_ports(vec![name]);
        }
    }

    /// A realm is gone, with the ports it held.
    pub(super) fn forget_ports(&mut self, realm: RealmId) {
        let names = self.ports.of(realm);
        self.close_ports(names);
    }

    /// What is sent to these is lost from now on.
    pub(super) fn close_ports(&mut self, names: Vec<String>) {
        for (name, id) in self.ports.remove(names) {
            if let Some(realm) = self.realm(id) {
                realm.port_is_alone(&name);
            }
        }
    }
}
