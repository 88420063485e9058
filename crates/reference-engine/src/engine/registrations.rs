//! Service worker registrations, and where they are kept.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use background_sync::WorkerState;
use background_sync::policy::{Incarnation, Origin, Partition, RegistrationKey, Scope, StorageKey};
use serde::{Deserialize, Serialize};

use crate::script::{RegistrationInfo, WorkerInfo};

/// One service worker registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Registration {
    pub(super) key: RegistrationKey,
    pub(super) script_url: String,
    /// The worker's script and what it imported, by address: a worker starts without a network.
    pub(super) scripts: BTreeMap<String, String>,
    pub(super) life: Life,
}

/// How far the one worker of a registration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Life {
    /// Its `install` event runs.
    Installing,
    /// Its `activate` event runs.
    Activating,
    /// It is activated.
    Activated,
}

impl Life {
    pub(super) const fn worker_state(self) -> WorkerState {
        match self {
            Self::Installing => WorkerState::None,
            Self::Activating => WorkerState::Activating,
            Self::Activated => WorkerState::Active,
        }
    }
}

impl Registration {
    pub(super) fn scope(&self) -> &str {
        self.key.scope().as_str()
    }

    /// As scripts see it.
    pub(super) fn info(&self) -> RegistrationInfo {
        let worker = |state| Some(WorkerInfo { script_url: self.script_url.clone(), state });
        let mut info =
            RegistrationInfo { scope: self.scope().to_owned(), installing: None, waiting: None, active: None };
        match self.life {
            Life::Installing => info.installing = worker("installing"),
            Life::Activating => info.active = worker("activating"),
            Life::Activated => info.active = worker("activated"),
        }
        info
    }
}

/// All registrations of the profile.
#[derive(Debug, Default)]
pub(super) struct Registrations {
    all: BTreeMap<RegistrationKey, Registration>,
    /// Grows with every registration, so that none is taken for an earlier one of its scope.
    next_incarnation: u64,
    file: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    next_incarnation: u64,
    registrations: Vec<Registration>,
}

impl Registrations {
    /// The registrations kept in a file, if there is one.
    ///
    /// # Errors
    /// When the file is there and can't be read.
    pub(super) fn open(file: Option<PathBuf>) -> io::Result<Self> {
        let Some(path) = &file else { return Ok(Self { next_incarnation: 1, ..Self::default() }) };
        let kept: Kept = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Kept { next_incarnation: 1, registrations: Vec::new() }
            }
            Err(error) => return Err(error),
        };
        // A worker that was being installed is not registered yet; one that was activating is active, as in Chromium.
        let all = kept.registrations.into_iter().filter(|registration| registration.life != Life::Installing);
        let all =
            all.map(|registration| (registration.key.clone(), Registration { life: Life::Activated, ..registration }));
        Ok(Self { all: all.collect(), next_incarnation: kept.next_incarnation, file })
    }

    /// Makes the registrations of the profile durable.
    pub(super) fn save(&self) -> io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let profile = self.all.values().filter(|registration| !registration.key.partition().is_private());
        let kept = Kept { next_incarnation: self.next_incarnation, registrations: profile.cloned().collect() };
        super::durable::write(path, &serde_json::to_vec(&kept).map_err(io::Error::other)?)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Registration> {
        self.all.values()
    }

    pub(super) fn keys_of(&self, meant: impl Fn(&RegistrationKey) -> bool) -> Vec<RegistrationKey> {
        self.all.keys().filter(|key| meant(key)).cloned().collect()
    }

    pub(super) fn get(&self, key: &RegistrationKey) -> Option<&Registration> {
        self.all.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &RegistrationKey) -> Option<&mut Registration> {
        self.all.get_mut(key)
    }

    pub(super) fn find(&self, partition: Partition, scope: &str) -> Option<&Registration> {
        self.all
            .values()
            .find(|registration| registration.key.partition() == partition && registration.scope() == scope)
    }

    /// The registration whose scope a page falls into: the longest one.
    pub(super) fn for_page(&self, partition: Partition, url: &str) -> Option<&Registration> {
        let fits = |registration: &&Registration| {
            registration.key.partition() == partition && url.starts_with(registration.scope())
        };
        self.all.values().filter(fits).max_by_key(|registration| registration.scope().len())
    }

    pub(super) fn add(
        &mut self,
        partition: Partition,
        origin: &Origin,
        scope: Scope,
        script_url: String,
    ) -> RegistrationKey {
        let incarnation = Incarnation(self.next_incarnation);
        self.next_incarnation += 1;
        let key = RegistrationKey::new(partition, StorageKey::first_party(origin.clone()), scope, incarnation);
        let scripts = BTreeMap::new();
        let registration = Registration { key: key.clone(), script_url, scripts, life: Life::Installing };
        self.all.insert(key.clone(), registration);
        key
    }

    pub(super) fn remove(&mut self, key: &RegistrationKey) -> Option<Registration> {
        self.all.remove(key)
    }
}
