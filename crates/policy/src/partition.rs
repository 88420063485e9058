/// The number the host gave a storage partition. Unique among partitions of one profile and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PartitionId(pub u64);

/// The storage partition a registration lives in.
///
/// Whether it is private is part of its identity, so that no code path can forget to ask: the store
/// never sees an operation of a [`Partition::Private`] one (invariant I12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Partition {
    /// A partition of the user's profile. Its registrations are durable.
    Profile(PartitionId),
    /// A private browsing partition. Everything about it is forgotten when it is closed.
    Private(PartitionId),
}

impl Partition {
    /// Whether this is a private browsing partition.
    #[must_use]
    pub fn is_private(self) -> bool {
        match self {
            Self::Profile(_) => false,
            Self::Private(_) => true,
        }
    }
}
