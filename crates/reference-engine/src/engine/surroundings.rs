//! What steps change around the pages: the network, an origin's data.

use std::rc::Rc;

use background_sync::policy::{Origin, Partition};
use background_sync::{ClearedScope, NetworkSubject, Notice, Outcome};

use super::{Engine, Who};

impl Engine {
    pub(super) fn network_changed(&mut self, subject: NetworkSubject) {
        let mirror = Rc::clone(&self.mirror);
        for page in self.pages.values_mut() {
            page.realm.set_online(mirror.borrow().network_of(&page.origin).is_online());
        }
        for (key, worker) in &mut self.running {
            worker.realm.set_online(mirror.borrow().network_of(key.origin()).is_online());
        }
        self.break_connections();
        self.poster().notify(Notice::Network(subject));
    }

    /// The last window of a private partition is closed: all that was in it is gone.
    pub(super) fn close_partition(&mut self, partition: Partition) {
        self.poster().notify(Notice::PartitionClosed(partition));
        for key in self.registrations.keys_of(|key| key.partition() == partition) {
            self.forget_registration(&key);
        }
        for key in self.running.keys().filter(|key| key.partition() == partition).cloned().collect::<Vec<_>>() {
            self.kill_worker(&key, Outcome::Terminated);
        }
        self.databases.retain(|(of, _), _| *of != partition);
        let mut mirror = self.mirror.borrow_mut();
        mirror.windows.retain(|(of, _), _| *of != partition);
        mirror.permissions.retain(|(of, _), _| *of != partition);
        mirror.switches.retain(|(of, _), _| *of != partition);
    }

    /// Site data goes: syncs, service workers and databases.
    pub(super) fn clear_site(&mut self, partition: Partition, origin: &Origin) {
        self.poster().notify(Notice::DataCleared(ClearedScope::Origin(partition, origin.clone()), None));
        for key in self.registrations.keys_of(|key| key.partition() == partition && key.origin() == origin) {
            self.forget_registration(&key);
        }
        self.save_registrations();
        if let Some(databases) = self.databases.remove(&(partition, origin.clone())) {
            databases.detach();
        }
        if let Err(error) = self.profile.forget_databases(partition, origin) {
            self.tell(Who::Trouble, format!("the databases of {origin} can't be removed: {error}"), "");
        }
        self.tell(Who::User, format!("clears the data of {origin}"), "");
    }
}
