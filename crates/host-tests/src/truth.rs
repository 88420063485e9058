use std::collections::{BTreeMap, BTreeSet};

use background_sync::policy::{
    Partition, PermissionState, RegistrationKey, SystemRestriction, UserSwitch, WindowClients,
};
use background_sync::scheduler::NetworkState;

use crate::{Behaviour, Site};

/// What is so in the engine, as the kit made it.
#[derive(Debug)]
pub(crate) struct Truth {
    pub(crate) installed: BTreeSet<RegistrationKey>,
    pub(crate) unregistered: BTreeSet<RegistrationKey>,
    pub(crate) network: NetworkState,
    /// What the system said, if it said anything.
    pub(crate) restriction: Option<SystemRestriction>,
    windows: BTreeMap<Site, WindowClients>,
    permissions: BTreeMap<Site, PermissionState>,
    switches: BTreeMap<Site, UserSwitch>,
    behaviours: BTreeMap<RegistrationKey, Behaviour>,
}

impl Truth {
    /// An engine without anything, offline.
    pub(crate) fn new() -> Self {
        Self {
            installed: BTreeSet::new(),
            unregistered: BTreeSet::new(),
            network: NetworkState::Offline,
            restriction: None,
            windows: BTreeMap::new(),
            permissions: BTreeMap::new(),
            switches: BTreeMap::new(),
            behaviours: BTreeMap::new(),
        }
    }

    pub(crate) fn process_died(&mut self) {
        self.windows.clear();
        self.installed.retain(|key| !key.partition().is_private());
        self.permissions.retain(|site, _| !site.partition.is_private());
        self.switches.retain(|site, _| !site.partition.is_private());
    }

    pub(crate) fn windows(&self, site: &Site) -> WindowClients {
        self.windows.get(site).copied().unwrap_or(WindowClients::none())
    }

    pub(crate) fn set_windows(&mut self, site: Site, windows: WindowClients) {
        self.windows.insert(site, windows);
    }

    /// What the user decided, if anything: the engine's default is its own.
    pub(crate) fn permission(&self, site: &Site) -> Option<PermissionState> {
        self.permissions.get(site).copied()
    }

    pub(crate) fn set_permission(&mut self, site: Site, state: PermissionState) {
        self.permissions.insert(site, state);
    }

    /// What the user decided, if anything.
    pub(crate) fn switch(&self, site: &Site) -> Option<UserSwitch> {
        self.switches.get(site).copied()
    }

    pub(crate) fn set_switch(&mut self, site: Site, switch: UserSwitch) {
        self.switches.insert(site, switch);
    }

    /// Everything in a private partition is forgotten.
    pub(crate) fn forget(&mut self, partition: Partition) {
        self.installed.retain(|key| key.partition() != partition);
        self.windows.retain(|site, _| site.partition != partition);
        self.permissions.retain(|site, _| site.partition != partition);
        self.switches.retain(|site, _| site.partition != partition);
    }

    pub(crate) fn behaviour(&self, key: &RegistrationKey) -> Behaviour {
        self.behaviours.get(key).copied().unwrap_or(Behaviour::Fulfils)
    }

    pub(crate) fn set_behaviour(&mut self, key: &RegistrationKey, behaviour: Behaviour) {
        self.behaviours.insert(key.clone(), behaviour);
    }
}
