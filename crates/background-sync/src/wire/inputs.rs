use std::time::Duration;

use background_sync_policy::{
    Facts, PerKind, PermissionState, SyncKind, SystemRestriction, UserSwitch, WindowClients, WorkerState,
};
use background_sync_scheduler::{AskedBy, ConditionOverride, PowerState};

use super::samples::{PRIVATE, PROFILE, WALLS, budget, key, keys, networks, origin, profile, registrations, tags};
use super::{come_back, every_variant_is_among};
use crate::{
    AttemptId, ClearedScope, Input, Loaded, NetworkSubject, NotStarted, OriginFacts, Outcome, RequestId, TxnId,
    WakeToken,
};

const REQUEST: RequestId = RequestId(u64::MAX);
const ATTEMPT: AttemptId = AttemptId(u64::MAX);
const TXN: TxnId = TxnId(u64::MAX);
const STATES: [WorkerState; 5] = [
    WorkerState::NotLoaded,
    WorkerState::NoSuchRegistration,
    WorkerState::None,
    WorkerState::Activating,
    WorkerState::Active,
];
const PERMISSIONS: [PermissionState; 3] = [PermissionState::Granted, PermissionState::Prompt, PermissionState::Denied];

#[test]
fn every_input_comes_back() {
    let inputs = [of_the_store(), of_calls(), of_attempts(), of_the_world(), of_removals(), of_the_system()].concat();
    #[cfg(feature = "periodic")]
    let inputs = [inputs, super::periodic::inputs().into_iter().map(Input::Periodic).collect()].concat();
    every_variant_is_among!(
        inputs,
        Input {
            Rows,
            Loaded,
            LoadFailed,
            Register,
            GetTags,
            Cancel,
            #[cfg(feature = "periodic")]
            Periodic,
            ReplyDelivered,
            RequesterGone,
            Ready,
            NotStarted,
            Finished,
            Committed,
            CommitFailed,
            ContentsLost,
            NetworkChanged,
            ClientsChanged,
            PermissionChanged,
            UserSwitch,
            RestrictionChanged,
            PowerChanged,
            ConditionOverride,
            WorkersKnown,
            WorkerChanged,
            Unregistered,
            DataCleared,
            PartitionClosed,
            Answered,
            Slept,
            Woke,
            Frozen,
            Thawed,
            Woken,
            Tick,
            Shutdown,
        }
    );
    come_back(&inputs);
}

fn of_the_store() -> Vec<Input> {
    let facts_of = |permission, switch| {
        let (permission, switch) = (PerKind::from_fn(|_| permission), PerKind::from_fn(|_| switch));
        OriginFacts::new(PROFILE, origin(), WindowClients::new(u32::MAX, 1), permission, switch)
    };
    let loaded = Loaded {
        registrations: registrations(),
        budgets: vec![budget()],
        profile: Some(profile()),
        lost: u64::MAX,
        worker_states: STATES.map(|state| (key(), state)).to_vec(),
        origins: PERMISSIONS.map(|permission| facts_of(permission, UserSwitch::Off)).to_vec(),
    };
    vec![
        Input::Rows { registrations: registrations() },
        Input::Loaded(Loaded::default()),
        Input::Loaded(loaded),
        Input::LoadFailed,
        Input::Committed { txn: TXN },
        Input::CommitFailed { txn: TXN },
        Input::ContentsLost { txn: TXN },
        Input::WorkersKnown { states: keys().into_iter().zip(STATES).collect() },
    ]
}

fn of_calls() -> Vec<Input> {
    let facts = Facts {
        secure_context: false,
        fenced: true,
        worker: WorkerState::NotLoaded,
        windows: WindowClients::none(),
        permission: PermissionState::Denied,
        switch: UserSwitch::Off,
        restriction: SystemRestriction::Restricted,
    };
    let mut inputs = vec![Input::ReplyDelivered { request: REQUEST }, Input::RequesterGone { request: REQUEST }];
    for (key, kind) in keys().into_iter().flat_map(|key| SyncKind::ALL.map(|kind| (key.clone(), kind))) {
        inputs.push(Input::GetTags { request: REQUEST, key: key.clone(), kind });
        for tag in tags() {
            inputs.push(Input::Cancel { request: RequestId(0), key: key.clone(), kind, tag: tag.clone() });
            for (asked_by, facts) in [(AskedBy::Page, facts), (AskedBy::Worker, Facts::of_an_open_window())] {
                inputs.push(Input::Register { request: REQUEST, key: key.clone(), tag: tag.clone(), asked_by, facts });
            }
        }
    }
    inputs
}

fn of_attempts() -> Vec<Input> {
    let reasons = [NotStarted::NoActiveWorker, NotStarted::StartFailed, NotStarted::Busy, NotStarted::Lost];
    let outcomes = [
        Outcome::Fulfilled,
        Outcome::Rejected,
        Outcome::Terminated,
        Outcome::Crashed,
        Outcome::Deferred(Duration::MAX),
    ];
    let facts = Facts::of_an_open_window();
    let ready = networks().into_iter().map(|network| Input::Ready { attempt: ATTEMPT, facts, network });
    let not_started = reasons.map(|reason| Input::NotStarted { attempt: ATTEMPT, reason });
    let finished = outcomes.map(|outcome| Input::Finished { attempt: ATTEMPT, outcome });
    let answered = Input::Answered { attempt: ATTEMPT, yes: true };
    ready.chain(not_started).chain(finished).chain([answered]).collect()
}

fn of_the_world() -> Vec<Input> {
    let subjects = [NetworkSubject::All, NetworkSubject::Origin(origin())];
    let changed = |subject: NetworkSubject| {
        networks().into_iter().map(move |state| Input::NetworkChanged {
            subject: subject.clone(),
            state,
            epoch: u64::MAX,
        })
    };
    let restrictions = [SystemRestriction::None, SystemRestriction::Restricted];
    let windows = WindowClients::new(0, u32::MAX);
    let clients = Input::ClientsChanged { partition: PRIVATE, origin: origin(), windows };
    let restrictions = restrictions.map(|restriction| Input::RestrictionChanged { restriction });
    let workers = STATES.map(|state| Input::WorkerChanged { key: key(), state });
    let others = [clients].into_iter().chain(restrictions).chain(workers).chain(of_conditions());
    subjects.into_iter().flat_map(changed).chain(others).collect()
}

fn of_conditions() -> Vec<Input> {
    let known = [None, Some(false), Some(true)];
    let states = known.map(|charging| known.map(|battery_low| PowerState { charging, battery_low }));
    let mut inputs: Vec<_> = states.into_iter().flatten().map(|state| Input::PowerChanged { state }).collect();
    for (kind, origin) in SyncKind::ALL.into_iter().zip([None, Some((PRIVATE, origin()))]) {
        for said in [ConditionOverride::None, ConditionOverride::RunAnyway] {
            inputs.push(Input::ConditionOverride { origin: origin.clone(), kind, said });
        }
    }
    inputs
}

fn of_removals() -> Vec<Input> {
    let scopes = [ClearedScope::Partition(PROFILE), ClearedScope::Origin(PRIVATE, origin()), ClearedScope::Key(key())];
    let mut inputs = Vec::new();
    for request in [None, Some(REQUEST)] {
        inputs.push(Input::Unregistered { request, key: key() });
        inputs.push(Input::PartitionClosed { partition: PRIVATE, request });
        for kind in SyncKind::ALL {
            inputs.push(Input::UserSwitch { request, origin: None, kind, switch: UserSwitch::On });
            let origin_of = Some((PROFILE, origin()));
            inputs.push(Input::UserSwitch { request, origin: origin_of, kind, switch: UserSwitch::Off });
            inputs.extend(PERMISSIONS.map(|state| Input::PermissionChanged {
                request,
                partition: PROFILE,
                origin: origin(),
                kind,
                state,
            }));
        }
        for since in WALLS.map(Some).into_iter().chain([None]) {
            inputs.extend(scopes.clone().map(|scope| Input::DataCleared { request, scope, since }));
        }
    }
    inputs
}

fn of_the_system() -> Vec<Input> {
    let woken = Input::Woken { token: WakeToken(u64::MAX), budget: Duration::MAX };
    vec![Input::Slept, Input::Woke, Input::Frozen, Input::Thawed, woken, Input::Tick, Input::Shutdown]
}
