//! Where a timeline's origins, pages and workers are.

use std::collections::BTreeMap;

use background_sync_chromium_host::protocol::SessionId;
use background_sync_simulator::timeline::{PartitionName, WorkerDeclaration};

use super::browser::Target;
use super::server::PORT;

/// A loopback origin for one of a timeline. Hosts below `localhost` are secure contexts without a certificate.
pub(super) fn local(origin: &str) -> Result<String, String> {
    let host = origin.strip_prefix("https://").ok_or_else(|| format!("`{origin}` is not secure"))?;
    let host = host.replace(':', "-port-");
    Ok(format!("http://{host}.localhost:{PORT}"))
}

/// Where a worker is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) origin: String,
    pub(super) scope: String,
    pub(super) script: String,
}

impl Place {
    /// Scopes lie beside the pages, which therefore stay uncontrolled: unregistering waits for nobody.
    pub(super) fn of(worker: &WorkerDeclaration) -> Result<Self, String> {
        let slash =
            worker.scope.find("://").and_then(|at| worker.scope[at + 3..].find('/').map(|slash| at + 3 + slash));
        let (origin, path) = worker.scope.split_at(slash.unwrap_or(worker.scope.len()));
        let origin = local(origin)?;
        let scope = format!("{origin}/scopes{path}");
        let script = format!("{origin}/worker.js?worker={}", worker.name);
        Ok(Self { origin, scope, script })
    }
}

/// An origin in a partition.
pub(super) type Site = (PartitionName, String);

/// A window, and the tab it ends with.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) session: SessionId,
    pub(super) holder: Target,
}

/// Pages that are open: tabs, popups, frames.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    open: BTreeMap<Site, [Vec<Window>; 3]>,
    numbered: u64,
}

impl Places {
    /// A number that no page has had.
    pub(super) fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    pub(super) fn count(&self, site: &Site, kind: usize) -> usize {
        self.open.get(site).map_or(0, |kinds| kinds[kind].len())
    }

    pub(super) fn put(&mut self, site: &Site, kind: usize, window: Window) {
        self.open.entry(site.clone()).or_default()[kind].push(window);
    }

    pub(super) fn take(&mut self, site: &Site, kind: usize) -> Option<Window> {
        self.open.get_mut(site)?[kind].pop()
    }

    /// Tabs and popups.
    pub(super) fn windows(&self, site: &Site) -> usize {
        self.count(site, 0) + self.count(site, 1)
    }

    /// A tab or popup of a site.
    pub(super) fn page(&self, site: &Site) -> Option<SessionId> {
        let [tabs, popups, _] = self.open.get(site)?;
        tabs.iter().chain(popups).next().map(|window| window.session.clone())
    }

    /// The browser has ended.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    /// A partition is closed, with all that is in it.
    pub(super) fn forget(&mut self, partition: PartitionName) {
        self.open.retain(|(of, _), _| *of != partition);
    }
}

#[cfg(test)]
mod tests {
    use background_sync_simulator::timeline::WorkerCondition;

    use super::*;

    #[test]
    fn a_scope_lies_beside_its_origins_pages_on_loopback() {
        let worker = WorkerDeclaration {
            name: "chat".to_owned(),
            scope: "https://chat.example/app/".to_owned(),
            partition: PartitionName::default(),
            third_party_of: None,
            state: WorkerCondition::Active,
        };
        let place = Place::of(&worker).unwrap();
        assert_eq!(place.origin, "http://chat.example.localhost:8000");
        assert_eq!(place.scope, "http://chat.example.localhost:8000/scopes/app/");
        assert_eq!(place.script, "http://chat.example.localhost:8000/worker.js?worker=chat");
        assert!(local("http://chat.example").is_err());
        assert_eq!(local("https://chat.example:8443").unwrap(), "http://chat.example-port-8443.localhost:8000");
    }
}
