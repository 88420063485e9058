use std::{fmt, sync::Arc};

use crate::{Incarnation, InvalidScope, Origin, Partition, Scope};

/// The storage key of a service worker registration: its origin, and the top-level site it is
/// partitioned by when it was made in a third-party context.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StorageKey {
    origin: Origin,
    partitioned_by: Option<Arc<str>>,
}

impl StorageKey {
    /// The storage key of a registration made in a first-party context.
    #[must_use]
    pub fn first_party(origin: Origin) -> Self {
        Self { origin, partitioned_by: None }
    }

    /// The storage key of a registration made inside another site's page. `top_level_site` is the
    /// host's own serialization of that site: any text will do, as it is compared and never parsed.
    #[must_use]
    pub fn third_party(origin: Origin, top_level_site: &str) -> Self {
        Self { origin, partitioned_by: Some(top_level_site.into()) }
    }

    /// The origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the registration belongs to a third-party context. Such a one is refused.
    #[must_use]
    pub fn is_third_party(&self) -> bool {
        self.partitioned_by.is_some()
    }
}

/// Names one service worker registration: everything a sync registration hangs on.
///
/// Its scope is of the origin of its storage key; there is no way to make or to read one that is not. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Parts"))]
pub struct RegistrationKey(Arc<Parts>);

/// The two counts before what is shared.
const COUNTS: usize = 2 * size_of::<usize>();

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Parts {
    partition: Partition,
    storage_key: StorageKey,
    scope: Scope,
    incarnation: Incarnation,
}

impl RegistrationKey {
    /// Names the registration of the scope URL `scope` under `storage_key` in `partition`.
    ///
    /// # Errors
    /// [`InvalidScope`] when `scope` is not a URL of the storage key's origin.
    pub fn new(
        partition: Partition,
        storage_key: StorageKey,
        scope: &str,
        incarnation: Incarnation,
    ) -> Result<Self, InvalidScope> {
        let scope = Scope::parse(scope, storage_key.origin())?;
        Ok(Self(Arc::new(Parts { partition, storage_key, scope, incarnation })))
    }

    /// Names another life of the same registration.
    #[must_use]
    pub fn with_incarnation(&self, incarnation: Incarnation) -> Self {
        let (partition, storage_key, scope) = (self.partition(), self.storage_key().clone(), self.scope().clone());
        Self(Arc::new(Parts { partition, storage_key, scope, incarnation }))
    }

    /// The storage partition.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.0.partition
    }

    /// The storage key.
    #[must_use]
    pub fn storage_key(&self) -> &StorageKey {
        &self.0.storage_key
    }

    /// The origin, which windows and caps are counted for.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.0.storage_key.origin()
    }

    /// The scope.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// Where it lies in memory: in one place with its clones, and elsewhere than equal keys that were made apart.
    /// A quick way to tell that a key was met before, as long as one of its clones is kept.
    #[must_use]
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// Which life of the registration this is.
    #[must_use]
    pub fn incarnation(&self) -> Incarnation {
        self.0.incarnation
    }

    /// Bytes that it holds on the heap, with its texts. Its clones share them, and so do keys and origins that were made
    /// of its own: whoever has several counts one.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let Parts { partition: _, storage_key, scope, incarnation: _ } = &*self.0;
        let top_level_site = storage_key.partitioned_by.as_deref().map_or(0, str::len);
        let texts = [scope.as_str().len(), storage_key.origin.as_str().len(), top_level_site];
        size_of::<Parts>() + texts.into_iter().sum::<usize>() + 4 * COUNTS
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for RegistrationKey {
    type Error = InvalidScope;

    fn try_from(parts: Parts) -> Result<Self, InvalidScope> {
        if parts.scope.is_of(parts.storage_key.origin()) {
            Ok(Self(Arc::new(parts)))
        } else {
            Err(InvalidScope::OtherOrigin)
        }
    }
}

impl fmt::Debug for RegistrationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} #{}", self.0.partition, self.0.scope, self.0.incarnation.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_scope_of_its_own_origin() {
        let key = |scope| {
            let origin = Origin::parse("https://chat.example").unwrap();
            let partition = Partition::Profile(crate::PartitionId(0));
            RegistrationKey::new(partition, StorageKey::first_party(origin), scope, Incarnation(1))
        };
        let first = key("https://chat.example/").unwrap();
        assert_eq!(key("https://other.example/"), Err(InvalidScope::OtherOrigin));
        let second = first.with_incarnation(Incarnation(2));
        assert_eq!((second.scope(), second.origin()), (first.scope(), first.origin()));
        assert_ne!(second, first);
    }
}
