//! What conditions hold does not fire, and what they do not hold does.

use std::time::Duration;

use background_sync::policy::SyncKind;
use background_sync::registration::WallTime;
use background_sync::scheduler::{ConditionOverride, PowerState, ValidParameters};
use background_sync::{Input, Output, WakeUp};

use crate::words::*;

const DAY: u64 = 86_400;

fn charging_for_a_day() -> ValidParameters {
    parameters(|it| it.conditions.one_shot.charging = Some(Duration::from_secs(DAY)))
}

fn charger(charging: bool) -> Input {
    Input::PowerChanged { state: PowerState { charging: Some(charging), battery_low: None } }
}

fn run_anyway() -> Input {
    let said = ConditionOverride::RunAnyway;
    Input::ConditionOverride { origin: Some((profile().partition(), origin())), kind: SyncKind::OneShot, said }
}

/// Off the charger before it could start, and then this.
fn held(then: Vec<(u64, Input, Vec<Output>)>) -> Story {
    let quiet = vec![(0, charger(false), vec![]), (0, own_network(2), vec![])];
    but(5, quiet.into_iter().chain(then).collect())
}

#[test]
fn what_a_condition_holds_does_not_start_and_is_not_dispatched() {
    let tell = |story: &Story| tell_with(charging_for_a_day(), story);
    assert_eq!(tell(&held(vec![(DAY - 60, Input::Tick, vec![])])), Ok(()), "it is held for a day");
    let started = but(5, vec![(0, charger(false), vec![]), (0, own_network(2), vec![start(1)])]);
    caught("order", "started off the charger", tell(&started));
    let unplugged = |again| but(7, vec![(2, charger(again), vec![]), (2, committed(1), vec![dispatch(1, false)])]);
    assert_eq!(tell(&unplugged(true)), Ok(()));
    caught("I15", "unplugged while the worker started", tell(&unplugged(false)));
}

#[test]
fn what_no_condition_holds_any_more_starts() {
    let tell = |story: &Story| tell_with(charging_for_a_day(), story);
    // Its spread may last for a second more.
    let nothing_follows = |at, input| held(vec![(at, input, vec![]), (at + 5, Input::Tick, vec![])]);
    caught("I15", "plugged in", tell(&nothing_follows(60, charger(true))));
    caught(
        "I15",
        "nothing is known of the power",
        tell(&nothing_follows(60, Input::PowerChanged { state: PowerState::default() })),
    );
    caught("I15", "the user said so", tell(&nothing_follows(60, run_anyway())));
    caught("I15", "old enough", tell(&nothing_follows(DAY + 60, Input::Tick)));
}

#[test]
fn no_wake_up_names_a_condition_that_nothing_has() {
    let wake_up = WakeUp::new(WallTime::from_unix_ms(2_000_000), WallTime::from_unix_ms(3_000_000), true, true);
    let armed = |wake_up| held(vec![(1, Input::Tick, vec![Output::ArmWakeUp(Some(wake_up))])]);
    assert_eq!(tell_with(charging_for_a_day(), &armed(wake_up)), Ok(()));
    let with = |change: fn(&mut WakeUp)| {
        let mut other = wake_up;
        change(&mut other);
        other
    };
    caught("I16", "roaming", tell_with(parameters(|_| {}), &armed(with(|it| it.charging = true))));
    for other in
        [with(|it| it.unmetered = true), with(|it| it.not_roaming = true), with(|it| it.battery_not_low = true)]
    {
        let none = parameters(|it| {
            it.conditions = background_sync::policy::PerKind {
                one_shot: it.conditions.one_shot.with(|of| of.charging = Some(Duration::from_secs(DAY))),
                periodic: background_sync::scheduler::Conditions::none(),
            }
        });
        caught("I16", "a condition that no kind has", tell_with(none, &armed(other)));
    }
}
