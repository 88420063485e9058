//! Dedicated and shared workers: started by pages, and clients like them.

use std::collections::BTreeSet;

use background_sync::policy::Origin;
use url::Url;

use super::clients::Client;
use super::home::Home;
use super::running::RealmId;
use super::{Engine, Who};
use crate::script::{ClientWorkerKind, GlobalKind, Realm, RealmOptions};

/// Workers of one origin's pages. Each takes some MiB, and a script could start them without end.
const MOST_WORKERS: usize = 50;

/// A worker that is no service worker.
pub(super) struct ClientWorker {
    pub(super) client: Client,
    kind: ClientWorkerKind,
    name: String,
    /// The port a dedicated one was started with.
    port: String,
    /// The pages that use it; without one it ends.
    owners: BTreeSet<RealmId>,
}

impl ClientWorker {
    /// As `Client.type` has it.
    pub(super) const fn kind_name(&self) -> &'static str {
        match self.kind {
            ClientWorkerKind::Dedicated => "worker",
            ClientWorkerKind::Shared => "sharedworker",
        }
    }
}

impl Engine {
    /// `new Worker(...)` or `new SharedWorker(...)`.
    pub(super) fn start_client_worker(
        &mut self,
        owner: RealmId,
        kind: ClientWorkerKind,
        script_url: &str,
        name: String,
        port: String,
    ) {
        let Some((home, insecure)) = self.clients().find(|c| c.id == owner).map(|c| (c.home.clone(), c.insecure))
        else {
            return;
        };
        if !self.ports.are_in(std::slice::from_ref(&port), owner) {
            return;
        }
        let same = |worker: &&mut ClientWorker| {
            worker.kind == ClientWorkerKind::Shared
                && worker.client.home == home
                && worker.client.url.as_str() == script_url
                && worker.name == name
        };
        if kind == ClientWorkerKind::Shared
            && let Some(worker) = self.client_workers.values_mut().find(same)
        {
            worker.owners.insert(owner);
            let id = worker.client.id;
            self.connect(id, &port);
            return;
        }
        let (url, source) = match self.client_worker_script(&home, script_url) {
            Ok(there) => there,
            Err(why) => return self.refuse_client_worker(why, script_url, port),
        };
        let id = RealmId(self.new_id());
        let (client, controller) = self.as_client(&home, &url, insecure);
        let global = match kind {
            ClientWorkerKind::Dedicated => {
                GlobalKind::DedicatedWorker { client, name: name.clone(), port: port.clone() }
            }
            ClientWorkerKind::Shared => GlobalKind::SharedWorker { client, name: name.clone() },
        };
        let options = RealmOptions { kind: global, ..self.realm_options(id, &home, url.clone()) };
        let realm = match Realm::new(&options) {
            Ok(realm) => realm,
            Err(error) => return self.refuse_client_worker(error.to_string(), script_url, port),
        };
        let client = Client { id, home, url, realm, insecure, controller };
        let owners = BTreeSet::from([owner]);
        self.client_workers.insert(id, ClientWorker { client, kind, name, port: port.clone(), owners });
        self.begin(id, kind, &source, script_url, &port);
    }

    /// The script of one more worker, if there may be one.
    fn client_worker_script(&self, home: &Home, script_url: &str) -> Result<(Url, String), String> {
        let url = Url::parse(script_url).map_err(|error| error.to_string())?;
        if Origin::of(&url).as_ref() != Ok(home.origin()) {
            return Err(format!("the worker's script {url} is of another origin than its page"));
        }
        if self.client_workers.values().filter(|worker| worker.client.home == *home).count() >= MOST_WORKERS {
            return Err(format!("no more workers for {}: it has {MOST_WORKERS}", home.origin()));
        }
        let file = self.sites.file(&url).ok_or_else(|| format!("the worker's script {url} is not there"))?;
        Ok((url, String::from_utf8_lossy(&file.body).into_owned()))
    }

    fn refuse_client_worker(&mut self, why: String, script_url: &str, port: String) {
        self.tell(Who::Trouble, why, script_url);
        self.close_ports(vec![port]);
    }

    fn begin(&mut self, id: RealmId, kind: ClientWorkerKind, source: &str, script_url: &str, port: &str) {
        let Some(worker) = self.client_workers.get_mut(&id) else { return };
        let failed = worker.client.realm.evaluate(source, script_url).err();
        worker.client.realm.loaded();
        if let Some(error) = failed {
            self.tell(Who::Trouble, error.to_string(), script_url);
        }
        match kind {
            ClientWorkerKind::Dedicated => self.hand_over(vec![port.to_owned()], id),
            ClientWorkerKind::Shared => self.connect(id, port),
        }
    }

    fn connect(&mut self, id: RealmId, port: &str) {
        if let Some(worker) = self.client_workers.get_mut(&id) {
            worker.client.realm.connect(port);
        }
        self.hand_over(vec![port.to_owned()], id);
    }

    /// `worker.terminate()`.
    pub(super) fn terminate_client_worker(&mut self, owner: RealmId, port: &str) {
        let found = self.client_workers.values().find(|worker| {
            worker.kind == ClientWorkerKind::Dedicated && worker.port == port && worker.owners.contains(&owner)
        });
        if let Some(id) = found.map(|worker| worker.client.id) {
            self.stop_client_worker(id);
        }
    }

    pub(super) fn stop_client_worker(&mut self, id: RealmId) {
        if self.client_workers.remove(&id).is_some() {
            self.realm_gone(id);
        }
    }

    /// A page or worker is gone; so are the ports it held, and the workers that only it used.
    pub(super) fn realm_gone(&mut self, id: RealmId) {
        self.forget_ports(id);
        if self.front == Some(id) {
            self.front = None;
        }
        for worker in self.client_workers.values_mut() {
            worker.owners.remove(&id);
        }
        let unused = self.client_workers.values().filter(|worker| worker.owners.is_empty());
        for id in unused.map(|worker| worker.client.id).collect::<Vec<_>>() {
            self.stop_client_worker(id);
        }
    }
}
