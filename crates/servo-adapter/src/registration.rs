use std::fmt;

use background_sync::WorkerState;
use background_sync::policy::{Incarnation, InvalidScope, Partition, PartitionId, RegistrationKey, StorageKey};
use serde::{Deserialize, Serialize};
use servo_constellation_traits::ServiceWorkerRegistrationInfo;
use servo_url::{ImmutableOrigin, ServoUrl};

use crate::{NoTupleOrigin, TupleOrigin};

/// One service worker registration, named for Servo and for background sync.
///
/// There is none whose scope is of another origin than its storage key, neither made nor read from another process.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Registration {
    storage_key: TupleOrigin,
    scope_url: ServoUrl,
    key: RegistrationKey,
}

/// How it crosses processes: in Servo's types.
#[derive(Serialize, Deserialize)]
struct Parts {
    is_private: bool,
    storage_key: ImmutableOrigin,
    scope_url: ServoUrl,
    incarnation: Incarnation,
}

/// The storage partition of a browsing context. Servo has two groups of threads for storage, and no more.
#[must_use]
pub const fn partition(is_private: bool) -> Partition {
    if is_private { Partition::Private(PartitionId(0)) } else { Partition::Profile(PartitionId(0)) }
}

impl Registration {
    /// Names the registration of `scope_url` under `storage_key`.
    ///
    /// `incarnation` tells the lives of a registration apart, over restarts. Servo's `ServiceWorkerRegistrationId` does
    /// not: it is counted anew in each run. Take the time of the registration, stored with it.
    ///
    /// # Errors
    /// When the storage key is no tuple, or the scope is not of its origin.
    pub fn new(
        is_private: bool,
        storage_key: ImmutableOrigin,
        scope_url: &ServoUrl,
        incarnation: Incarnation,
    ) -> Result<Self, NoRegistration> {
        let storage_key = TupleOrigin::try_from(storage_key)?;
        let ours = StorageKey::first_party(storage_key.ours().clone());
        let key = RegistrationKey::new(partition(is_private), ours, scope_url.as_str(), incarnation)?;
        Self::named(storage_key, key)
    }

    /// Names a registration that Servo describes.
    ///
    /// # Errors
    /// As for [`Registration::new`].
    pub fn of(
        info: &ServiceWorkerRegistrationInfo,
        is_private: bool,
        incarnation: Incarnation,
    ) -> Result<Self, NoRegistration> {
        Self::new(is_private, info.storage_key.clone(), &info.scope_url, incarnation)
    }

    fn named(storage_key: TupleOrigin, key: RegistrationKey) -> Result<Self, NoRegistration> {
        let scope_url = ServoUrl::parse(key.scope().as_str()).map_err(|_| InvalidScope::NotAUrl)?;
        Ok(Self { storage_key, scope_url, key })
    }

    /// As background sync names it.
    #[must_use]
    pub const fn key(&self) -> &RegistrationKey {
        &self.key
    }

    /// The storage key: with Servo it is the origin.
    #[must_use]
    pub const fn storage_key(&self) -> &TupleOrigin {
        &self.storage_key
    }

    /// The scope URL, without fragment.
    #[must_use]
    pub const fn scope_url(&self) -> &ServoUrl {
        &self.scope_url
    }

    /// Whether it is of the private group.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.key.partition().is_private()
    }
}

/// The state of the worker of a registration that Servo describes. That its active worker still handles its `activate`
/// event cannot be seen there; the constellation says so with [`WorkerState::Activating`] itself.
#[must_use]
pub const fn worker_state(info: &ServiceWorkerRegistrationInfo) -> WorkerState {
    if info.active_worker.is_some() { WorkerState::Active } else { WorkerState::None }
}

impl TryFrom<&RegistrationKey> for Registration {
    type Error = NoRegistration;

    fn try_from(key: &RegistrationKey) -> Result<Self, NoRegistration> {
        let storage_key = TupleOrigin::try_from(key.origin())?;
        let registration = Self::new(key.partition().is_private(), storage_key.into(), &url(key)?, key.incarnation())?;
        if registration.key == *key { Ok(registration) } else { Err(NoRegistration::NotServos) }
    }
}

fn url(key: &RegistrationKey) -> Result<ServoUrl, NoRegistration> {
    ServoUrl::parse(key.scope().as_str()).map_err(|_| InvalidScope::NotAUrl.into())
}

impl TryFrom<Parts> for Registration {
    type Error = NoRegistration;

    fn try_from(parts: Parts) -> Result<Self, NoRegistration> {
        Self::new(parts.is_private, parts.storage_key, &parts.scope_url, parts.incarnation)
    }
}

impl From<Registration> for Parts {
    fn from(registration: Registration) -> Self {
        Self {
            is_private: registration.is_private(),
            incarnation: registration.key.incarnation(),
            storage_key: registration.storage_key.into(),
            scope_url: registration.scope_url,
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

/// Why something names no registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoRegistration {
    /// The storage key is no tuple origin.
    StorageKey(NoTupleOrigin),
    /// The scope is not a URL of the storage key's origin.
    Scope(InvalidScope),
    /// It is of a partition, or of a third-party context, that Servo does not have.
    NotServos,
}

impl fmt::Display for NoRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StorageKey(why) => why.fmt(f),
            Self::Scope(why) => why.fmt(f),
            Self::NotServos => f.write_str("Servo has no such partition or storage key"),
        }
    }
}

impl std::error::Error for NoRegistration {}

impl From<NoTupleOrigin> for NoRegistration {
    fn from(why: NoTupleOrigin) -> Self {
        Self::StorageKey(why)
    }
}

impl From<InvalidScope> for NoRegistration {
    fn from(why: InvalidScope) -> Self {
        Self::Scope(why)
    }
}

#[cfg(test)]
mod tests {
    use background_sync::policy::Origin;
    use serde_json::{from_value, json, to_value};
    use servo_base::id::{Index, PipelineNamespaceId, ServiceWorkerId, ServiceWorkerRegistrationId};

    use super::*;

    const SCOPE: &str = "https://chat.example/inbox/";

    fn url(text: &str) -> ServoUrl {
        ServoUrl::parse(text).unwrap()
    }

    fn registration(is_private: bool) -> Registration {
        Registration::new(is_private, url(SCOPE).origin(), &url(SCOPE), Incarnation(7)).unwrap()
    }

    fn info(active_worker: Option<ServiceWorkerId>) -> ServiceWorkerRegistrationInfo {
        let index = Index::new(1).unwrap();
        ServiceWorkerRegistrationInfo {
            id: ServiceWorkerRegistrationId { namespace_id: PipelineNamespaceId(1), index },
            installing_worker: None,
            waiting_worker: None,
            active_worker,
            storage_key: url(SCOPE).origin(),
            scope_url: url(SCOPE),
            script_url: url("https://chat.example/worker.js"),
        }
    }

    #[test]
    fn a_name_goes_there_and_back() {
        for is_private in [false, true] {
            let registration = registration(is_private);
            assert_eq!(Registration::try_from(registration.key()), Ok(registration.clone()));
            assert_eq!(registration.is_private(), is_private);
            let sent = to_value(&registration).unwrap();
            assert_eq!(from_value::<Registration>(sent).unwrap(), registration);
        }
        assert_ne!(registration(false), registration(true));
    }

    #[test]
    fn a_fragment_is_no_part_of_a_scope() {
        let with =
            Registration::new(false, url(SCOPE).origin(), &url(&format!("{SCOPE}#top")), Incarnation(7)).unwrap();
        assert_eq!(with, registration(false));
        assert_eq!(with.scope_url(), &url(SCOPE));
    }

    #[test]
    fn what_servo_describes_has_a_name_and_a_state() {
        assert_eq!(Registration::of(&info(None), false, Incarnation(7)), Ok(registration(false)));
        assert_eq!(worker_state(&info(None)), WorkerState::None);
        let worker = ServiceWorkerId { namespace_id: PipelineNamespaceId(1), index: Index::new(1).unwrap() };
        assert_eq!(worker_state(&info(Some(worker))), WorkerState::Active);
    }

    #[test]
    fn what_names_none_is_refused_also_from_another_process() {
        let new = |storage_key, scope| Registration::new(false, storage_key, &url(scope), Incarnation(7));
        let other = "https://other.example/";
        let opaque = ImmutableOrigin::new_opaque();
        assert_eq!(new(url(SCOPE).origin(), other), Err(NoRegistration::Scope(InvalidScope::OtherOrigin)));
        assert_eq!(new(opaque.clone(), SCOPE), Err(NoRegistration::StorageKey(NoTupleOrigin::Opaque)));

        let sent = to_value(registration(false)).unwrap();
        for (part, lie) in [("scope_url", json!(other)), ("storage_key", to_value(opaque).unwrap())] {
            let mut lying = sent.clone();
            lying[part] = lie;
            assert!(from_value::<Registration>(lying).is_err(), "{part}");
        }
    }

    #[test]
    fn what_servo_does_not_have_is_not_its() {
        let key = |partition, storage_key| RegistrationKey::new(partition, storage_key, SCOPE, Incarnation(7)).unwrap();
        let origin = Origin::parse("https://chat.example").unwrap();
        let first_party = StorageKey::first_party(origin.clone());
        let third_party = StorageKey::third_party(origin, "https://top.example");
        let others = [key(Partition::Profile(PartitionId(1)), first_party), key(partition(false), third_party)];
        for key in others {
            assert_eq!(Registration::try_from(&key), Err(NoRegistration::NotServos), "{key:?}");
        }
    }
}
