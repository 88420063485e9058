//! What the stories share: stores with a past, machines that start from them, and hosts that answer late.

use std::collections::BTreeSet;
use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PerKind, PermissionState, RegistrationKey, StorageKey, SyncKind, UserSwitch,
    WindowClients,
};
use background_sync::registration::{
    MonotonicTime, Now, Observed, Sequence, Series, StoredRegistration, StoredState, Tag, WallTime,
};
use background_sync::scheduler::{NetworkState, SyncParameters, ValidParameters};
use background_sync::{
    AskedBy, AttemptId, Input, Loaded, Machine, MemoryStore, NetworkSubject, OriginFacts, Output, RequestId, StoreOp,
    TxnId, WakeToken, WakeUp, WorkerState,
};

use super::{Host, PROFILE, key, origin, secs};

/// No request of `Host::register` has this id.
pub const CANCEL: RequestId = RequestId(900);

/// Both clocks, this many seconds after the start of the story.
pub fn at(seconds: u64) -> Now {
    clocks(seconds, 1_700_000_000 + seconds)
}

/// Clocks that disagree, both in seconds.
pub fn clocks(monotonic: u64, wall: u64) -> Now {
    Now { monotonic: MonotonicTime::from_start(secs(monotonic)), wall: WallTime::from_unix_ms(0).after(secs(wall)) }
}

/// The recommended parameters, changed.
pub fn with(change: impl FnOnce(&mut SyncParameters)) -> ValidParameters {
    let mut parameters = SyncParameters::recommended().into_parameters();
    change(&mut parameters);
    parameters.validated().unwrap()
}

/// A registration nothing happened to yet.
pub fn stored(sequence: u64, tag: &str) -> StoredRegistration {
    StoredRegistration {
        sequence: Sequence(sequence),
        key: key(),
        kind: SyncKind::OneShot,
        tag: Tag::from(tag),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed { wall: at(0).wall, running: Duration::ZERO },
        network: None,
        schedule: None,
    }
}

pub fn store_of(registrations: impl IntoIterator<Item = StoredRegistration>) -> MemoryStore {
    let mut store = MemoryStore::default();
    write(&mut store, registrations.into_iter().map(StoreOp::PutRegistration));
    store
}

pub fn write(store: &mut MemoryStore, ops: impl IntoIterator<Item = StoreOp>) {
    ops.into_iter().for_each(|op| store.apply(op));
}

/// Every commit of the host, as if each one had become durable.
pub fn durable(host: &Host) -> MemoryStore {
    let mut store = MemoryStore::default();
    write(&mut store, host.commits.concat());
    store
}

/// What a host tells that reads this store while one window of the origin is open.
pub fn loaded(store: &MemoryStore, worker: WorkerState) -> Loaded {
    let contents = store.contents();
    let keys: BTreeSet<_> = contents.registrations.iter().map(|registration| registration.key.clone()).collect();
    Loaded {
        registrations: contents.registrations,
        budgets: contents.budgets,
        profile: contents.profile,
        lost: 0,
        worker_states: keys.into_iter().map(|key| (key, worker)).collect(),
        origins: vec![facts_of(WindowClients::new(1, 0))],
    }
}

/// What a host says about the origin of [`key`] when its store was read: nothing is forbidden.
pub fn facts_of(windows: WindowClients) -> OriginFacts {
    let permission = PerKind { one_shot: PermissionState::Prompt, periodic: PermissionState::Granted };
    let switch = PerKind { one_shot: UserSwitch::On, periodic: UserSwitch::On };
    OriginFacts::new(PROFILE, origin(), windows, permission, switch)
}

/// The host has read its own registrations.
pub fn workers_known() -> Input {
    Input::WorkersKnown { states: vec![] }
}

/// A machine as the next session has it, a moment after it read the store.
pub fn reloaded(store: &MemoryStore, now: Now, seed: u8) -> Machine {
    let mut machine = Machine::new(SyncParameters::recommended(), [seed; 32]);
    machine.handle(now, workers_known());
    machine.handle(now, Input::Loaded(loaded(store, WorkerState::Active)));
    machine
}

/// A host whose machine starts from this store.
pub fn host_reloaded(store: &MemoryStore) -> Host {
    let mut host = Host::new();
    host.machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    host.send(workers_known());
    host.send(Input::Loaded(loaded(store, WorkerState::Active)));
    host
}

/// A host without a network, so that what is registered stays pending.
pub fn offline_host() -> Host {
    let mut host = Host::new();
    host.network(NetworkState::Offline);
    host
}

/// The same, where every call is written, also one that only makes a tag younger.
pub fn writing_host() -> Host {
    let mut params = SyncParameters::recommended().into_parameters();
    params.max_age_behind = secs(0);
    let mut host = Host::with(params.validated().unwrap());
    host.network(NetworkState::Offline);
    host
}

/// A page asks for a tag.
pub fn register(request: u64, key: RegistrationKey, tag: &str) -> Input {
    Input::Register {
        request: RequestId(request),
        key,
        tag: Tag::from(tag),
        asked_by: AskedBy::Page,
        facts: Facts::of_an_open_window(),
    }
}

pub fn cancel(tag: &str) -> Input {
    Input::Cancel { kind: SyncKind::OneShot, request: CANCEL, key: key(), tag: Tag::from(tag) }
}

/// The last window of the origin closes.
pub fn last_window_closed() -> Input {
    Input::ClientsChanged { partition: PROFILE, origin: origin(), windows: WindowClients::none() }
}

pub fn all_online() -> Input {
    online(NetworkSubject::All)
}

fn online(subject: NetworkSubject) -> Input {
    Input::NetworkChanged { subject, state: NetworkState::online(), epoch: 1 }
}

fn origin_online(origin: &Origin) -> Input {
    online(NetworkSubject::Origin(origin.clone()))
}

/// A worker is up, on a network.
pub fn ready(attempt: AttemptId, windows: WindowClients) -> Input {
    Input::Ready { attempt, facts: Facts { windows, ..Facts::of_an_open_window() }, network: NetworkState::online() }
}

/// Answers what a machine asks until it asks no more; the network is always there.
pub fn settle(machine: &mut Machine, now: Now, mut answer: impl FnMut(&Output) -> Option<Input>) {
    while let Some(output) = machine.poll_output() {
        let input = match &output {
            Output::AskNetwork { origin } => Some(origin_online(origin)),
            other => answer(other),
        };
        if let Some(input) = input {
            machine.handle(now, input);
        }
    }
}

/// The worker of an attempt is up, with the facts and the network the host has now.
pub fn worker_ready(host: &mut Host, attempt: AttemptId) {
    host.send(Input::Ready { attempt, facts: host.facts, network: host.network.clone() });
}

/// The store, silent so far, says that this commit is durable and answers at once from here on.
pub fn store_answers(host: &mut Host, txn: TxnId) {
    host.commit = true;
    host.send(Input::Committed { txn });
}

/// The same, of the commit it was given last.
pub fn store_answers_last(host: &mut Host) {
    let txn = last_commit(host);
    store_answers(host, txn);
}

pub fn last_commit(host: &Host) -> TxnId {
    last(host, |output| if let Output::Commit { txn, .. } = output { Some(*txn) } else { None })
}

pub fn last_start(host: &Host) -> AttemptId {
    last(host, |output| if let Output::Start { attempt, .. } = output { Some(*attempt) } else { None })
}

pub fn last_question(host: &Host) -> AttemptId {
    last(host, |output| if let Output::AskUser { attempt, .. } = output { Some(*attempt) } else { None })
}

fn last<T>(host: &Host, pick: impl Fn(&Output) -> Option<T>) -> T {
    host.outputs.iter().rev().find_map(pick).unwrap()
}

/// A host in which the network is up, no window is open, and `outbox` was registered before that.
pub fn in_background(parameters: ValidParameters) -> Host {
    let mut host = Host::with(parameters);
    host.network(NetworkState::Offline);
    host.register("outbox");
    host.windows(0);
    host
}

/// A service worker registration of another origin, first in its own scope.
pub fn key_of(partition: Partition, url: &str) -> RegistrationKey {
    let origin = Origin::parse(url).unwrap();
    RegistrationKey::new(partition, StorageKey::first_party(origin), &format!("{url}/"), Incarnation(1)).unwrap()
}

/// The wake-up asked for last, if one is.
pub fn armed(host: &Host) -> Option<WakeUp> {
    let asked = host.outputs.iter().rev().find_map(|output| match output {
        Output::ArmWakeUp(wake_up) => Some(*wake_up),
        _ => None,
    });
    asked.flatten()
}

/// Lets time pass as a system does that wakes the engine `latency` after each wake-up's earliest moment, whatever
/// else was asked for. Gives the number of wake-ups, up to the first event or to the end of `time`.
pub fn wake_ups(host: &mut Host, latency: Duration, time: Duration) -> u32 {
    let (end, mut wakes) = (host.now + time, 0);
    let before = host.events.len();
    while host.now < end && host.events.len() == before {
        let due = armed(host).is_some_and(|wake_up| wake_up.earliest <= host.clock().wall.after(latency));
        host.run(latency);
        if due && host.events.len() == before {
            wakes += 1;
            host.send(Input::Woken { token: WakeToken(u64::from(wakes)), budget: secs(30) });
        }
    }
    wakes
}

/// The cap and `lastChance` of every event that was dispatched.
pub fn caps(host: &Host) -> Vec<(Duration, bool)> {
    let caps = host.outputs.iter().filter_map(|output| match output {
        Output::Dispatch { cap, event, .. } => Some((*cap, event.last_chance)),
        _ => None,
    });
    caps.collect()
}

/// Whether an event was asked to end.
pub fn terminated(host: &Host) -> bool {
    host.outputs.iter().any(|output| matches!(output, Output::Terminate { .. }))
}
