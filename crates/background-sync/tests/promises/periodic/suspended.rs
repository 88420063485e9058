//! Suspended, paused, revoked, switched off.

use background_sync::policy::{PermissionState, SyncKind, UserSwitch};
use background_sync::registration::StateName;
use background_sync::scheduler::{Engagement, PeriodicHold};
use background_sync::{Input, Outcome, Output, PeriodicInput, WhyNot};

use super::{host, hours, register, tags, visit, why_not};
use crate::support::{Host, PROFILE, origin, secs};

fn engagement(host: &mut Host, engagement: Engagement) {
    host.send(Input::Periodic(PeriodicInput::EngagementChanged { partition: PROFILE, origin: origin(), engagement }));
}

fn pause(host: &mut Host, paused: bool) {
    host.send(Input::Periodic(PeriodicInput::PauseChanged { partition: PROFILE, origin: origin(), paused }));
}

fn state(host: &Host) -> StateName {
    host.machine.registrations().next().unwrap().state
}

fn hold(host: &Host) -> Option<PeriodicHold> {
    match why_not(host, "news")[..] {
        [WhyNot::Periodic { why, until: None }] => Some(why),
        _ => None,
    }
}

#[test]
fn without_engagement_it_is_suspended_until_a_visit() {
    let mut host = host();
    register(&mut host, "news", 1);
    engagement(&mut host, Engagement::None);
    host.run(hours(48));
    assert_eq!((host.events.len(), state(&host)), (0, StateName::Suspended));
    assert_eq!(hold(&host), Some(PeriodicHold::NoEngagement));
    assert_eq!(tags(&mut host, SyncKind::Periodic).len(), 1, "listed, and could be unregistered");
    visit(&mut host);
    assert_eq!(state(&host), StateName::Pending);
    host.run(hours(25));
    assert_eq!(host.events.len(), 1);
}

#[test]
fn what_the_user_paused_only_the_user_lets_go_on() {
    let mut host = host();
    register(&mut host, "news", 1);
    pause(&mut host, true);
    visit(&mut host);
    host.run(hours(48));
    assert_eq!((host.events.len(), state(&host), hold(&host)), (0, StateName::Suspended, Some(PeriodicHold::Paused)));
    pause(&mut host, false);
    host.run(secs(90));
    assert_eq!(host.events.len(), 1);
}

#[test]
fn paused_between_judgement_and_event_nothing_fires() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.start = false;
    host.run(hours(12));
    let started = host.outputs.iter().rev().find_map(|output| match output {
        Output::Start { attempt, kind, .. } => Some((*attempt, *kind)),
        _ => None,
    });
    let (attempt, kind) = started.unwrap();
    assert_eq!(kind, SyncKind::Periodic);
    pause(&mut host, true);
    host.send(Input::Ready { attempt, facts: host.facts, network: host.network.clone() });
    assert_eq!(host.events, []);
}

#[test]
fn revoked_while_its_event_runs_it_is_gone_and_nothing_follows() {
    for state in [PermissionState::Prompt, PermissionState::Denied] {
        let mut host = host();
        register(&mut host, "news", 1);
        host.outcomes.push_back(None);
        host.run(hours(12));
        let kind = SyncKind::Periodic;
        host.send(Input::PermissionChanged { request: None, partition: PROFILE, origin: origin(), kind, state });
        let (_, attempt, _) = host.events[0].clone();
        host.send(Input::Finished { attempt, outcome: Outcome::Rejected });
        host.run(hours(48));
        assert_eq!((host.events.len(), host.machine.registration_count()), (1, 0), "{state:?}");
    }
}

#[test]
fn switched_off_the_running_event_is_ended() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.outcomes.push_back(None);
    host.run(hours(12));
    let kind = SyncKind::Periodic;
    host.send(Input::UserSwitch { request: None, origin: None, kind, switch: UserSwitch::Off });
    assert!(host.outputs.iter().any(|output| matches!(output, Output::Terminate { .. })));
    assert_eq!(host.machine.registration_count(), 0);
}

#[test]
fn a_permission_that_is_not_granted_any_more_at_the_start_fires_nothing() {
    let mut host = host();
    register(&mut host, "news", 1);
    host.facts.permission = PermissionState::Prompt;
    host.run(hours(24));
    assert_eq!((host.events.len(), host.machine.registration_count()), (0, 0));
}
