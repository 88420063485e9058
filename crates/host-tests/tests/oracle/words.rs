//! The words that stories are told in.

use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, RegistrationKey, StorageKey, SyncKind,
};
use background_sync::registration::{
    MonotonicTime, Now, Observed, Sequence, Series, StoredRegistration, StoredState, Tag, WallTime,
};
use background_sync::scheduler::{NetworkId, NetworkState, StoredBudget, SyncParameters, ValidParameters};
use background_sync::{
    AskedBy, AttemptId, Input, NetworkSubject, Outcome, Output, Reply, RequestId, StoreOp, SyncEventInit, TxnId,
    WakeToken, WakeUp,
};
use background_sync_host_tests::{Broken, Oracle};

pub(crate) type Story = Vec<(u64, Input, Vec<Output>)>;

pub(crate) fn key(partition: Partition) -> RegistrationKey {
    let origin = origin();
    RegistrationKey::new(partition, StorageKey::first_party(origin), "https://a.example/", Incarnation(1))
        .expect("a scope")
}

pub(crate) fn origin() -> Origin {
    Origin::parse("https://a.example").expect("a URL")
}

pub(crate) fn profile() -> RegistrationKey {
    key(Partition::Profile(PartitionId(0)))
}

pub(crate) fn at(seconds: u64) -> Now {
    let time = Duration::from_secs(seconds);
    Now { monotonic: MonotonicTime::from_start(time), wall: WallTime::from_unix_ms(0).after(time) }
}

pub(crate) fn stored(key: RegistrationKey, state: StoredState) -> StoredRegistration {
    StoredRegistration {
        sequence: Sequence(1),
        key,
        kind: SyncKind::OneShot,
        tag: Tag::from("outbox"),
        state,
        series: Series::default(),
        registered: Observed::default(),
        network: None,
        schedule: None,
    }
}

pub(crate) fn put_stored(txn: u64, stored: StoredRegistration) -> Output {
    Output::Commit { txn: TxnId(txn), ops: vec![StoreOp::PutRegistration(stored)] }
}

pub(crate) fn put(txn: u64, state: StoredState) -> Output {
    put_stored(txn, stored(profile(), state))
}

/// The same for another tag, with another number.
pub(crate) fn put_tag(txn: u64, sequence: u64, tag: &str, state: StoredState) -> Output {
    put_stored(
        txn,
        StoredRegistration { sequence: Sequence(sequence), tag: Tag::from(tag), ..stored(profile(), state) },
    )
}

pub(crate) fn put_budget(txn: u64, starts: u32, seconds: u64) -> Output {
    let entries = vec![(at(0).wall, starts, Duration::from_secs(seconds))];
    let budget = StoredBudget::new(profile().partition(), origin(), entries);
    Output::Commit { txn: TxnId(txn), ops: vec![StoreOp::PutBudget(budget)] }
}

pub(crate) fn committed(txn: u64) -> Input {
    Input::Committed { txn: TxnId(txn) }
}

pub(crate) fn named(name: &str) -> NetworkState {
    NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) }
}

pub(crate) fn network(state: NetworkState, epoch: u64) -> Input {
    Input::NetworkChanged { subject: NetworkSubject::All, state, epoch }
}

pub(crate) fn own_network(epoch: u64) -> Input {
    let subject = NetworkSubject::Origin(origin());
    Input::NetworkChanged { subject, state: NetworkState::online(), epoch }
}

pub(crate) fn ask_network() -> Output {
    Output::AskNetwork { origin: origin() }
}

pub(crate) fn register_tag(request: u64, tag: &str, facts: Facts) -> Input {
    let (request, tag) = (RequestId(request), Tag::from(tag));
    Input::Register { request, key: profile(), tag, asked_by: AskedBy::Page, facts }
}

pub(crate) fn register(request: u64, facts: Facts) -> Input {
    register_tag(request, "outbox", facts)
}

pub(crate) fn resolved(request: u64) -> Output {
    Output::Reply { request: RequestId(request), reply: Reply::Registered(Ok(())) }
}

pub(crate) fn delivered(request: u64) -> Input {
    Input::ReplyDelivered { request: RequestId(request) }
}

pub(crate) fn start(attempt: u64) -> Output {
    Output::Start { attempt: AttemptId(attempt), key: profile(), kind: SyncKind::OneShot }
}

pub(crate) fn ready(attempt: u64, facts: Facts) -> Input {
    Input::Ready { attempt: AttemptId(attempt), facts, network: NetworkState::online() }
}

pub(crate) fn dispatch_tag(attempt: u64, tag: &str, last_chance: bool) -> Output {
    let event = SyncEventInit::new(SyncKind::OneShot, Tag::from(tag), last_chance);
    let cap = Duration::from_secs(if last_chance { 60 } else { 180 });
    Output::Dispatch { attempt: AttemptId(attempt), event, cap, background: false }
}

pub(crate) fn dispatch(attempt: u64, last_chance: bool) -> Output {
    dispatch_tag(attempt, "outbox", last_chance)
}

pub(crate) fn finished(attempt: u64, outcome: Outcome) -> Input {
    Input::Finished { attempt: AttemptId(attempt), outcome }
}

pub(crate) fn tags(request: u64) -> Input {
    Input::GetTags { kind: SyncKind::OneShot, request: RequestId(request), key: profile() }
}

pub(crate) fn listed(request: u64, tags: &[&str]) -> Output {
    let tags = tags.iter().map(|tag| Tag::from(*tag)).collect();
    Output::Reply { request: RequestId(request), reply: Reply::Tags(Ok(tags)) }
}

/// A wake-up asked for at this second.
pub(crate) fn arm(seconds: u64) -> Output {
    let earliest = at(seconds).wall;
    let latest = earliest.after(Duration::from_secs(900));
    Output::ArmWakeUp(Some(WakeUp::new(earliest, latest, true, false)))
}

pub(crate) fn woken(token: u64) -> Input {
    Input::Woken { token: WakeToken(token), budget: Duration::from_secs(30) }
}

pub(crate) fn wake_done(token: u64) -> Output {
    Output::WakeDone { token: WakeToken(token) }
}

pub(crate) const KEEP: Output = Output::KeepAlive(true);
pub(crate) const LET_GO: Output = Output::KeepAlive(false);

/// A registration is made, durable and acknowledged, and its event is dispatched at 2 s.
pub(crate) fn good(last_chance: bool) -> Story {
    let open = Facts::of_an_open_window();
    vec![
        (0, Input::Loaded(background_sync::Loaded::default()), vec![]),
        (0, network(NetworkState::online(), 1), vec![]),
        (0, register(1, open), vec![put(0, StoredState::Pending(None)), KEEP]),
        (0, committed(0), vec![resolved(1), arm(900), LET_GO]),
        (0, delivered(1), vec![ask_network()]),
        (0, own_network(2), vec![start(1), put(1, StoredState::Firing(last_chance)), KEEP]),
        (1, ready(1, open), vec![]),
        (2, committed(1), vec![dispatch(1, last_chance)]),
    ]
}

/// The good story up to some line, and then something else.
pub(crate) fn but(lines: usize, rest: Story) -> Story {
    let mut story = good(false);
    story.truncate(lines);
    story.extend(rest);
    story
}

pub(crate) fn tell_with(parameters: ValidParameters, story: &Story) -> Result<(), Broken> {
    let mut oracle = Oracle::new(parameters);
    story.iter().try_for_each(|(seconds, input, outputs)| oracle.observe(at(*seconds), input, outputs))
}

pub(crate) fn tell(story: &Story) -> Result<(), Broken> {
    tell_with(SyncParameters::recommended(), story)
}

/// Parameters that differ from the recommended ones.
pub(crate) fn parameters(change: impl FnOnce(&mut SyncParameters)) -> ValidParameters {
    let mut parameters = SyncParameters::recommended().into_parameters();
    change(&mut parameters);
    parameters.validated().expect("they make sense")
}

/// The story breaks this rule, and is caught for it.
pub(crate) fn caught(invariant: &str, what: &str, told: Result<(), Broken>) {
    match told {
        Err(Broken { invariant: found, what: said }) => assert_eq!(found, invariant, "{what}: {said}"),
        other => panic!("{what}: {other:?}"),
    }
}
