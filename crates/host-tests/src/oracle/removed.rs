use background_sync::policy::{Partition, PartitionId, PermissionState, RegistrationKey, SyncKind, UserSwitch};
use background_sync::registration::{Tag, WallTime};
use background_sync::{ClearedScope, Input, RequestId, WorkerState};

/// What an input takes away.
#[derive(Clone, Debug)]
pub(super) struct Removed {
    scope: ClearedScope,
    tag: Option<Tag>,
    since: Option<WallTime>,
    everything: bool,
    /// The request, which may be turned down: then nothing is taken away.
    request: Option<RequestId>,
}

impl Removed {
    pub(super) fn by(input: &Input) -> Option<Self> {
        let all_of = |scope| Some(Self { scope, tag: None, since: None, everything: false, request: None });
        match input {
            Input::Cancel { kind: SyncKind::OneShot, request, key, tag } => {
                let scope = ClearedScope::Key(key.clone());
                Some(Self { scope, tag: Some(tag.clone()), since: None, everything: false, request: Some(*request) })
            }
            Input::Unregistered { request: _, key } => all_of(ClearedScope::Key(key.clone())),
            Input::PermissionChanged {
                request: _,
                kind: SyncKind::OneShot,
                partition,
                origin,
                state: PermissionState::Denied,
            }
            | Input::UserSwitch {
                request: _,
                kind: SyncKind::OneShot,
                origin: Some((partition, origin)),
                switch: UserSwitch::Off,
            } => all_of(ClearedScope::Origin(*partition, origin.clone())),
            Input::UserSwitch { request: _, kind: SyncKind::OneShot, origin: None, switch: UserSwitch::Off } => {
                let scope = ClearedScope::Partition(Partition::Profile(PartitionId(0)));
                Some(Self { scope, tag: None, since: None, everything: true, request: None })
            }
            Input::DataCleared { request: _, scope, since } => {
                Some(Self { scope: scope.clone(), tag: None, since: *since, everything: false, request: None })
            }
            Input::PartitionClosed { request: _, partition } if partition.is_private() => {
                all_of(ClearedScope::Partition(*partition))
            }
            _ => None,
        }
    }

    /// What goes because a host that knows its workers has no such one.
    pub(super) fn by_word_of_workers(input: &Input, known: bool, loaded: bool) -> Vec<Self> {
        let said = match input {
            Input::WorkersKnown { states } if loaded => states.clone(),
            Input::WorkerChanged { key, state } if known => vec![(key.clone(), *state)],
            _ => Vec::new(),
        };
        let gone = said.into_iter().filter(|(_, state)| *state == WorkerState::NoSuchRegistration);
        let all_of =
            |key| Self { scope: ClearedScope::Key(key), tag: None, since: None, everything: false, request: None };
        gone.map(|(key, _)| all_of(key)).collect()
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
    pub(super) fn takes(&self, key: &RegistrationKey, tag: &Tag, made: WallTime) -> bool {
        self.concerns(key, tag) && self.since.is_none_or(|since| made >= since)
    }

    /// Whether it is about this tag, whenever it was registered.
    pub(super) fn concerns(&self, key: &RegistrationKey, tag: &Tag) -> bool {
        let of_scope = match &self.scope {
            ClearedScope::Partition(partition) => key.partition() == *partition,
            ClearedScope::Origin(partition, origin) => key.partition() == *partition && key.origin() == origin,
            ClearedScope::Key(other) => key == other,
        };
        self.everything || (of_scope && self.tag.as_ref().is_none_or(|other| other == tag))
    }
}
