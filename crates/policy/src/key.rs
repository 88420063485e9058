use std::{fmt, sync::Arc};

use crate::{Origin, Partition};

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
    /// host's own serialization of that site; it is compared, never parsed.
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

/// The scope URL of a service worker registration. Same origin as its storage key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Scope(Arc<str>);

impl Scope {
    /// A scope URL of `origin`, in its serialized form and without fragment.
    ///
    /// # Errors
    /// [`InvalidScope`] when the text is not a URL of that origin.
    pub fn parse(url: &str, origin: &Origin) -> Result<Self, InvalidScope> {
        let mut url = url::Url::parse(url).map_err(|_| InvalidScope::NotAUrl)?;
        if Origin::of(&url).as_ref() != Ok(origin) {
            return Err(InvalidScope::OtherOrigin);
        }
        url.set_fragment(None);
        Ok(Self(String::from(url).into()))
    }

    /// The serialized URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({})", self.0)
    }
}

/// Why a text is not a scope of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidScope {
    /// The text is not an absolute URL.
    NotAUrl,
    /// The URL is of another origin.
    OtherOrigin,
}

impl fmt::Display for InvalidScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUrl => "the scope is not an absolute URL; resolve it before it gets here",
            Self::OtherOrigin => "the scope is of another origin than its registration",
        })
    }
}

impl std::error::Error for InvalidScope {}

/// Which life of a service worker registration this is.
///
/// Unregistering and registering the same scope again makes another registration, and objects that
/// still point at the old one must not reach the new. The host counts; numbers are never used again
/// for one storage key and scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Incarnation(pub u64);

/// Names one service worker registration: everything a sync registration hangs on.
///
/// Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct RegistrationKey(Arc<Parts>);

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Parts {
    partition: Partition,
    storage_key: StorageKey,
    scope: Scope,
    incarnation: Incarnation,
}

impl RegistrationKey {
    /// Names the registration of `scope` under `storage_key` in `partition`.
    #[must_use]
    pub fn new(partition: Partition, storage_key: StorageKey, scope: Scope, incarnation: Incarnation) -> Self {
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
    fn a_scope_belongs_to_its_origin() {
        let origin = Origin::parse("https://chat.example").unwrap();
        assert_eq!(Scope::parse("https://chat.example/a#b", &origin).unwrap().as_str(), "https://chat.example/a");
        assert_eq!(Scope::parse("https://other.example/", &origin), Err(InvalidScope::OtherOrigin));
        assert_eq!(Scope::parse("/a", &origin), Err(InvalidScope::NotAUrl));
    }
}
