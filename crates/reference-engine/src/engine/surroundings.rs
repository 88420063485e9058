//! What steps change around the pages: the network, an origin's data.

use std::rc::Rc;

use background_sync::policy::{Origin, Partition};
use background_sync::{ClearedScope, NetworkSubject, Notice, Outcome, Removal};

use super::home::Home;
use super::{Engine, Who};

impl Engine {
    pub(super) fn network_changed(&mut self, subject: NetworkSubject) {
        let mirror = Rc::clone(&self.mirror);
        for client in self.clients_mut() {
            client.realm.set_online(mirror.borrow().network_of(client.home.origin()).is_online());
        }
        for running in self.running.values_mut() {
            running.realm.set_online(mirror.borrow().network_of(running.key.origin()).is_online());
        }
        self.break_connections();
        self.poster().notify(Notice::Network(subject));
    }

    /// The last window of a private partition is closed: all that was in it is gone.
    pub(super) fn close_partition(&mut self, partition: Partition) {
        self.poster().notify(Removal::PartitionClosed(partition));
        self.forget_jobs(partition);
        let here = |home: &Home| home.partition == partition;
        for key in self.registrations.keys_of(|key| key.partition() == partition) {
            self.forget_registration(&key);
        }
        let running = self.running.values().filter(|running| running.key.partition() == partition);
        for worker in running.map(|running| running.worker).collect::<Vec<_>>() {
            self.kill_worker(worker, Outcome::Terminated);
        }
        self.forget_notifications(here);
        self.databases.retain(|home, _| !here(home));
        self.caches.retain(|home, _| !here(home));
        self.notification_permissions.retain(|(of, _), _| *of != partition);
        let mut mirror = self.mirror.borrow_mut();
        mirror.windows.retain(|(of, _), _| *of != partition);
        mirror.permissions.retain(|(of, _), _| *of != partition);
        mirror.switches.retain(|(of, _), _| *of != partition);
        mirror.engagement.retain(|(of, _), _| *of != partition);
        mirror.paused.retain(|(of, _)| *of != partition);
    }

    /// Site data goes: syncs, service workers, databases, caches and notifications.
    pub(super) fn clear_site(&mut self, partition: Partition, origin: &Origin) {
        self.poster().notify(Removal::DataCleared(ClearedScope::Origin(partition, origin.clone()), None));
        let here = |home: &Home| home.partition == partition && home.origin() == origin;
        for key in self.registrations.keys_of(|key| here(&Home::of(key))) {
            self.give_up_installing(&key);
            self.forget_registration(&key);
        }
        self.forget_notifications(here);
        self.forget_site_data(partition, origin);
        self.tell(Who::User, format!("clears the data of {origin}"), "");
    }
}
