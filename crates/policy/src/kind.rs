/// Which of the two APIs a sync was registered with. A tag of one has nothing to do with the same tag of the
/// other: a registration is named by its worker registration, its kind and its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SyncKind {
    /// Fires until it has succeeded once: the event `sync`.
    OneShot,
    /// Fires again and again: the event `periodicsync`.
    Periodic,
}

impl SyncKind {
    /// A short name for people and programs: `one-shot` or `periodic`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneShot => "one-shot",
            Self::Periodic => "periodic",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        assert_eq!([SyncKind::OneShot, SyncKind::Periodic].map(SyncKind::name), ["one-shot", "periodic"]);
    }
}
