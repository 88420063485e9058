use crate::SyncKind;

/// Something that each kind of sync has its own of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PerKind<T> {
    /// That of one-shot syncs.
    pub one_shot: T,
    /// That of periodic ones.
    pub periodic: T,
}

impl<T> PerKind<T> {
    /// What `of` gives for each kind.
    pub fn from_fn(mut of: impl FnMut(SyncKind) -> T) -> Self {
        Self { one_shot: of(SyncKind::OneShot), periodic: of(SyncKind::Periodic) }
    }

    /// That of a kind.
    #[must_use]
    pub const fn of(&self, kind: SyncKind) -> &T {
        match kind {
            SyncKind::OneShot => &self.one_shot,
            SyncKind::Periodic => &self.periodic,
        }
    }

    /// That of a kind, to change.
    #[must_use]
    pub const fn of_mut(&mut self, kind: SyncKind) -> &mut T {
        match kind {
            SyncKind::OneShot => &mut self.one_shot,
            SyncKind::Periodic => &mut self.periodic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own() {
        let names = PerKind::from_fn(SyncKind::name);
        assert_eq!(SyncKind::ALL.map(|kind| *names.of(kind)), SyncKind::ALL.map(SyncKind::name));
        let mut changed = names;
        *changed.of_mut(SyncKind::Periodic) = "other";
        assert_eq!(changed, PerKind { one_shot: "one-shot", periodic: "other" });
    }
}
