#[cfg(feature = "periodic")]
use background_sync::PeriodicInput;
use background_sync::policy::{Partition, PartitionId, PermissionState, RegistrationKey, SyncKind, UserSwitch};
use background_sync::registration::{Tag, WallTime};
use background_sync::{ClearedScope, Input, RequestId, WorkerState};

/// What an input takes away.
#[derive(Clone, Debug)]
pub(super) struct Removed {
    /// Of one kind, or of both.
    kind: Option<SyncKind>,
    scope: ClearedScope,
    tag: Option<Tag>,
    since: Option<WallTime>,
    everything: bool,
    /// The request, which may be turned down: then nothing is taken away.
    request: Option<RequestId>,
}

impl Removed {
    pub(super) fn by(input: &Input) -> Option<Self> {
        match input {
            Input::Cancel { kind, request, key, tag } => Some(Self::one(*kind, *request, key, tag)),
            #[cfg(feature = "periodic")]
            Input::Periodic(PeriodicInput::Unregister { request, key, tag }) => {
                Some(Self::one(SyncKind::Periodic, *request, key, tag))
            }
            Input::Unregistered { request: _, key } => Some(Self::all_of(None, ClearedScope::Key(key.clone()))),
            Input::PermissionChanged { request: _, kind, partition, origin, state } if !permits(*kind, *state) => {
                Some(Self::all_of(Some(*kind), ClearedScope::Origin(*partition, origin.clone())))
            }
            Input::UserSwitch { request: _, kind, origin: Some((partition, origin)), switch: UserSwitch::Off } => {
                Some(Self::all_of(Some(*kind), ClearedScope::Origin(*partition, origin.clone())))
            }
            Input::UserSwitch { request: _, kind, origin: None, switch: UserSwitch::Off } => {
                let scope = ClearedScope::Partition(Partition::Profile(PartitionId(0)));
                Some(Self { everything: true, ..Self::all_of(Some(*kind), scope) })
            }
            Input::DataCleared { request: _, scope, since } => {
                Some(Self { since: *since, ..Self::all_of(None, scope.clone()) })
            }
            Input::PartitionClosed { request: _, partition } if partition.is_private() => {
                Some(Self::all_of(None, ClearedScope::Partition(*partition)))
            }
            _ => None,
        }
    }

    fn all_of(kind: Option<SyncKind>, scope: ClearedScope) -> Self {
        Self { kind, scope, tag: None, since: None, everything: false, request: None }
    }

    fn one(kind: SyncKind, request: RequestId, key: &RegistrationKey, tag: &Tag) -> Self {
        let all = Self::all_of(Some(kind), ClearedScope::Key(key.clone()));
        Self { tag: Some(tag.clone()), request: Some(request), ..all }
    }

    /// What goes because a host that knows its workers has no such one.
    pub(super) fn by_word_of_workers(input: &Input, known: bool, loaded: bool) -> Vec<Self> {
        let said = match input {
            Input::WorkersKnown { states } if loaded => states.clone(),
            Input::WorkerChanged { key, state } if known => vec![(key.clone(), *state)],
            _ => Vec::new(),
        };
        let gone = said.into_iter().filter(|(_, state)| *state == WorkerState::NoSuchRegistration);
        gone.map(|(key, _)| Self::all_of(None, ClearedScope::Key(key))).collect()
    }

    /// Whether it may be about something in a store (I12).
    pub(super) fn may_be_stored(&self) -> bool {
        let partition = match &self.scope {
            ClearedScope::Partition(partition) | ClearedScope::Origin(partition, _) => *partition,
            ClearedScope::Key(key) => key.partition(),
        };
        self.everything || !partition.is_private()
    }

    pub(super) fn request(&self) -> Option<RequestId> {
        self.request
    }

    /// Whether a registration is taken away, or a call for it that is on its way: what was made at this time.
    pub(super) fn takes(&self, kind: SyncKind, key: &RegistrationKey, tag: &Tag, made: WallTime) -> bool {
        self.concerns(kind, key, tag) && self.since.is_none_or(|since| made >= since)
    }

    /// Whether it is about this tag, whenever it was registered.
    pub(super) fn concerns(&self, kind: SyncKind, key: &RegistrationKey, tag: &Tag) -> bool {
        if self.kind.is_some_and(|only| only != kind) {
            return false;
        }
        let of_scope = match &self.scope {
            ClearedScope::Partition(partition) => key.partition() == *partition,
            ClearedScope::Origin(partition, origin) => key.partition() == *partition && key.origin() == origin,
            ClearedScope::Key(other) => key == other,
        };
        self.everything || (of_scope && self.tag.as_ref().is_none_or(|other| other == tag))
    }
}

/// Whether a permission lets syncs of a kind be: one-shot ones unless it is denied, periodic ones only where it is
/// granted.
pub(super) fn permits(kind: SyncKind, state: PermissionState) -> bool {
    match (kind, state) {
        (SyncKind::OneShot, PermissionState::Prompt) | (_, PermissionState::Granted) => true,
        (SyncKind::Periodic, PermissionState::Prompt) | (_, PermissionState::Denied) => false,
    }
}
