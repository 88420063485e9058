//! What background sync's hosts answer from, and what they have been asked to do.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use background_sync::policy::{
    Origin, Partition, PerKind, PermissionState, RegistrationKey, SyncKind, SystemRestriction, UserSwitch,
    WindowClients,
};
use background_sync::scheduler::{Engagement, NetworkState, PowerState};
use background_sync::{
    AttemptId, EventCompletion, KeepAlive, NetworkOracle, OriginHost, PowerOracle, ServiceWorkerHost, StartCompletion,
    SyncEventInit, TerminateReason, WakeToken, WakeUp, WakeUpHost, WorkerState,
};
use url::Url;

/// The engine's state as the hosts see it. The engine writes it and then tells the driver.
#[derive(Debug)]
pub(super) struct Mirror {
    pub(super) windows: BTreeMap<(Partition, Origin), WindowClients>,
    pub(super) permissions: BTreeMap<(Partition, Origin), PerKind<PermissionState>>,
    pub(super) switches: BTreeMap<(Partition, Origin), PerKind<UserSwitch>>,
    pub(super) general_switch: PerKind<UserSwitch>,
    /// Where the timeline has said something.
    pub(super) engagement: BTreeMap<(Partition, Origin), Engagement>,
    /// Origins whose periodic syncs the user pauses.
    pub(super) paused: BTreeSet<(Partition, Origin)>,
    pub(super) restriction: SystemRestriction,
    pub(super) network: NetworkState,
    pub(super) origin_networks: BTreeMap<Origin, NetworkState>,
    pub(super) power: PowerState,
    pub(super) workers: BTreeMap<RegistrationKey, WorkerState>,
    /// There are workers that nobody knows of: the list of them was not whole.
    pub(super) workers_lost: bool,
    /// What the engine has to do; it does so between two turns of the driver.
    pub(super) orders: VecDeque<Order>,
    /// The wake-up asked of the system. Nobody sleeps here for long enough to need it; timelines look at it.
    pub(super) wake_up: Option<WakeUp>,
    pub(super) keep_alive: bool,
}

/// Nothing is switched off.
const BOTH_ON: PerKind<UserSwitch> = PerKind { one_shot: UserSwitch::On, periodic: UserSwitch::On };
/// Nothing is decided.
const UNDECIDED: PerKind<PermissionState> =
    PerKind { one_shot: PermissionState::Prompt, periodic: PermissionState::Prompt };

/// What background sync asked the engine to do with a worker.
#[derive(Debug)]
pub(super) enum Order {
    Start { key: RegistrationKey, completion: StartCompletion },
    Dispatch { event: SyncEventInit, cap: Duration, completion: EventCompletion },
    Abandon { attempt: AttemptId },
    Terminate { attempt: AttemptId, reason: TerminateReason },
}

impl Default for Mirror {
    fn default() -> Self {
        Self {
            windows: BTreeMap::new(),
            permissions: BTreeMap::new(),
            switches: BTreeMap::new(),
            general_switch: BOTH_ON,
            engagement: BTreeMap::new(),
            paused: BTreeSet::new(),
            restriction: SystemRestriction::None,
            network: NetworkState::online(),
            origin_networks: BTreeMap::new(),
            power: PowerState::default(),
            workers: BTreeMap::new(),
            workers_lost: false,
            orders: VecDeque::new(),
            wake_up: None,
            keep_alive: false,
        }
    }
}

impl Mirror {
    /// An origin's permission for syncs of a kind.
    pub(super) fn permission_of(&self, partition: Partition, origin: &Origin, kind: SyncKind) -> PermissionState {
        let permissions = self.permissions.get(&(partition, origin.clone()));
        *permissions.unwrap_or(&UNDECIDED).of(kind)
    }

    pub(super) fn permit(&mut self, partition: Partition, origin: Origin, kind: SyncKind, state: PermissionState) {
        *self.permissions.entry((partition, origin)).or_insert(UNDECIDED).of_mut(kind) = state;
    }

    /// Moves the switch of one origin, or the general one.
    pub(super) fn switch(&mut self, whose: Option<(Partition, Origin)>, kind: SyncKind, to: UserSwitch) {
        let switches = match whose {
            Some(origin) => self.switches.entry(origin).or_insert(BOTH_ON),
            None => &mut self.general_switch,
        };
        *switches.of_mut(kind) = to;
    }

    /// The network as one origin sees it: none for everybody is none for anybody.
    pub(super) fn network_of(&self, origin: &Origin) -> NetworkState {
        match self.origin_networks.get(origin) {
            Some(own) if self.network.is_online() => own.clone(),
            Some(_) | None => self.network.clone(),
        }
    }

    /// Whether a server can be reached, were it up.
    pub(super) fn reaches(&self, url: &Url) -> bool {
        Origin::of(url).map_or(self.network.is_online(), |origin| self.network_of(&origin).is_online())
    }
}

/// One mirror, seen as each of the hosts.
#[derive(Clone, Debug)]
pub(super) struct Shared(pub(super) Rc<RefCell<Mirror>>);

impl ServiceWorkerHost for Shared {
    fn state(&mut self, key: &RegistrationKey) -> WorkerState {
        let mirror = self.0.borrow();
        let unknown = if mirror.workers_lost { WorkerState::NotLoaded } else { WorkerState::NoSuchRegistration };
        mirror.workers.get(key).copied().unwrap_or(unknown)
    }

    fn start(&mut self, key: &RegistrationKey, completion: StartCompletion) {
        self.0.borrow_mut().orders.push_back(Order::Start { key: key.clone(), completion });
    }

    fn dispatch(&mut self, _: &RegistrationKey, event: &SyncEventInit, cap: Duration, completion: EventCompletion) {
        self.0.borrow_mut().orders.push_back(Order::Dispatch { event: event.clone(), cap, completion });
    }

    fn abandon(&mut self, _: &RegistrationKey, attempt: AttemptId) {
        self.0.borrow_mut().orders.push_back(Order::Abandon { attempt });
    }

    fn terminate(&mut self, _: &RegistrationKey, attempt: AttemptId, reason: TerminateReason) {
        self.0.borrow_mut().orders.push_back(Order::Terminate { attempt, reason });
    }
}

impl OriginHost for Shared {
    fn windows(&mut self, partition: Partition, origin: &Origin) -> WindowClients {
        self.0.borrow().windows.get(&(partition, origin.clone())).copied().unwrap_or(WindowClients::none())
    }

    fn permission(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> PermissionState {
        self.0.borrow().permission_of(partition, origin, kind)
    }

    fn user_switch(&mut self, partition: Partition, origin: &Origin, kind: SyncKind) -> UserSwitch {
        let mirror = self.0.borrow();
        match mirror.general_switch.of(kind) {
            UserSwitch::Off => UserSwitch::Off,
            UserSwitch::On => *mirror.switches.get(&(partition, origin.clone())).unwrap_or(&BOTH_ON).of(kind),
        }
    }

    fn engagement(&mut self, partition: Partition, origin: &Origin) -> Engagement {
        self.0.borrow().engagement.get(&(partition, origin.clone())).copied().unwrap_or_default()
    }

    fn periodic_sync_paused(&mut self, partition: Partition, origin: &Origin) -> bool {
        self.0.borrow().paused.contains(&(partition, origin.clone()))
    }

    fn restriction(&mut self) -> SystemRestriction {
        self.0.borrow().restriction
    }
}

impl NetworkOracle for Shared {
    fn state(&mut self, origin: Option<&Origin>) -> NetworkState {
        let mirror = self.0.borrow();
        origin.map_or_else(|| mirror.network.clone(), |origin| mirror.network_of(origin))
    }
}

impl PowerOracle for Shared {
    fn state(&mut self) -> PowerState {
        self.0.borrow().power
    }
}

impl WakeUpHost for Shared {
    fn arm(&mut self, wake_up: Option<WakeUp>) {
        self.0.borrow_mut().wake_up = wake_up;
    }

    fn done(&mut self, _: WakeToken) {}
}

impl KeepAlive for Shared {
    fn keep_alive(&mut self, keep: bool) {
        self.0.borrow_mut().keep_alive = keep;
    }
}
