//! Expectations about what is registered.

use background_sync::WhyNot;
use background_sync::policy::{RegistrationKey, SyncKind};
use background_sync::registration::{RegistrationState, Schedule, StateName, SyncRegistration, Tag, Wait};

use super::{Found, Witness};
use crate::timeline::{ExpectRegistered, ExpectRegistration, ExpectState, ExpectWhyNot, Time};
use crate::world::Trouble;

/// Which tags are registered, as inspectors see them.
pub(super) fn registered(world: &impl Witness, expected: &ExpectRegistered) -> Result<Found, Trouble> {
    let key = world.key(&expected.worker)?;
    let views = world.machine().into_iter().flat_map(background_sync::Machine::registrations);
    let found: Vec<_> =
        views.filter(|view| view.key == key && view.kind == expected.kind).map(|view| view.tag).collect();
    Ok(if found == expected.tags { Ok(()) } else { Err(format!("{found:?}")) })
}

/// State, attempts and schedule of one.
pub(super) fn registration(world: &impl Witness, expected: &ExpectRegistration) -> Result<Found, Trouble> {
    let key = world.key(&expected.worker)?;
    let found = world.machine().and_then(|machine| machine.registration(&key, expected.kind, &expected.tag));
    let (Some(found), Some(state)) = (found, shown(world, &key, expected.kind, &expected.tag)) else {
        let absent = expected.state == ExpectState::Absent;
        return Ok(if absent { Ok(()) } else { Err("no such registration".to_owned()) });
    };
    let until = wait_of(found).map(|wait| Time(world.moment_of(wait.until())));
    let attempts = found.series().attempts;
    let schedule = found.schedule();
    let anchor = schedule.map(|schedule| world.moment_of_wall(schedule.anchor));
    let matches = is(state, expected.state)
        && expected.attempts.is_none_or(|wanted| attempts == wanted)
        && expected.until.is_none_or(|wanted| until == Some(wanted))
        && expected.min_interval.is_none_or(|wanted| schedule.map(|schedule| schedule.min_interval) == Some(wanted))
        && expected.anchor.is_none_or(|wanted| anchor == Some(wanted));
    let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
    Ok(if matches { Ok(()) } else { Err(format!("{state}{until}, {attempts} attempts{}", every(schedule, anchor))) })
}

fn every(schedule: Option<Schedule>, anchor: Option<Time>) -> String {
    let both = schedule.zip(anchor);
    both.map(|(schedule, anchor)| format!(", every {} since {anchor}", Time::millis(schedule.min_interval.ms())))
        .unwrap_or_default()
}

/// The state that inspectors are shown, which of a periodic sync is more than its own.
fn shown(world: &impl Witness, key: &RegistrationKey, kind: SyncKind, tag: &Tag) -> Option<StateName> {
    let mut views = world.machine()?.registrations();
    views.find(|view| view.key == *key && view.kind == kind && view.tag == *tag).map(|view| view.state)
}

fn is(found: StateName, expected: ExpectState) -> bool {
    found
        == match expected {
            ExpectState::Absent => return false,
            ExpectState::Pending => StateName::Pending,
            ExpectState::Waiting => StateName::Waiting,
            ExpectState::Firing => StateName::Firing,
            ExpectState::ReregisteredWhileFiring => StateName::ReregisteredWhileFiring,
            ExpectState::Suspended => StateName::Suspended,
        }
}

fn wait_of(found: &SyncRegistration) -> Option<Wait> {
    match found.state() {
        RegistrationState::Pending { not_before } => not_before,
        RegistrationState::Waiting { back_off, .. } => Some(back_off),
        RegistrationState::Firing { .. } | RegistrationState::ReregisteredWhileFiring { .. } => None,
    }
}

/// Reasons are compared by name; their times are shown.
pub(super) fn why_not(world: &impl Witness, expected: &ExpectWhyNot) -> Result<Found, Trouble> {
    let key = world.key(&expected.worker)?;
    let reasons =
        world.machine().map(|machine| machine.why_not(&key, expected.kind, &expected.tag)).unwrap_or_default();
    let named = |name: &String| reasons.iter().any(|reason| name_of(reason) == *name);
    let fits = match &expected.exactly {
        Some(names) => names.iter().chain(&expected.contains).all(named) && names.len() == reasons.len(),
        None => expected.contains.iter().all(named) && (!expected.contains.is_empty() || reasons.is_empty()),
    };
    let moments = reasons.iter().filter_map(|reason| Some(world.moment_of_wall(reason.until()?)));
    let in_time = expected.until.is_none_or(|until| moments.clone().any(|moment| moment == until));
    let moments: Vec<_> = moments.map(|moment| moment.to_string()).collect();
    let moments = if moments.is_empty() { String::new() } else { format!(", until {}", moments.join(" and ")) };
    Ok(if fits && in_time { Ok(()) } else { Err(format!("{reasons:?}{moments}")) })
}

/// What a reason is called: what holds a periodic sync has names of its own, and so has a condition.
fn name_of(reason: &WhyNot) -> String {
    let name = match reason {
        WhyNot::Periodic { why, until: _ } => format!("{why:?}"),
        WhyNot::Condition { condition, until: _ } => format!("{condition:?}"),
        other => format!("{other:?}"),
    };
    name.split(' ').next().unwrap_or_default().to_owned()
}
