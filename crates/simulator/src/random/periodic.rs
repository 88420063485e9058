//! What operations that periodic syncs know mean in the small world.

use background_sync::policy::{PermissionState, SyncKind, UserSwitch};
use background_sync::registration::MinInterval;
use background_sync::scheduler::{ConditionOverride, Engagement, NetworkId, NetworkState, UtcOffset};

use super::PeriodicOp;
use super::places::Places;
use super::script::Script;
use super::universe::{NO_FLAW, pick, pick_end, register, without_a_word, worker};
use crate::timeline::{
    Ask, Behaviour, Cancel, Deed, EngagementStep, Finish, Network, Override, Pause, Permission, RegisterPeriodic, Step,
    Switch, Time, UnregisterPeriodic, Visit,
};

const HOUR: u64 = 3_600;
const PAUSES: [Time; 10] = [
    Time::seconds(60),
    Time::seconds(900),
    Time::seconds(HOUR),
    Time::seconds(3 * HOUR),
    Time::seconds(8 * HOUR),
    Time::seconds(12 * HOUR),
    Time::seconds(13 * HOUR),
    Time::seconds(24 * HOUR),
    Time::seconds(3 * 24 * HOUR),
    Time::seconds(40 * 24 * HOUR),
];
/// What pages ask for, in seconds, and the most that there is.
const INTERVALS: [u64; 7] = [0, 1, HOUR, 12 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 9_007_199_254_740];
const OFFSETS: [i16; 5] = [0, 60, 120, -300, 845];

/// What makes periodic syncs possible at all: nobody may register one before the permission is granted.
pub(super) fn opening(places: &Places) -> Vec<Step> {
    (0..3).map(|site| permission(places, site, 0)).collect()
}

/// What a world with both kinds ends with, besides.
pub(super) fn ending(workers: &[&str]) -> Vec<Step> {
    workers
        .iter()
        .map(|name| Step::GetTags(Ask { worker: (*name).to_owned(), kind: SyncKind::Periodic, id: None }))
        .collect()
}

pub(super) fn perform(op: PeriodicOp, places: &Places, script: &mut Script) {
    match op {
        PeriodicOp::Pause(n) => script.wait(pick(&PAUSES, n)),
        PeriodicOp::Unnoticed { site } => {
            without_a_word(permission(places, site, 1), script);
            script.wait(Time::seconds(HOUR));
            without_a_word(permission(places, site, 0), script);
        }
        PeriodicOp::Habit { site, days } => {
            for _ in 0..=days % 5 {
                script.add(visit(places, site));
                script.wait(Time::seconds(24 * HOUR));
            }
        }
        PeriodicOp::MidTurn { worker, tag, how, what } => in_mid_turn((worker, tag), how, what, places, script),
        other => script.add(step(other, places)),
    }
}

/// A tag that is due whenever its origin is gets its turn, and what happens then is undone after a while.
fn in_mid_turn((w, tag): (u8, u8), how: u8, what: u8, places: &Places, script: &mut Script) {
    let (starts_in, deed) = pick(
        &[
            (Time::seconds(3), Deed::Fulfil),
            (Time::ZERO, Deed::Reject),
            (Time::seconds(3), Deed::Reject),
            (Time::ZERO, Deed::Hang),
            (Time::ZERO, Deed::Defer(Time::seconds(600))),
        ],
        how,
    );
    let kind = SyncKind::Periodic;
    script.add(Step::Behave(Behaviour {
        kind: Some(kind),
        starts_in,
        deed,
        times: Some(2),
        ..Behaviour::good(worker(w))
    }));
    script.add(step(PeriodicOp::Register { worker: w, tag, interval: 0, by_worker: false, flaw: NO_FLAW }, places));
    script.wait(pick(&[Time::seconds(HOUR), Time::seconds(12 * HOUR)], how / 8));
    script.wait(pick(&[Time::ZERO, Time::seconds(1), Time::seconds(5)], how / 16));
    let site = site_of(w);
    let [before, after] = match what % 8 {
        0 => [PeriodicOp::Unregister { worker: w, tag }, PeriodicOp::GetTags { worker: w }],
        1 => [PeriodicOp::Permission { site, state: 1 }, PeriodicOp::Permission { site, state: 0 }],
        2 => [PeriodicOp::PauseSyncs { site, paused: true }, PeriodicOp::PauseSyncs { site, paused: false }],
        3 => [PeriodicOp::Cancel { worker: w, tag }, PeriodicOp::GetTags { worker: w }],
        4 => [PeriodicOp::Switch { site, on: false }, PeriodicOp::Switch { site, on: true }],
        5 => [
            PeriodicOp::Register { worker: w, tag, interval: 1, by_worker: false, flaw: NO_FLAW },
            PeriodicOp::GetTags { worker: w },
        ],
        // The link goes, and nothing is said of the kind.
        _ => return without_a_link(what, script),
    };
    script.add(step(before, places));
    script.wait(Time::seconds(1_200));
    script.add(step(after, places));
}

/// The origin and partition of a worker.
fn site_of(w: u8) -> u8 {
    pick(&[0, 0, 1, 2, 1], w)
}

fn without_a_link(what: u8, script: &mut Script) {
    script.add(Step::Network(Network(NetworkState::Offline)));
    script.wait(pick(&[Time::seconds(1), Time::seconds(60), Time::seconds(1_200)], what / 8));
    let home = Some(NetworkId::new("home"));
    script.add(Step::Network(Network(NetworkState::Online { metered: false, roaming: false, network_id: home })));
}

fn step(op: PeriodicOp, places: &Places) -> Step {
    let kind = SyncKind::Periodic;
    match op {
        PeriodicOp::Register { worker: w, tag, interval, by_worker, flaw } => {
            let call = register(w, places.tag(tag), by_worker, flaw);
            let min_interval = MinInterval::from_ms(pick(&INTERVALS, interval) * 1_000);
            Step::RegisterPeriodic(RegisterPeriodic {
                worker: call.worker,
                tag: call.tag,
                min_interval,
                by: call.by,
                id: None,
                top_level: call.top_level,
                secure_context: call.secure_context,
                fenced: call.fenced,
                permission: call.permission,
                switch: call.switch,
                restriction: call.restriction,
                active_worker: call.active_worker,
            })
        }
        PeriodicOp::Unregister { worker: w, tag } => {
            Step::UnregisterPeriodic(UnregisterPeriodic { worker: worker(w), tag: places.tag(tag), id: None })
        }
        PeriodicOp::GetTags { worker: w } => Step::GetTags(Ask { worker: worker(w), kind, id: None }),
        PeriodicOp::Cancel { worker: w, tag } => {
            Step::Cancel(Cancel { worker: worker(w), kind, tag: places.tag(tag), id: None })
        }
        PeriodicOp::Permission { site, state } => permission(places, site, state),
        PeriodicOp::Switch { site, on } => {
            let (origin, partition) = places.site(site);
            let to = if on { UserSwitch::On } else { UserSwitch::Off };
            Step::Switch(Switch { to, origin: (site < 128).then_some(origin), partition, kind })
        }
        PeriodicOp::Pause(_) | PeriodicOp::Unnoticed { .. } | PeriodicOp::Habit { .. } | PeriodicOp::MidTurn { .. } => {
            visit(places, 0)
        }
        PeriodicOp::Override { site, said } => {
            let (origin, partition) = places.site(site);
            let to = pick(&[ConditionOverride::RunAnyway, ConditionOverride::None], said);
            Step::Override(Override { to, origin: (site < 160).then_some(origin), partition, kind })
        }
        PeriodicOp::Visit { site } => visit(places, site),
        PeriodicOp::UtcOffset(n) => {
            Step::UtcOffset(UtcOffset::from_minutes(pick(&OFFSETS, n)).unwrap_or(UtcOffset::UTC))
        }
        PeriodicOp::Engagement { site, level } => {
            use Engagement::{High, Low, Max, Medium, Minimal, None};
            let (origin, partition) = places.site(site);
            let level = pick(&[None, None, Minimal, Low, Medium, High, Max], level);
            Step::Engagement(EngagementStep { origin, partition, level })
        }
        PeriodicOp::PauseSyncs { site, paused } => {
            let (origin, partition) = places.site(site);
            Step::Pause(Pause { origin, partition, paused })
        }
        PeriodicOp::Finish { worker: w, tag, how } => {
            Step::Finish(Finish { worker: worker(w), tag: places.tag(tag), kind: Some(kind), how: pick_end(how) })
        }
    }
}

fn visit(places: &Places, site: u8) -> Step {
    let (origin, partition) = places.site(site);
    Step::Visit(Visit { origin, partition, nested: false })
}

fn permission(places: &Places, site: u8, state: u8) -> Step {
    let (origin, partition) = places.site(site);
    let states = [PermissionState::Granted, PermissionState::Prompt, PermissionState::Denied];
    Step::Permission(Permission { origin, partition, kind: SyncKind::Periodic, state: pick(&states, state) })
}
