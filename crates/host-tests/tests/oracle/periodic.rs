//! Stories of periodic syncs: each breaks one rule, and is caught for that one.

use std::time::Duration;

use background_sync::policy::{Facts, PermissionState, SyncKind};
use background_sync::registration::{MinInterval, Schedule, Sequence, StoredRegistration, StoredState, Tag};

use background_sync::scheduler::{
    Availability, ConditionOverride, Engagement, NetworkState, PeriodicOrigin, PowerState, StoredBudget,
    SyncParameters, UtcOffset, ValidParameters,
};
use background_sync::{
    AskedBy, AttemptId, Input, NetworkSubject, Outcome, Output, PeriodicInput, Reply, RequestId, StoreOp,
    SyncEventInit, TxnId,
};
use background_sync_host_tests::Oracle;

use crate::words::*;

const HOUR: u64 = 3_600;
const HALF_DAY: u64 = 12 * HOUR;
const NEWS: &str = "news";

fn interval() -> MinInterval {
    MinInterval::from_ms(HALF_DAY * 1_000)
}

fn granted() -> Facts {
    Facts { permission: PermissionState::Granted, ..Facts::of_an_open_window() }
}

fn ask_for(request: u64, tag: &str, facts: Facts) -> Input {
    Input::Periodic(PeriodicInput::Register {
        request: RequestId(request),
        key: profile(),
        tag: Tag::from(tag),
        min_interval: interval(),
        asked_by: AskedBy::Page,
        facts,
    })
}

fn row(anchor: u64, state: StoredState) -> StoredRegistration {
    let schedule = Some(Schedule::new(interval(), at(anchor).wall));
    StoredRegistration { kind: SyncKind::Periodic, tag: Tag::from(NEWS), schedule, ..stored(profile(), state) }
}

fn begins(attempt: u64) -> Output {
    Output::Start { attempt: AttemptId(attempt), key: profile(), kind: SyncKind::Periodic }
}

fn fires(attempt: u64) -> Output {
    fires_with(attempt, 180, false)
}

fn fires_with(attempt: u64, seconds: u64, last_chance: bool) -> Output {
    let event = SyncEventInit::new(SyncKind::Periodic, Tag::from(NEWS), last_chance);
    let cap = Duration::from_secs(seconds);
    Output::Dispatch { attempt: AttemptId(attempt), event, cap, background: false }
}

fn worker_is_ready(attempt: u64) -> Input {
    ready(attempt, granted())
}

fn paused(paused: bool) -> Input {
    let (partition, origin) = (profile().partition(), origin());
    Input::Periodic(PeriodicInput::PauseChanged { partition, origin, paused })
}

fn engagement(engagement: Engagement) -> Input {
    let (partition, origin) = (profile().partition(), origin());
    Input::Periodic(PeriodicInput::EngagementChanged { partition, origin, engagement })
}

fn unregister(request: u64) -> Input {
    Input::Periodic(PeriodicInput::Unregister { request: RequestId(request), key: profile(), tag: Tag::from(NEWS) })
}

fn unregistered(request: u64) -> Output {
    Output::Reply { request: RequestId(request), reply: Reply::Unregistered(Ok(())) }
}

fn take_out(txn: u64) -> Output {
    Output::Commit { txn: TxnId(txn), ops: vec![StoreOp::RemoveRegistration(Sequence(1))] }
}

/// A day and more without visits: by the clock.
fn by_the_clock() -> ValidParameters {
    parameters(|it| it.periodic.follow_visits = false)
}

/// Registered at the beginning, due after half a day, and dispatched a second later; then it goes well.
fn news() -> Story {
    let firing = row(0, StoredState::Firing(false));
    vec![
        (0, Input::Loaded(background_sync::Loaded::default()), vec![]),
        (0, network(NetworkState::online(), 1), vec![]),
        (0, ask_for(1, NEWS, granted()), vec![put_stored(0, row(0, StoredState::Pending(None))), KEEP]),
        (0, committed(0), vec![resolved(1), arm(HALF_DAY), LET_GO]),
        (0, delivered(1), vec![]),
        (HALF_DAY, Input::Tick, vec![ask_network()]),
        (HALF_DAY, own_network(2), vec![begins(1), put_stored(1, firing), KEEP, arm(HALF_DAY + 360)]),
        (HALF_DAY, worker_is_ready(1), vec![]),
        (HALF_DAY + 1, committed(1), vec![fires(1)]),
        (HALF_DAY + 2, finished(1, Outcome::Fulfilled), vec![arm(2 * HALF_DAY + 1)]),
        (HALF_DAY + 7, Input::Tick, vec![put_stored(2, row(HALF_DAY + 2, StoredState::Pending(None)))]),
        (HALF_DAY + 7, committed(2), vec![LET_GO]),
    ]
}

/// The story up to some line, and then something else.
fn but_then(lines: usize, rest: Story) -> Story {
    let mut story = news();
    story.truncate(lines);
    story.extend(rest);
    story
}

fn told(story: &Story) -> Result<(), background_sync_host_tests::Broken> {
    tell_with(by_the_clock(), story)
}

#[test]
fn a_good_story_of_news_is_believed() {
    let mut story = news();
    story.push((2 * HALF_DAY + 1, Input::Tick, vec![begins(2), KEEP]));
    story.push((2 * HALF_DAY + 1, worker_is_ready(2), vec![]));
    assert_eq!(told(&story), Ok(()));
}

#[test]
fn an_event_before_its_time_is_noticed() {
    let early = |seconds| {
        but_then(5, vec![(seconds, Input::Tick, vec![ask_network()]), (seconds, own_network(2), vec![begins(1)])])
    };
    caught("order", "at once", told(&early(1)));
    let again = |seconds| {
        let mut story = news();
        story.push((seconds, Input::Tick, vec![begins(2)]));
        told(&story)
    };
    caught("order", "an event of its origin has just been", again(HALF_DAY + HOUR));
}

#[test]
fn silence_is_noticed() {
    caught(
        "I15",
        "due, and nothing happens",
        told(&but_then(5, vec![(HALF_DAY + 10, Input::Tick, vec![]), (HALF_DAY + 100, Input::Tick, vec![])])),
    );
    let offline = network(NetworkState::Offline, 2);
    let held = but_then(5, vec![(60, offline, vec![]), (HALF_DAY + 100, Input::Tick, vec![])]);
    assert_eq!(told(&held), Ok(()), "there is no network");
}

#[test]
fn what_must_hold_at_a_dispatch_is_looked_at_then() {
    let dispatched = |input: Input, output: Output| {
        told(&but_then(8, vec![(HALF_DAY, input, vec![]), (HALF_DAY + 1, committed(1), vec![output])]))
    };
    assert_eq!(dispatched(paused(false), fires(1)), Ok(()));
    caught("suspended", "the user has paused it", dispatched(paused(true), fires(1)));
    caught("suspended", "the user has nothing to do with it", dispatched(engagement(Engagement::None), fires(1)));
    caught("I4", "there is no network", dispatched(network(NetworkState::Offline, 3), fires(1)));
    caught("I5", "a last chance that is not durable", dispatched(Input::Tick, fires_with(1, 180, true)));
    caught("I13", "more time than it may have", dispatched(Input::Tick, fires_with(1, 1_000, false)));
    let low =
        |battery_low| Input::PowerChanged { state: PowerState { charging: None, battery_low: Some(battery_low) } };
    assert_eq!(dispatched(low(false), fires(1)), Ok(()));
    caught("I15", "the battery is low", dispatched(low(true), fires(1)));
}

#[test]
fn the_user_lets_run_what_a_condition_holds() {
    let low = Input::PowerChanged { state: PowerState { charging: None, battery_low: Some(true) } };
    let whose = |kind| Input::ConditionOverride {
        origin: Some((profile().partition(), origin())),
        kind,
        said: ConditionOverride::RunAnyway,
    };
    let lets = |kind| {
        let story = vec![
            (HALF_DAY, low.clone(), vec![]),
            (HALF_DAY, whose(kind), vec![]),
            (HALF_DAY + 1, committed(1), vec![fires(1)]),
        ];
        told(&but_then(8, story))
    };
    assert_eq!(lets(SyncKind::Periodic), Ok(()));
    caught("I15", "of the other kind", lets(SyncKind::OneShot));
}

#[test]
fn what_is_unregistered_or_revoked_fires_no_more() {
    let gone = |input: Input| {
        let story = vec![(HALF_DAY, input, vec![]), (HALF_DAY + 1, committed(1), vec![fires(1)])];
        told(&but_then(8, story)).expect_err("it is gone").invariant
    };
    assert_eq!(gone(unregister(2)), "I1");
    let revoked = Input::PermissionChanged {
        request: None,
        partition: profile().partition(),
        origin: origin(),
        kind: SyncKind::Periodic,
        state: PermissionState::Prompt,
    };
    assert_eq!(gone(revoked), "I1");
}

#[test]
fn without_a_permission_nothing_is_registered() {
    let asked = Facts::of_an_open_window();
    caught("I1", "nobody granted it", told(&but_then(2, vec![(0, ask_for(1, NEWS, asked), vec![resolved(1)])])));
}

#[test]
fn what_is_said_to_be_unregistered_is_not_in_the_store() {
    let at_once = but_then(5, vec![(60, unregister(2), vec![unregistered(2)])]);
    caught("I3", "the store has it", told(&at_once));
    let durable = but_then(
        5,
        vec![
            (60, unregister(2), vec![take_out(1), KEEP, Output::ArmWakeUp(None)]),
            (60, committed(1), vec![unregistered(2), LET_GO]),
        ],
    );
    assert_eq!(told(&durable), Ok(()));
}

/// An event that failed, and its retry so many seconds later.
fn retried(after: u64) -> Result<(), background_sync_host_tests::Broken> {
    let mut story = news();
    story.truncate(9);
    story.push((HALF_DAY + 2, finished(1, Outcome::Rejected), vec![arm(HALF_DAY + 302)]));
    let then = HALF_DAY + 2 + after;
    story.push((then, Input::Tick, vec![begins(2), put_stored(2, row(0, StoredState::Firing(false)))]));
    story.push((then, worker_is_ready(2), vec![]));
    story.push((then, committed(2), vec![fires_with(2, 60, false)]));
    let params = parameters(|it| {
        it.periodic.follow_visits = false;
        it.jitter = background_sync::scheduler::JitterMode::None;
    });
    tell_with(params, &story)
}

#[test]
fn a_retry_comes_after_its_back_off_and_in_time() {
    assert_eq!(retried(300), Ok(()));
    caught("retry", "too soon", retried(60));
    caught("retry", "when its turn was over", retried(8 * HOUR));
}

#[test]
fn a_crash_must_not_lose_a_periodic_registration() {
    let mut oracle = Oracle::new(by_the_clock());
    for (seconds, input, outputs) in &news()[..5] {
        oracle.observe(at(*seconds), input, outputs).expect("a good story");
    }
    assert_eq!(oracle.clone().process_died(&[row(0, StoredState::Pending(None))]), Ok(()));
    assert_eq!(oracle.process_died(&[]).expect_err("it is lost").invariant, "I3");
}

#[test]
fn what_was_learnt_of_visits_goes_with_the_last_registration() {
    let params = SyncParameters::recommended();
    let mut kept = PeriodicOrigin::default();
    kept.registered(at(0).wall);
    kept.visited(at(30).wall, UtcOffset::UTC, &Availability::new(), &params.periodic, true);
    let learnt = |kept: &PeriodicOrigin| {
        let mut budget = StoredBudget::new(profile().partition(), origin(), Vec::new());
        budget.periodic = kept.encode();
        StoreOp::PutBudget(budget)
    };
    let commit = |ops| Output::Commit { txn: TxnId(1), ops };
    let take = StoreOp::RemoveRegistration(Sequence(1));
    let gone = |ops| tell(&but_then(5, vec![(60, unregister(2), vec![commit(ops), KEEP, Output::ArmWakeUp(None)])]));
    caught("forgotten", "it is written with the removal", gone(vec![take.clone(), learnt(&kept)]));
    kept.emptied();
    assert_eq!(gone(vec![take, learnt(&kept)]), Ok(()));
}

#[test]
fn the_network_of_an_origin_counts_for_periodic_syncs_too() {
    let metered = NetworkState::Online { metered: true, roaming: false, network_id: None };
    let own = Input::NetworkChanged { subject: NetworkSubject::Origin(origin()), state: metered, epoch: 3 };
    let story = but_then(5, vec![(60, own, vec![]), (HALF_DAY + 100, Input::Tick, vec![])]);
    assert_eq!(told(&story), Ok(()), "it costs something");
}
