use std::collections::{BTreeMap, BTreeSet};

use background_sync::policy::{Origin, Partition, RegistrationKey, WindowClients};
use background_sync::registration::{MonotonicTime, Now};
use background_sync::scheduler::NetworkState;
use background_sync::{Input, NetworkSubject};

use super::{Verdict, broken};
use crate::timeline::Site;

/// What the machine was told about the world.
#[derive(Clone, Debug)]
pub(super) struct Told {
    network: NetworkState,
    epoch: u64,
    origins: BTreeMap<Origin, (u64, NetworkState)>,
    windows: BTreeMap<Site, WindowClients>,
    closed: BTreeSet<Partition>,
    stopping: bool,
    loaded: bool,
    frozen_at: Option<MonotonicTime>,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            network: NetworkState::Unknown,
            epoch: 0,
            origins: BTreeMap::new(),
            windows: BTreeMap::new(),
            closed: BTreeSet::new(),
            stopping: false,
            loaded: false,
            frozen_at: None,
        }
    }
}

impl Told {
    pub(super) fn hear(&mut self, now: Now, input: &Input) {
        match input {
            Input::NetworkChanged { subject: NetworkSubject::All, state, epoch } => {
                if *epoch >= self.epoch {
                    self.epoch = *epoch;
                    self.network = state.clone();
                }
            }
            Input::NetworkChanged { subject: NetworkSubject::Origin(origin), state, epoch } => {
                self.origins.insert(origin.clone(), (*epoch, state.clone()));
            }
            Input::Register { key, facts, .. } => {
                self.windows.insert(Site::of(key), facts.windows);
                self.closed.remove(&key.partition());
            }
            Input::ClientsChanged { partition, origin, windows } => {
                self.windows.insert(Site { partition: *partition, origin: origin.clone() }, *windows);
            }
            Input::Loaded(loaded) => {
                self.loaded = true;
                for (partition, origin, windows) in &loaded.windows {
                    self.windows.insert(Site { partition: *partition, origin: origin.clone() }, *windows);
                }
            }
            Input::Shutdown => self.stopping = true,
            Input::Frozen => self.frozen_at = self.frozen_at.or(Some(now.monotonic)),
            Input::Thawed => self.frozen_at = None,
            Input::PartitionClosed { .. }
            | Input::LoadFailed
            | Input::GetTags { .. }
            | Input::Cancel { .. }
            | Input::ReplyDelivered { .. }
            | Input::RequesterGone { .. }
            | Input::Ready { .. }
            | Input::NotStarted { .. }
            | Input::Finished { .. }
            | Input::Committed { .. }
            | Input::CommitFailed { .. }
            | Input::ContentsLost { .. }
            | Input::PermissionChanged { .. }
            | Input::UserSwitch { .. }
            | Input::RestrictionChanged { .. }
            | Input::WorkerChanged { .. }
            | Input::Unregistered { .. }
            | Input::DataCleared { .. }
            | Input::Answered { .. }
            | Input::Slept
            | Input::Woke
            | Input::Woken { .. }
            | Input::Tick => {}
        }
    }

    /// What is said while a partition is being closed may still name it; nothing after that.
    pub(super) fn after(&mut self, input: &Input) {
        // Before the store was read this waits like everything else.
        if let Input::PartitionClosed { partition } = input
            && partition.is_private()
            && self.loaded
        {
            self.closed.insert(*partition);
            self.windows.retain(|site, _| site.partition != *partition);
        }
    }

    pub(super) fn windows_of(&mut self, key: &RegistrationKey, windows: WindowClients) {
        self.windows.insert(Site::of(key), windows);
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.loaded
    }

    pub(super) fn stopping(&self) -> bool {
        self.stopping
    }

    /// How long the process had stood still by now.
    pub(super) fn frozen_for(&self, now: Now) -> std::time::Duration {
        self.frozen_at.map_or(std::time::Duration::ZERO, |since| now.monotonic.since(since))
    }

    pub(super) fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }

    /// I4: the last word, for everybody and, if it is newer, for this origin.
    pub(super) fn is_online(&self, origin: &Origin) -> bool {
        let own = self.origins.get(origin).filter(|(epoch, _)| *epoch > self.epoch);
        self.network.is_online() && own.is_none_or(|(_, state)| state.is_online())
    }

    pub(super) fn in_background(&self, key: &RegistrationKey) -> bool {
        self.windows.get(&Site::of(key)).copied().unwrap_or_else(WindowClients::none).in_background()
    }

    /// I12: of a partition that was closed nothing is said any more.
    pub(super) fn of_a_closed_partition(&self, key: Option<&RegistrationKey>) -> Verdict {
        match key {
            Some(key) if self.closed.contains(&key.partition()) => {
                broken("I12", format!("the log still speaks of {key:?}, whose partition is closed"))
            }
            Some(_) | None => Ok(()),
        }
    }
}
