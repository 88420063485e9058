use crate::PermissionState;

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
    /// Both.
    pub const ALL: [Self; 2] = [Self::OneShot, Self::Periodic];

    /// Whether a permission in this state lets a page register, and lets what is registered stay. One-shot syncs go
    /// without being asked for (`sync.permission`); periodic ones have to be granted.
    #[must_use]
    pub const fn is_allowed(self, permission: PermissionState) -> bool {
        match (self, permission) {
            (_, PermissionState::Granted) | (Self::OneShot, PermissionState::Prompt) => true,
            (_, PermissionState::Denied) | (Self::Periodic, PermissionState::Prompt) => false,
        }
    }

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
    fn a_one_shot_sync_need_not_be_asked_for_and_a_periodic_one_has_to() {
        let states = [PermissionState::Granted, PermissionState::Prompt, PermissionState::Denied];
        assert_eq!(states.map(|state| SyncKind::OneShot.is_allowed(state)), [true, true, false]);
        assert_eq!(states.map(|state| SyncKind::Periodic.is_allowed(state)), [true, false, false]);
    }

    #[test]
    fn each_has_a_name_of_its_own() {
        assert_eq!([SyncKind::OneShot, SyncKind::Periodic].map(SyncKind::name), ["one-shot", "periodic"]);
    }
}
