//! The oracle notices: each story is told by hand, breaks one rule, and is caught for that one.

use std::time::Duration;

use background_sync::policy::{
    Facts, Incarnation, Origin, Partition, PartitionId, RegistrationKey, Scope, StorageKey, WindowClients,
};
use background_sync::registration::{
    MonotonicTime, Now, Observed, Sequence, Series, StoredRegistration, StoredState, Tag, WallTime,
};
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{
    AskedBy, AttemptId, Input, Loaded, NetworkSubject, Outcome, Output, Reply, RequestId, StoreOp, SyncEventInit, TxnId,
};
use background_sync_simulator::oracle::Oracle;
use background_sync_simulator::world::Trouble;

fn key(partition: Partition) -> RegistrationKey {
    let origin = Origin::parse("https://a.example").expect("a URL");
    let scope = Scope::parse("https://a.example/", &origin).expect("a scope");
    RegistrationKey::new(partition, StorageKey::first_party(origin), scope, Incarnation(1))
}

fn profile() -> RegistrationKey {
    key(Partition::Profile(PartitionId(0)))
}

fn at(seconds: u64) -> Now {
    let time = Duration::from_secs(seconds);
    Now { monotonic: MonotonicTime::from_start(time), wall: WallTime::from_unix_ms(0).after(time) }
}

fn stored(key: RegistrationKey, state: StoredState) -> StoredRegistration {
    StoredRegistration {
        sequence: Sequence(1),
        key,
        tag: Tag::from("outbox"),
        state,
        series: Series::default(),
        registered: Observed::default(),
        network: None,
    }
}

fn put(txn: u64, state: StoredState) -> Output {
    Output::Commit { txn: TxnId(txn), ops: vec![StoreOp::PutRegistration(stored(profile(), state))] }
}

fn committed(txn: u64) -> Input {
    Input::Committed { txn: TxnId(txn) }
}

fn network(state: NetworkState, epoch: u64) -> Input {
    Input::NetworkChanged { subject: NetworkSubject::All, state, epoch }
}

fn register(request: u64, facts: Facts) -> Input {
    let (request, tag) = (RequestId(request), Tag::from("outbox"));
    Input::Register { request, key: profile(), tag, asked_by: AskedBy::Page, facts }
}

fn resolved(request: u64) -> Output {
    Output::Reply { request: RequestId(request), reply: Reply::Registered(Ok(())) }
}

fn delivered(request: u64) -> Input {
    Input::ReplyDelivered { request: RequestId(request) }
}

fn start(attempt: u64) -> Output {
    Output::Start { attempt: AttemptId(attempt), key: profile() }
}

fn ready(attempt: u64) -> Input {
    let facts = Facts::of_an_open_window();
    Input::Ready { attempt: AttemptId(attempt), facts, network: NetworkState::online() }
}

fn dispatch(attempt: u64, last_chance: bool) -> Output {
    let event = SyncEventInit { tag: Tag::from("outbox"), last_chance };
    Output::Dispatch { attempt: AttemptId(attempt), event, cap: Duration::from_secs(60), background: false }
}

fn finished(attempt: u64, outcome: Outcome) -> Input {
    Input::Finished { attempt: AttemptId(attempt), outcome }
}

fn tags(request: u64) -> Input {
    Input::GetTags { request: RequestId(request), key: profile() }
}

fn listed(request: u64, tags: &[&str]) -> Output {
    let tags = tags.iter().map(|tag| Tag::from(*tag)).collect();
    Output::Reply { request: RequestId(request), reply: Reply::Tags(Ok(tags)) }
}

type Story = Vec<(u64, Input, Vec<Output>)>;

/// A registration is made, durable and acknowledged, and its event is dispatched at 2 s.
fn good(last_chance: bool) -> Story {
    vec![
        (0, Input::Loaded(Loaded::default()), vec![]),
        (0, network(NetworkState::online(), 1), vec![]),
        (0, register(1, Facts::of_an_open_window()), vec![put(0, StoredState::Pending(None))]),
        (0, committed(0), vec![resolved(1)]),
        (0, delivered(1), vec![start(1), put(1, StoredState::Firing(last_chance))]),
        (1, ready(1), vec![]),
        (2, committed(1), vec![dispatch(1, last_chance)]),
    ]
}

fn tell(story: &Story) -> Result<(), Trouble> {
    let mut oracle = Oracle::new(SyncParameters::recommended());
    story.iter().try_for_each(|(seconds, input, outputs)| oracle.observe(at(*seconds), input, outputs))
}

/// The good story up to some line, and then something else.
fn but(lines: usize, rest: Story) -> Story {
    let mut story = good(false);
    story.truncate(lines);
    story.extend(rest);
    story
}

#[test]
fn a_good_story_is_believed() {
    let mut story = good(false);
    story.push((3, finished(1, Outcome::Fulfilled), vec![]));
    story.push((3, tags(2), vec![listed(2, &[])]));
    assert_eq!(tell(&story), Ok(()));
}

#[test]
fn every_broken_rule_is_noticed() {
    let no_window = Facts { windows: WindowClients::none(), ..Facts::of_an_open_window() };
    let private = stored(key(Partition::Private(PartitionId(0))), StoredState::Pending(None));
    let private = Output::Commit { txn: TxnId(0), ops: vec![StoreOp::PutRegistration(private)] };
    let stories = [
        ("I1", "registered without a window", but(2, vec![(0, register(1, no_window), vec![resolved(1)])])),
        (
            "I2",
            "two events of a tag at once",
            but(7, vec![(3, Input::Tick, vec![start(2)]), (3, ready(2), vec![dispatch(2, false)])]),
        ),
        (
            "I3",
            "acknowledged before it is durable",
            but(2, vec![(0, register(1, Facts::of_an_open_window()), vec![resolved(1)])]),
        ),
        (
            "I3",
            "the event before the promise",
            but(
                4,
                vec![
                    (0, Input::Tick, vec![start(1), put(1, StoredState::Firing(false))]),
                    (0, ready(1), vec![]),
                    (0, committed(1), vec![dispatch(1, false)]),
                ],
            ),
        ),
        (
            "I4",
            "the link is gone",
            but(6, vec![(2, network(NetworkState::Offline, 2), vec![]), (2, committed(1), vec![dispatch(1, false)])]),
        ),
        (
            "I4",
            "a portal is no network",
            but(6, vec![(2, network(NetworkState::Captive, 2), vec![]), (2, committed(1), vec![dispatch(1, false)])]),
        ),
        ("I5", "the attempt is not durable", but(5, vec![(1, ready(1), vec![dispatch(1, false)])])),
        ("I5", "it says something else than what is durable", but(6, vec![(2, committed(1), vec![dispatch(1, true)])])),
        ("I5", "two commits in flight", but(5, vec![(1, Input::Tick, vec![put(2, StoredState::Pending(None))])])),
        ("I7", "two replies", but(4, vec![(0, Input::Tick, vec![resolved(1)])])),
        ("I7", "dispatched out of nowhere", but(4, vec![(0, Input::Tick, vec![dispatch(9, false)])])),
        (
            "I7",
            "dispatched and abandoned",
            but(7, vec![(3, Input::Tick, vec![Output::Abandon { attempt: AttemptId(1) }])]),
        ),
        (
            "I10",
            "a fourth start of one origin",
            but(4, vec![(0, Input::Tick, vec![start(1), start(2), start(3), start(4)])]),
        ),
        ("I12", "a private tag in the store", but(2, vec![(0, Input::Tick, vec![private])])),
        ("cap", "an event without an end", but(7, vec![(600, Input::Tick, vec![])])),
        ("getTags", "what was promised is missing", but(4, vec![(0, tags(2), vec![listed(2, &[])])])),
        ("getTags", "what nobody registered is there", but(4, vec![(0, tags(2), vec![listed(2, &["outbox", "x"])])])),
    ];
    for (invariant, what, story) in stories {
        match tell(&story) {
            Err(Trouble::Broken { invariant: found, what: said }) => assert_eq!(found, invariant, "{what}: {said}"),
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[test]
fn nothing_follows_a_last_chance() {
    let mut story = good(true);
    story.push((3, finished(1, Outcome::Rejected), vec![]));
    story.push((9, Input::Tick, vec![start(2), put(2, StoredState::Firing(false))]));
    story.push((9, ready(2), vec![]));
    story.push((9, committed(2), vec![dispatch(2, false)]));
    let trouble = tell(&story).expect_err("it was told that nothing follows");
    assert_eq!(trouble.kind(), "I1", "by then it is not even registered: {trouble}");
}

#[test]
fn a_crash_must_not_lose_what_was_acknowledged() {
    let mut oracle = Oracle::new(SyncParameters::recommended());
    for (seconds, input, outputs) in &good(false)[..5] {
        oracle.observe(at(*seconds), input, outputs).expect("a good story");
    }
    let kept = stored(profile(), StoredState::Pending(None));
    assert_eq!(oracle.clone().process_died(std::slice::from_ref(&kept)), Ok(()));
    let twice = [kept.clone(), StoredRegistration { sequence: Sequence(2), ..kept }];
    assert_eq!(oracle.clone().process_died(&twice).expect_err("two of it").kind(), "I3");
    assert_eq!(oracle.process_died(&[]).expect_err("none of it").kind(), "I3");
}

#[test]
fn a_request_that_nobody_answers_is_missed() {
    use background_sync_simulator::runner::run;
    use background_sync_simulator::timeline::Timeline;
    let mut oracle = Oracle::new(SyncParameters::recommended());
    for (seconds, input, outputs) in &good(false)[..3] {
        oracle.observe(at(*seconds), input, outputs).expect("a good story");
    }
    let machine = background_sync::Machine::new(SyncParameters::recommended(), 1);
    assert_eq!(oracle.check_end(&machine).expect_err("request 1 waits").kind(), "I7");

    // A commit that is held holds its reply, and nobody is to blame.
    let held = "title = \"t\"\n[[worker]]\nname = \"a\"\nscope = \"https://a.example/\"\n\
        [[step]]\nstore = \"holds\"\nregister = { worker = \"a\", tag = \"x\", top_level = 1, id = \"r\" }\n\
        expect.reply = { to = \"r\", ok = false }";
    assert!(run(&Timeline::parse("t.toml", held).expect("it reads")).passed());
}
