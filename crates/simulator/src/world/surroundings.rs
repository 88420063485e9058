use std::collections::{BTreeMap, BTreeSet};

use background_sync::policy::{
    Facts, Incarnation, Origin, PerKind, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch,
    WindowClients,
};
use background_sync::scheduler::{Engagement, NetworkState, PowerState, UtcOffset};
use background_sync::{OriginFacts, WorkerState};

use rustc_hash::FxHashMap;

use super::Trouble;
use crate::timeline::{Site, WorkerCondition, WorkerDeclaration, WorkerName, nearest};

/// What is true around the machine, whether it was told or not.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Everybody's network.
    pub network: NetworkState,
    /// Networks of single origins.
    pub origin_networks: BTreeMap<Origin, NetworkState>,
    /// Fully active windows.
    pub windows: BTreeMap<Site, WindowClients>,
    /// Permissions that were decided.
    pub permissions: BTreeMap<Site, PerKind<PermissionState>>,
    /// Everybody's switches.
    pub general_switch: PerKind<UserSwitch>,
    /// What the operating system allows.
    pub restriction: SystemRestriction,
    /// What is known of the charger and the battery.
    pub power: PowerState,
    /// Switches of single origins.
    pub switches: BTreeMap<Site, PerKind<UserSwitch>>,
    /// How much the user has to do with origins, where that is not as usual.
    pub engagement: BTreeMap<Site, Engagement>,
    /// Origins whose periodic syncs the user pauses.
    pub paused: BTreeSet<Site>,
    /// What civil time is ahead by.
    pub utc_offset: UtcOffset,
    workers: BTreeMap<WorkerName, Worker>,
    names: FxHashMap<RegistrationKey, WorkerName>,
}

#[derive(Clone, Debug)]
struct Worker {
    /// The life that a timeline means by the name, unregistered or not.
    key: RegistrationKey,
    /// `None` when it was unregistered.
    condition: Option<WorkerCondition>,
}

impl Surroundings {
    pub(crate) fn new(declarations: &[WorkerDeclaration]) -> Result<Self, Trouble> {
        let mut workers = BTreeMap::new();
        let mut names = FxHashMap::default();
        for declaration in declarations {
            let key = declaration.key(Incarnation(1)).map_err(Trouble::Script)?;
            if names.insert(key.clone(), declaration.name.clone()).is_some() {
                return Err(Trouble::Script(format!("worker `{}` has the scope of another one", declaration.name)));
            }
            let condition = Some(declaration.state);
            workers.insert(declaration.name.clone(), Worker { key, condition });
        }
        Ok(Self {
            network: NetworkState::Unknown,
            origin_networks: BTreeMap::new(),
            windows: BTreeMap::new(),
            permissions: BTreeMap::new(),
            general_switch: PerKind::from_fn(|_| UserSwitch::On),
            restriction: SystemRestriction::None,
            power: PowerState::default(),
            switches: BTreeMap::new(),
            engagement: BTreeMap::new(),
            paused: BTreeSet::new(),
            utc_offset: UtcOffset::UTC,
            workers,
            names,
        })
    }

    /// The key behind a name: of its present life, or its last one.
    ///
    /// # Errors
    /// When the timeline declared no such worker.
    pub fn key(&self, name: &str) -> Result<RegistrationKey, Trouble> {
        Ok(self.worker(name)?.key.clone())
    }

    /// The present, or last, life of every worker.
    pub(crate) fn keys(&self) -> Vec<RegistrationKey> {
        self.workers.values().map(|worker| worker.key.clone()).collect()
    }

    /// Every life of every worker so far, in the order of their keys.
    pub(crate) fn all_lives(&self) -> impl Iterator<Item = &RegistrationKey> {
        let lives: BTreeSet<_> = self.names.keys().collect();
        lives.into_iter()
    }

    /// What a host says about an origin when its store was read.
    pub(crate) fn origin_facts(&self, site: &Site) -> OriginFacts {
        let permission = PerKind::from_fn(|kind| self.permission_of(site, kind));
        let switch = PerKind::from_fn(|kind| self.switch_of(site, kind));
        let windows = self.windows.get(site).copied().unwrap_or_else(WindowClients::none);
        OriginFacts::new(site.partition, site.origin.clone(), windows, permission, switch)
            .with_periodic(self.engagement.get(site).copied().unwrap_or_default(), self.paused.contains(site))
    }

    fn permission_of(&self, site: &Site, kind: SyncKind) -> PermissionState {
        self.permissions.get(site).map_or(PermissionState::Prompt, |states| *states.of(kind))
    }

    pub(crate) fn set_permission(&mut self, site: Site, kind: SyncKind, state: PermissionState) {
        let undecided = || PerKind::from_fn(|_| PermissionState::Prompt);
        *self.permissions.entry(site).or_insert_with(undecided).of_mut(kind) = state;
    }

    fn switch_of(&self, site: &Site, kind: SyncKind) -> UserSwitch {
        let own = self.switches.get(site).map_or(UserSwitch::On, |switches| *switches.of(kind));
        match (*self.general_switch.of(kind), own) {
            (UserSwitch::On, UserSwitch::On) => UserSwitch::On,
            (UserSwitch::Off, _) | (_, UserSwitch::Off) => UserSwitch::Off,
        }
    }

    pub(crate) fn set_switch(&mut self, site: Site, kind: SyncKind, to: UserSwitch) {
        let on = || PerKind::from_fn(|_| UserSwitch::On);
        *self.switches.entry(site).or_insert_with(on).of_mut(kind) = to;
    }

    /// The user has opened a page of an origin: from then on there is something to do with it.
    pub(crate) fn visited(&mut self, site: &Site) {
        if self.engagement.get(site) == Some(&Engagement::None) {
            self.engagement.remove(site);
        }
    }

    fn worker(&self, name: &str) -> Result<&Worker, Trouble> {
        self.workers.get(name).ok_or_else(|| unknown_worker(name, self.workers.keys()))
    }

    fn worker_mut(&mut self, name: &str) -> Result<&mut Worker, Trouble> {
        match self.workers.contains_key(name) {
            true => Ok(self.workers.get_mut(name).expect("it was just there")),
            false => Err(unknown_worker(name, self.workers.keys())),
        }
    }

    /// What the timeline calls a key; earlier lives keep their name.
    #[must_use]
    pub fn name(&self, key: &RegistrationKey) -> &str {
        self.names.get(key).map_or("?", String::as_str)
    }

    /// What a host would say about a key.
    #[must_use]
    pub fn state(&self, key: &RegistrationKey) -> WorkerState {
        let worker = self.names.get(key).and_then(|name| self.workers.get(name)).filter(|worker| worker.key == *key);
        match worker.and_then(|worker| worker.condition) {
            None => WorkerState::NoSuchRegistration,
            Some(WorkerCondition::NotLoaded) => WorkerState::NotLoaded,
            Some(WorkerCondition::None) => WorkerState::None,
            Some(WorkerCondition::Activating) => WorkerState::Activating,
            Some(WorkerCondition::Active) => WorkerState::Active,
        }
    }

    pub(crate) fn set_condition(&mut self, name: &str, condition: Option<WorkerCondition>) -> Result<(), Trouble> {
        self.worker_mut(name)?.condition = condition;
        Ok(())
    }

    /// Begins another life of a worker, with an active worker. Gives its key.
    pub(crate) fn reinstall(&mut self, name: &str) -> Result<RegistrationKey, Trouble> {
        let worker = self.worker_mut(name)?;
        let next = Incarnation(worker.key.incarnation().0 + 1);
        worker.key = worker.key.with_incarnation(next);
        worker.condition = Some(WorkerCondition::Active);
        let key = worker.key.clone();
        self.names.insert(key.clone(), name.to_owned());
        Ok(key)
    }

    /// The network of an origin.
    #[must_use]
    pub fn network_of(&self, origin: &Origin) -> NetworkState {
        self.origin_networks.get(origin).unwrap_or(&self.network).clone()
    }

    /// What trusted code knows about a key now, for syncs of a kind.
    #[must_use]
    pub fn facts(&self, key: &RegistrationKey, kind: SyncKind) -> Facts {
        let site = Site::of(key);
        Facts {
            secure_context: true,
            fenced: false,
            worker: self.state(key),
            windows: self.windows.get(&site).copied().unwrap_or_else(WindowClients::none),
            permission: self.permission_of(&site, kind),
            switch: self.switch_of(&site, kind),
            restriction: self.restriction,
        }
    }
}

fn unknown_worker<'a>(name: &str, known: impl Iterator<Item = &'a WorkerName>) -> Trouble {
    let known: Vec<_> = known.map(String::as_str).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "declare it with [[worker]]".to_owned(),
        None => format!("there are {}", known.join(", ")),
    };
    Trouble::Script(format!("there is no worker `{name}`; {help}"))
}
