//! What the host says about the world as a whole.

#[cfg(not(feature = "periodic"))]
mod not_periodic;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use background_sync_policy::{PerKind, SyncKind, SystemRestriction, UserSwitch};
use background_sync_registration::{MonotonicTime, NetworkIdentity, SyncRegistration, WallTime, memory};
#[cfg(feature = "periodic")]
use background_sync_scheduler::PeriodicProfile;
use background_sync_scheduler::{
    Change, Circumstances, ConditionOverride, Connectivity, NetworkCost, NetworkId, NetworkMode, NetworkState,
    PowerState, SyncParameters,
};

use crate::NetworkSecret;
#[cfg(not(feature = "periodic"))]
use not_periodic::PeriodicProfile;

/// The link, the power, the general switch, the system's restriction.
#[derive(Debug)]
pub(in crate::machine) struct Surroundings {
    link: Connectivity,
    /// The largest number of a notice about a network, whomever it was about.
    latest_notice: u64,
    /// Grows when the link comes up; what was registered before then is spread.
    link_epoch: u64,
    /// The last network that was up and had a name.
    last_network: Option<NetworkId>,
    /// Networks are remembered hashed with this.
    secret: NetworkSecret,
    /// Kinds that the user has switched off.
    switched_off: BTreeSet<SyncKind>,
    restriction: SystemRestriction,
    power: PowerState,
    /// The user's word about conditions, for everybody.
    overrides: PerKind<ConditionOverride>,
    /// The host has read its service worker registrations.
    workers_known: bool,
    /// What periodic syncs of all origins share.
    periodic: PeriodicProfile,
}

impl Surroundings {
    pub(in crate::machine) fn unknown() -> Self {
        Self {
            link: Connectivity::unknown(),
            latest_notice: 0,
            link_epoch: 1,
            last_network: None,
            secret: NetworkSecret::default(),
            switched_off: BTreeSet::new(),
            restriction: SystemRestriction::None,
            power: PowerState::default(),
            overrides: PerKind::default(),
            workers_known: false,
            periodic: PeriodicProfile::default(),
        }
    }

    pub(in crate::machine) fn link(&self) -> &Connectivity {
        &self.link
    }

    pub(in crate::machine) fn latest_notice(&self) -> u64 {
        self.latest_notice
    }

    pub(in crate::machine) fn link_epoch(&self) -> u64 {
        self.link_epoch
    }

    /// There was a notice about some network.
    pub(in crate::machine) fn note_notice(&mut self, epoch: u64) {
        self.latest_notice = self.latest_notice.max(epoch);
    }

    /// A notice about the network in general; `None` for one that is late.
    pub(in crate::machine) fn network(
        &mut self,
        state: NetworkState,
        epoch: u64,
        now: MonotonicTime,
        params: &SyncParameters,
    ) -> Option<Change> {
        if epoch < self.link.epoch() {
            return None;
        }
        let change = self.link.notice(state, epoch, now, params);
        if let Some(id) = self.link.state().network_id() {
            self.last_network = Some(id.clone());
        }
        match change {
            Change::FirstOnline | Change::CameOnline => self.link_epoch += 1,
            Change::Nothing | Change::StillOffline | Change::OtherNetwork | Change::WentOffline => {}
        }
        Some(change)
    }

    /// Shortens a hold of the link; gives when it ends, if it lasts.
    pub(in crate::machine) fn hold_at_most(
        &mut self,
        now: MonotonicTime,
        most: std::time::Duration,
    ) -> Option<MonotonicTime> {
        self.link.hold_at_most(now, most);
        self.link.held_until(now)
    }

    /// The general switch of a kind.
    pub(in crate::machine) fn switch(&self, kind: SyncKind) -> UserSwitch {
        if self.switched_off.contains(&kind) { UserSwitch::Off } else { UserSwitch::On }
    }

    pub(in crate::machine) fn set_switch(&mut self, kind: SyncKind, switch: UserSwitch) {
        match switch {
            UserSwitch::On => self.switched_off.remove(&kind),
            UserSwitch::Off => self.switched_off.insert(kind),
        };
    }

    pub(in crate::machine) fn is_restricted(&self) -> bool {
        match self.restriction {
            SystemRestriction::Restricted => true,
            SystemRestriction::None => false,
        }
    }

    /// Says whether it is another one than before.
    pub(in crate::machine) fn set_restriction(&mut self, restriction: SystemRestriction) -> bool {
        std::mem::replace(&mut self.restriction, restriction) != restriction
    }

    pub(in crate::machine) fn set_power(&mut self, power: PowerState) {
        self.power = power;
    }

    pub(in crate::machine) fn set_override(&mut self, kind: SyncKind, said: ConditionOverride) {
        *self.overrides.of_mut(kind) = said;
    }

    /// What conditions of a kind go by, for an origin of which nothing of its own was said.
    pub(in crate::machine) fn circumstances(&self, kind: SyncKind) -> Circumstances {
        let cost = NetworkCost::of(self.link.state());
        Circumstances { cost, power: self.power, user: *self.overrides.of(kind) }
    }

    /// The host has read its service worker registrations.
    pub(in crate::machine) fn workers_are_known(&mut self) {
        self.workers_known = true;
    }

    /// Whether the host can tell that there is no such service worker registration.
    pub(in crate::machine) fn knows_workers(&self) -> bool {
        self.workers_known
    }

    pub(in crate::machine) fn secret(&self) -> NetworkSecret {
        self.secret
    }

    pub(in crate::machine) fn set_secret(&mut self, secret: NetworkSecret) {
        self.secret = secret;
    }

    /// The network that is up, as it is remembered.
    pub(in crate::machine) fn here(&self) -> Option<NetworkIdentity> {
        self.link.state().network_id().map(|id| self.identity_of(id))
    }

    /// The last network that was up and had a name. Hashed when it is asked for: it may have been heard of before
    /// the secret was read.
    pub(in crate::machine) fn last_network(&self) -> Option<NetworkIdentity> {
        self.last_network.as_ref().map(|id| self.identity_of(id))
    }

    /// Whether the network that is up is not one this registration may fire on.
    pub(in crate::machine) fn belongs_elsewhere(
        &self,
        registration: &SyncRegistration,
        declined: Option<NetworkIdentity>,
        mode: NetworkMode,
    ) -> bool {
        let same_only = match mode {
            NetworkMode::Any | NetworkMode::AskOnChange => false,
            NetworkMode::Same => true,
        };
        if declined.is_none() && !(same_only && registration.network().is_some()) {
            return false;
        }
        let here = self.here();
        (here.is_some() && here == declined) || (same_only && differs(registration.network(), here))
    }

    /// Whether the user has to be asked before it fires on the network that is up.
    pub(in crate::machine) fn must_ask(&self, registration: &SyncRegistration, mode: NetworkMode) -> bool {
        match mode {
            NetworkMode::Any | NetworkMode::Same => false,
            NetworkMode::AskOnChange => differs(registration.network(), self.here()),
        }
    }

    fn identity_of(&self, id: &NetworkId) -> NetworkIdentity {
        NetworkIdentity::from(self.secret.hash_of(id.as_str().as_bytes()))
    }

    /// What periodic syncs of all origins share.
    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn periodic(&self) -> &PeriodicProfile {
        &self.periodic
    }

    #[cfg(feature = "periodic")]
    pub(in crate::machine) fn periodic_mut(&mut self) -> &mut PeriodicProfile {
        &mut self.periodic
    }

    /// Takes up what is stored of it. What makes no sense is as if nothing had been.
    pub(in crate::machine) fn restore_periodic(&mut self, bytes: &[u8], now: WallTime, params: &SyncParameters) {
        #[cfg(feature = "periodic")]
        let _: Result<(), _> = self.periodic.restore(bytes, now, &params.periodic);
        #[cfg(not(feature = "periodic"))]
        self.periodic.restore(bytes, now, params);
    }

    pub(in crate::machine) fn encode_periodic(&self) -> Vec<u8> {
        self.periodic.encode()
    }

    pub(in crate::machine) fn heap_bytes(&self) -> usize {
        memory::of_tree_set(&self.switched_off)
    }
}

/// Two networks that are both known and not the same.
fn differs(a: Option<NetworkIdentity>, b: Option<NetworkIdentity>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}
