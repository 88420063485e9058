use crate::Wait;

/// State of a sync registration (`sync.def.state`), with what belongs to that state and no other.
///
/// | state | register | fire | fulfilled | rejected | wait over |
/// |---|---|---|---|---|---|
/// | pending | stays, age starts again | firing | - | - | - |
/// | waiting | pending, new series | - | - | - | pending |
/// | firing | re-registered while firing | - | removed | waiting, or removed after the last chance | - |
/// | re-registered while firing | stays | - | pending, new series | pending, new series | - |
///
/// A dash marks what cannot happen; the methods answer with an error or leave the state alone, and a
/// test walks the whole table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationState {
    /// It fires as soon as the scheduler lets it. The initial state.
    Pending {
        /// Spacing: not before this is over. `None` for at once.
        not_before: Option<Wait>,
    },
    /// An attempt failed; it is pending again when the wait is over.
    Waiting {
        /// The back-off (`sync.fire.5.3.2.1`). It lives here, so a timer of an earlier wait cannot end
        /// a later one (invariant I8).
        back_off: Wait,
        /// Whether the host asked for this time. Then no link change ends it early.
        deferred: bool,
    },
    /// Its event is running.
    Firing {
        /// What the event was told; decided once, before it was dispatched.
        last_chance: bool,
    },
    /// Its event is running, and it was registered again meanwhile.
    ReregisteredWhileFiring {
        /// What the running event was told.
        last_chance: bool,
        /// Spacing for the event that follows, counted from the end of this one.
        spacing: std::time::Duration,
    },
}

impl RegistrationState {
    /// Whether an event of it is running.
    #[must_use]
    pub const fn is_firing(&self) -> bool {
        match self {
            Self::Firing { .. } | Self::ReregisteredWhileFiring { .. } => true,
            Self::Pending { .. } | Self::Waiting { .. } => false,
        }
    }

    /// The state without what belongs to it.
    #[must_use]
    pub const fn name(&self) -> StateName {
        match self {
            Self::Pending { .. } => StateName::Pending,
            Self::Waiting { .. } => StateName::Waiting,
            Self::Firing { .. } => StateName::Firing,
            Self::ReregisteredWhileFiring { .. } => StateName::ReregisteredWhileFiring,
        }
    }
}

/// The name of a [`RegistrationState`], for tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StateName {
    /// It fires as soon as the scheduler lets it.
    Pending,
    /// An attempt failed; it is pending again when the wait is over.
    Waiting,
    /// Its event is running.
    Firing,
    /// Its event is running, and it was registered again meanwhile.
    ReregisteredWhileFiring,
    /// A periodic one whose origin is suspended (`periodic.def.state`).
    Suspended,
}

impl StateName {
    /// As the specification spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Firing => "firing",
            Self::ReregisteredWhileFiring => "reregisteredWhileFiring",
            Self::Suspended => "suspended",
        }
    }
}

impl std::fmt::Display for StateName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
