//! The small world that random timelines play in, and what operations mean there.

use background_sync::policy::{PermissionState, SyncKind, UserSwitch, WorkerState};
use background_sync::registration::Tag;
use background_sync::scheduler::{ConditionOverride, NetworkId, NetworkState};

use super::Op;
use super::periodic;
use super::places::{PRIVATE, PROFILE, Places};
use super::script::Script;
use crate::timeline::{
    Ask, Behaviour, By, Cancel, Clear, Deed, End, Finish, Jump, Network, Notices, Odd, OriginNetwork, Override,
    Permission, Power, Process, Register, Replies, Restriction, Start, Step, StoreMood, Switch, System, Time,
    UserAnswer, WakeUps, Windows, Woken, WorkerCondition, WorkerDeclaration, WorkerStep,
};

/// What all calls are about.
const KIND: SyncKind = SyncKind::OneShot;

/// Numbers no machine gives within a simulation.
const FAR: u64 = 1 << 40;

pub(super) const WORKERS: [&str; 5] = ["a", "deep", "b", "secret", "widget"];
const PAUSES: [Time; 16] = [
    Time::ZERO,
    Time::millis(1),
    Time::millis(300),
    Time::seconds(1),
    Time::seconds(2),
    Time::seconds(5),
    Time::seconds(20),
    Time::seconds(30),
    Time::seconds(60),
    Time::seconds(200),
    Time::seconds(900),
    Time::seconds(3_600),
    Time::seconds(20_000),
    Time::seconds(86_400),
    Time::seconds(700_000),
    Time::seconds(3_000_000),
];
/// By how much else a wall clock may be set.
const ABSURD: [Time; 2] = [Time::seconds(4_000_000_000), Time::seconds(8_000_000_000_000)];
/// What workers, hosts and stores take.
const SHORT: [Time; 6] =
    [Time::ZERO, Time::ZERO, Time::millis(20), Time::millis(700), Time::seconds(3), Time::seconds(70)];

pub(super) fn pick<T: Clone>(list: &[T], n: u8) -> T {
    list[usize::from(n) % list.len()].clone()
}

pub(super) fn worker(n: u8) -> String {
    pick(&WORKERS, n).to_owned()
}

/// The service worker registrations of every random timeline.
pub(super) fn workers() -> Vec<WorkerDeclaration> {
    let declare = |name: &str, scope: &str, partition, third_party_of: Option<&str>| WorkerDeclaration {
        name: name.to_owned(),
        scope: scope.to_owned(),
        partition,
        third_party_of: third_party_of.map(str::to_owned),
        state: WorkerCondition::Active,
    };
    vec![
        declare("a", "https://a.example/", PROFILE, None),
        declare("deep", "https://a.example/deep/", PROFILE, None),
        declare("b", "https://b.example/", PROFILE, None),
        declare("secret", "https://a.example/", PRIVATE, None),
        declare("widget", "https://b.example/", PROFILE, Some("https://a.example")),
    ]
}

/// What every random timeline begins with: a network, and windows in the profile.
pub(super) fn opening(places: &Places) -> Vec<Step> {
    let open =
        |(origin, partition)| Step::Windows(Windows { origin, partition, top_level: 1, auxiliary: 0, nested: 0 });
    vec![network(0), open(places.site(0)), open(places.site(1)), open(places.site(2))]
}

/// What it ends with: everything works again, and everybody asks for their tags.
pub(super) fn ending() -> Vec<Step> {
    let mut acts = vec![
        Step::System(System::Wake),
        Step::Process(Process::Thaw),
        Step::Store(StoreMood::Works),
        Step::Replies(Replies::Arrive),
        Step::Notices(Notices::Arrive),
    ];
    acts.extend(WORKERS.iter().map(|name| Step::GetTags(Ask { worker: (*name).to_owned(), kind: KIND, id: None })));
    acts
}

/// Adds what an operation makes happen to a script: at once, and after a while.
pub(super) fn perform(op: Op, places: &Places, script: &mut Script) {
    let now = script.now();
    match op {
        Op::Pause(n) => script.wait(pick(&PAUSES, n)),
        Op::Crash { down } => {
            script.add(Step::Process(Process::Crash));
            script.wait(pick(&PAUSES[..12], down));
            script.start_again();
        }
        Op::Shutdown { down } => {
            script.add(Step::Process(Process::Shutdown));
            script.wait(pick(&PAUSES[..12], down));
            script.add(Step::Process(Process::Crash));
            script.start_again();
        }
        Op::Unnoticed { site, what } => {
            let (before, after) = unnoticed(site, what, now, places);
            without_a_word(before, script);
            script.wait(Time::seconds(60));
            without_a_word(after, script);
        }
        Op::HangTogether { worker: w, first, second } => {
            let hangs = Behaviour { deed: Deed::Hang, times: Some(2), ..Behaviour::good(worker(w)) };
            script.add(Step::Behave(hangs));
            script.add(Step::Register(register(w, places.tag(first), false, NO_FLAW)));
            script.wait(Time::seconds(20));
            script.add(Step::Register(register(w, places.tag(second), false, NO_FLAW)));
        }
        Op::Finish { worker: w, tag: t, .. } => {
            // An event that hangs is made to hang first, mostly.
            if !t.is_multiple_of(4) {
                let hangs = Behaviour { deed: Deed::Hang, times: Some(1), ..Behaviour::good(worker(w)) };
                script.add(Step::Behave(hangs));
                script.add(Step::Register(register(w, places.tag(t), false, NO_FLAW)));
                script.wait(Time::seconds(2));
            }
            script.add(step(op, now, places));
        }
        Op::Periodic(op) => periodic::perform(op, places, script),
        other => script.add(step(other, now, places)),
    }
}

pub(super) fn without_a_word(step: Step, script: &mut Script) {
    script.add(Step::Notices(Notices::Vanish));
    script.add(step);
    script.add(Step::Notices(Notices::Arrive));
}

/// What changes without a word, and what undoes it.
fn unnoticed(site: u8, what: u8, now: Time, places: &Places) -> (Step, Step) {
    let both = match what % 4 {
        0 => [Op::Permission { site, state: 2 }, Op::Permission { site, state: 0 }],
        1 => [Op::Switch { site, on: false }, Op::Switch { site, on: true }],
        2 => [Op::Restriction(true), Op::Restriction(false)],
        _ => [Op::Windows { site, windows: 1 }, Op::Windows { site, windows: 0 }],
    };
    let [before, after] = both.map(|op| step(op, now, places));
    (before, after)
}

/// A flaw that is none.
pub(super) const NO_FLAW: u8 = 23;

#[allow(clippy::too_many_lines, reason = "one short arm for each operation")]
fn step(op: Op, now: Time, places: &Places) -> Step {
    match op {
        Op::Periodic(_) | Op::Pause(_) | Op::HangTogether { .. } | Op::Unnoticed { .. } | Op::Thaw => {
            Step::Process(Process::Thaw)
        }
        Op::Crash { .. } => Step::Process(Process::Crash),
        Op::Shutdown { .. } => Step::Process(Process::Shutdown),
        Op::Register { worker: w, tag: t, by_worker, flaw } => {
            Step::Register(register(w, places.tag(t), by_worker, flaw))
        }
        Op::GetTags { worker: w } => Step::GetTags(Ask { worker: worker(w), kind: KIND, id: None }),
        Op::Cancel { worker: w, tag: t } => {
            Step::Cancel(Cancel { worker: worker(w), kind: KIND, tag: places.tag(t), id: None })
        }
        Op::Network(n) => network(n),
        Op::OriginNetwork { origin: o, network: n } => {
            let states = [NetworkState::online(), NetworkState::Offline, NetworkState::Captive];
            Step::OriginNetwork(OriginNetwork { origin: places.origin(o), state: Network(pick(&states, n)) })
        }
        Op::Windows { site: s, windows } => {
            let (origin, partition) = places.site(s);
            let (top_level, auxiliary, nested) = pick(&[(1, 0, 0), (0, 0, 0), (0, 1, 0), (0, 0, 1)], windows);
            Step::Windows(Windows { origin, partition, top_level, auxiliary, nested })
        }
        Op::Permission { site: s, state } => {
            let (origin, partition) = places.site(s);
            let states = [PermissionState::Prompt, PermissionState::Granted, PermissionState::Denied];
            Step::Permission(Permission { origin, partition, kind: KIND, state: pick(&states, state) })
        }
        Op::Switch { site: s, on } => {
            let (origin, partition) = places.site(s);
            let to = if on { UserSwitch::On } else { UserSwitch::Off };
            Step::Switch(Switch { to, origin: (s < 128).then_some(origin), partition, kind: KIND })
        }
        Op::Worker { worker: w, state } => {
            use WorkerCondition::{Activating, Active, None, NotLoaded};
            Step::Worker(WorkerStep {
                name: worker(w),
                state: pick(&[Active, Active, Activating, None, NotLoaded], state),
            })
        }
        Op::Unregister { worker: w } => Step::Unregister(worker(w)),
        Op::Reinstall { worker: w } => Step::Reinstall(worker(w)),
        Op::Behave { worker: w, tag: t, start, starts_in, deed, takes, registers, times } => Step::Behave(Behaviour {
            worker: worker(w),
            tag: t.is_multiple_of(4).then(|| places.tag(t / 4)),
            kind: None,
            start: pick(
                &[Start::Works, Start::Works, Start::Works, Start::Fails, Start::Busy, Start::Lost, Start::Hangs],
                start,
            ),
            starts_in: pick(&SHORT, starts_in),
            deed: deed_of(deed),
            takes: pick(&SHORT, takes),
            registers: registers.is_multiple_of(4).then(|| places.tag(registers / 4)),
            times: times.is_multiple_of(2).then_some(1 + u32::from(times % 5)),
        }),
        Op::Finish { worker: w, tag: t, how } => {
            Step::Finish(Finish { worker: worker(w), tag: places.tag(t), kind: None, how: pick_end(how) })
        }
        Op::Clear { scope, since } => Step::Clear(clear(scope, since, now, places)),
        Op::Close => Step::Close(PRIVATE),
        Op::Sleep => Step::System(System::Sleep),
        Op::Wake => Step::System(System::Wake),
        Op::Freeze => Step::Process(Process::Freeze),
        Op::Clock { by, back } => Step::Clock(Jump { back, by: pick(&[PAUSES.as_slice(), &ABSURD].concat(), by) }),
        Op::Woken { budget } => Step::Woken(Woken { budget: pick(&PAUSES[3..10], budget) }),
        Op::Restriction(on) => Step::Restriction(if on { Restriction::Restricted } else { Restriction::None }),
        Op::Notices(n) => Step::Notices(pick(
            &[Notices::Arrive, Notices::Vanish, Notices::Take(Time::millis(300)), Notices::Take(Time::seconds(30))],
            n,
        )),
        Op::WakeUps(come) => Step::WakeUps(if come { WakeUps::Come } else { WakeUps::Never }),
        Op::Store(n) => Step::Store(mood(n)),
        Op::Replies(n) => {
            let fates = [Replies::Arrive, Replies::Arrive, Replies::Vanish, Replies::CallerGone];
            Step::Replies(pick(
                &[fates.as_slice(), &[Replies::Take(Time::millis(400)), Replies::Take(Time::seconds(4))]].concat(),
                n,
            ))
        }
        Op::User(n) => Step::User(pick(&[UserAnswer::SaysYes, UserAnswer::SaysNo, UserAnswer::Ignores], n)),
        Op::Odd(n) => Step::Odd(odd(n)),
        Op::Power(n) => {
            let known = |n: u8| pick(&[None, Some(false), Some(true)], n);
            Step::Power(Power { charging: known(n), battery_low: known(n / 16) })
        }
        Op::Cost(n) => Step::Network(Network(cost(n))),
        Op::OriginCost { origin: o, cost: n } => {
            Step::OriginNetwork(OriginNetwork { origin: places.origin(o), state: Network(cost(n)) })
        }
        Op::Override { site: s, said } => {
            let (origin, partition) = places.site(s);
            let to = pick(&[ConditionOverride::RunAnyway, ConditionOverride::None], said);
            Step::Override(Override { to, origin: (s < 160).then_some(origin), partition, kind: KIND })
        }
    }
}

pub(super) fn register(w: u8, tag: Tag, by_worker: bool, flaw: u8) -> Register {
    let mut register = Register {
        worker: worker(w),
        tag,
        by: if by_worker { By::Worker } else { By::Page },
        id: None,
        top_level: None,
        secure_context: None,
        fenced: None,
        permission: None,
        switch: None,
        restriction: None,
        active_worker: None,
    };
    match flaw % 24 {
        0 => register.top_level = Some(0),
        1 => register.secure_context = Some(false),
        2 => register.fenced = Some(true),
        3 => register.permission = Some(PermissionState::Denied),
        4 => register.switch = Some(UserSwitch::Off),
        5 => register.active_worker = Some(WorkerState::None),
        _ => {}
    }
    register
}

/// The network of most of the time, which costs something now and then.
fn cost(n: u8) -> NetworkState {
    let (metered, roaming) = pick(&[(true, false), (false, false), (false, true), (true, true)], n);
    NetworkState::Online { metered, roaming, network_id: Some(NetworkId::new("home")) }
}

/// How an event ends.
pub(super) fn pick_end(n: u8) -> End {
    pick(&[End::Fulfil, End::Reject, End::Terminate, End::Crash, End::Defer(Time::seconds(600))], n)
}

fn network(n: u8) -> Step {
    let named = |name| NetworkState::Online { metered: false, roaming: false, network_id: Some(NetworkId::new(name)) };
    Step::Network(Network(match n % 8 {
        0 | 1 => named("home"),
        2 | 5 => NetworkState::Offline,
        3 => named("work"),
        4 => NetworkState::online(),
        6 => NetworkState::Captive,
        _ => NetworkState::Unknown,
    }))
}

fn deed_of(n: u8) -> Deed {
    pick(
        &[
            Deed::Fulfil,
            Deed::Reject,
            Deed::Hang,
            Deed::Reject,
            Deed::Crash,
            Deed::Defer(Time::seconds(600)),
            Deed::Defer(Time::seconds(300_000)),
            Deed::Defy,
        ],
        n,
    )
}

fn mood(n: u8) -> StoreMood {
    pick(
        &[
            StoreMood::Works,
            StoreMood::Works,
            StoreMood::Takes(Time::millis(15)),
            StoreMood::Takes(Time::seconds(2)),
            StoreMood::FailsNext(1),
            StoreMood::FailsNext(3),
            StoreMood::Fails,
            StoreMood::Holds,
            StoreMood::HoldsAnswers,
            StoreMood::FailsToLoad(2),
            StoreMood::CrashesAfter(1),
            StoreMood::CrashesAfter(3),
            StoreMood::CrashesBefore(1),
            StoreMood::CrashesBefore(2),
            StoreMood::FailsAfterWriting(1),
            StoreMood::FailsAfterWriting(2),
            StoreMood::LosesContents,
        ],
        n,
    )
}

fn clear(scope: u8, since: u8, now: Time, places: &Places) -> Clear {
    let (origin, partition) = places.site(scope / 4);
    let since = since.is_multiple_of(2).then(|| Time(now.0.saturating_sub(pick(&PAUSES, since / 2).0)));
    match scope % 4 {
        0 => Clear { partition, origin: None, worker: None, since, id: None },
        1 | 2 => Clear { partition, origin: Some(origin), worker: None, since, id: None },
        _ => Clear { worker: Some(worker(scope / 4)), since, ..Clear::default() },
    }
}

/// A host may repeat itself and speak of what never was. It may not claim what decides something: that a
/// commit in flight is durable, for example.
fn odd(n: u8) -> Odd {
    pick(
        &[
            Odd::RepeatFinished,
            Odd::RepeatReady,
            Odd::RepeatCommitted,
            Odd::RepeatDelivered,
            Odd::RepeatLoaded,
            Odd::StaleNetwork,
            Odd::Ticks(3),
            Odd::Finished(FAR),
            Odd::Ready(FAR),
            Odd::NotStarted(FAR),
            Odd::Committed(FAR),
            Odd::CommitFailed(FAR),
            Odd::Delivered(FAR),
            Odd::Answered(FAR),
            Odd::StaleOriginNetworks,
            Odd::Chatter(300),
            Odd::Backwards(Time::seconds(40)),
        ],
        n,
    )
}
