/// How many fully active window clients of an origin a partition has, by frame type. Frames inside other documents are
/// not counted, as they never satisfy the window rule.
///
/// Fully active means: shown or in a background tab, but neither in the back/forward cache nor
/// prerendering. That is stricter than the specification's client list, which does not exclude those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct WindowClients {
    /// Windows that the user sees as tabs.
    pub top_level: u32,
    /// Windows opened by script, with an opener.
    pub auxiliary: u32,
}

impl WindowClients {
    /// So many tabs, and so many windows opened by script.
    #[must_use]
    pub const fn new(top_level: u32, auxiliary: u32) -> Self {
        Self { top_level, auxiliary }
    }

    /// No window at all.
    #[must_use]
    pub const fn none() -> Self {
        Self::new(0, 0)
    }

    /// Whether the origin has neither a top-level nor an auxiliary window: what the specification
    /// calls being in the background (`sync.def.background`). A periodic sync counts frames too there
    /// (`periodic.def.background`); nothing here depends on that, as its events are paid for either way.
    #[must_use]
    pub const fn in_background(self) -> bool {
        self.top_level == 0 && self.auxiliary == 0
    }
}

/// What a host says about a service worker registration and its worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum WorkerState {
    /// The host has not read its own registrations yet, so that it cannot tell. Holds the key's syncs; a call is refused
    /// as one to be made again, so a host that can holds it back until it knows.
    NotLoaded,
    /// There is no such service worker registration (any more). Its syncs are removed.
    NoSuchRegistration,
    /// The registration has an installing or a waiting worker at most. Holds its syncs.
    None,
    /// The active worker is still handling its `activate` event. It counts as active; its events wait.
    Activating,
    /// The active worker is activated.
    Active,
}

/// State of the `background-sync` permission, as the host's permission store has it. Nobody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PermissionState {
    /// Allowed.
    Granted,
    /// Not decided. For one-shot sync this is fine (`sync.permission`: the default state).
    Prompt,
    /// Refused.
    Denied,
}

/// The user's switch for background sync, for everything or for one origin (`sync.privacy.permission`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum UserSwitch {
    /// Background sync may be used. The default a host should start with.
    On,
    /// The user switched it off.
    Off,
}

/// What the operating system allows: background work can be restricted by it for a while, by a battery saver
/// or by the user in its settings.
///
/// Like the user's switch it refuses new syncs; unlike it, it takes none away: what is registered waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum SystemRestriction {
    /// Background work is allowed. What a host says that cannot tell.
    None,
    /// The system keeps the engine from working in the background.
    Restricted,
}

/// All that a decision about one request needs to know, at one moment.
///
/// There is no `Default`, and it is not `non_exhaustive`: a host that forgets a fact must notice, one that is added
/// later too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Facts {
    /// Whether the calling environment is a secure context (`sync.secure`). For `http` origins of other machines the
    /// answer is no, whatever is said here; for schemes of the engine's own its word counts.
    pub secure_context: bool,
    /// Whether the calling environment is inside a fenced frame.
    pub fenced: bool,
    /// The worker of the service worker registration in question.
    pub worker: WorkerState,
    /// The fully active windows of the registration's origin in its partition.
    pub windows: WindowClients,
    /// The permission.
    pub permission: PermissionState,
    /// The user's switch, the origin's own and the general one taken together.
    pub switch: UserSwitch,
    /// What the operating system allows.
    pub restriction: SystemRestriction,
}

impl Facts {
    /// The facts of the ordinary case, useful in examples and tests: one visible window, a secure
    /// context, an active worker, a permission nobody decided on.
    #[must_use]
    pub const fn of_an_open_window() -> Self {
        Self {
            secure_context: true,
            fenced: false,
            worker: WorkerState::Active,
            windows: WindowClients::new(1, 0),
            permission: PermissionState::Prompt,
            switch: UserSwitch::On,
            restriction: SystemRestriction::None,
        }
    }
}
