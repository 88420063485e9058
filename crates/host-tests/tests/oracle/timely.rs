//! What can fire fires, in order, on its network, after the hold; and nothing wakes the device in vain.

use std::time::Duration;

use background_sync::policy::{Facts, SystemRestriction};
use background_sync::registration::{NetworkIdentity, Sequence, StoredRegistration, StoredState, Tag};
use background_sync::scheduler::{NetworkMode, NetworkState};
use background_sync::{Input, Output, StoreOp, TxnId, WakeUp};

use crate::words::*;

#[test]
fn what_nothing_holds_is_started() {
    assert_eq!(tell(&but(5, vec![(0, own_network(2), vec![])])), Ok(()), "it may be spread for a second");
    caught("I15", "nothing ever starts", tell(&but(5, vec![(0, own_network(2), vec![]), (5, Input::Tick, vec![])])));
    let unasked = but(4, vec![(0, delivered(1), vec![]), (5, Input::Tick, vec![])]);
    caught("I15", "nobody asks about its network", tell(&unasked));
    let unanswered = but(5, vec![(59, Input::Tick, vec![]), (62, Input::Tick, vec![])]);
    caught("I15", "nobody asks again", tell(&unanswered));
}

#[test]
fn nothing_starts_while_the_system_restricts_it() {
    let restricted = Input::RestrictionChanged { restriction: SystemRestriction::Restricted };
    let none = vec![Output::ArmWakeUp(None)];
    let quiet =
        but(5, vec![(0, restricted.clone(), none.clone()), (0, own_network(2), vec![]), (90, Input::Tick, vec![])]);
    assert_eq!(tell(&quiet), Ok(()));
    caught("I15", "started", tell(&but(5, vec![(0, restricted.clone(), none), (0, own_network(2), vec![start(1)])])));
    caught("I16", "woken for nothing", tell(&but(5, vec![(0, restricted, vec![])])));
}

/// Two tags are registered and could both start.
fn two_tags(rest: Vec<Output>) -> Story {
    let open = Facts::of_an_open_window();
    let second = put_tag(1, 2, "drafts", StoredState::Pending(None));
    let mut story = but(5, vec![(0, register_tag(2, "drafts", open), vec![second, KEEP])]);
    story.push((0, committed(1), vec![resolved(2)]));
    story.push((0, delivered(2), vec![]));
    story.push((0, own_network(2), rest));
    story.push((1, ready(1, open), vec![]));
    story
}

#[test]
fn the_first_registration_fires_first() {
    let firing = |sequence, tag| StoredRegistration {
        sequence: Sequence(sequence),
        tag: Tag::from(tag),
        ..stored(profile(), StoredState::Firing(false))
    };
    let both = [firing(1, "outbox"), firing(2, "drafts")].map(StoreOp::PutRegistration).to_vec();
    let told = |tag: &str| {
        let commit = Output::Commit { txn: TxnId(2), ops: both.clone() };
        let mut story = two_tags(vec![start(1), start(2), commit]);
        story.push((1, committed(2), vec![dispatch_tag(1, tag, false)]));
        tell(&story)
    };
    assert_eq!(told("outbox"), Ok(()));
    caught("order", "the second one overtakes", told("drafts"));
}

#[test]
fn replies_of_a_key_leave_in_call_order() {
    caught("order", "getTags overtakes register", tell(&but(3, vec![(0, tags(2), vec![listed(2, &[])])])));
    let mut story = but(3, vec![(0, tags(2), vec![])]);
    story.push((0, committed(0), vec![resolved(1), listed(2, &["outbox"]), arm(900)]));
    assert_eq!(tell(&story), Ok(()));
}

#[test]
fn a_link_that_flapped_is_held() {
    let told = |seconds| {
        let mut story = but(4, vec![(0, delivered(1), vec![]), (1, network(NetworkState::Offline, 3), vec![])]);
        story.push((2, network(NetworkState::online(), 4), vec![arm(4)]));
        story.push((seconds, own_network(5), vec![start(1)]));
        tell(&story)
    };
    caught("hold", "one second after it came back", told(3));
    assert!(!matches!(told(4), Err(trouble) if trouble.invariant == "hold"));
}

#[test]
fn what_was_registered_on_a_network_fires_there() {
    let same = || parameters(|parameters| parameters.network_mode = NetworkMode::Same);
    let on_home = |identity| StoredRegistration { network: identity, ..stored(profile(), StoredState::Pending(None)) };
    let told = |identity, fires_on: &str| {
        let mut story = good(false);
        story[1] = (0, network(named("home"), 1), vec![]);
        story[2].2[0] = put_stored(0, on_home(identity));
        let firing = StoredRegistration { state: StoredState::Firing(false), ..on_home(identity) };
        story[5].2[1] = put_stored(1, firing);
        story[6] = (1, network(named(fires_on), 3), vec![]);
        story.insert(7, (1, ready(1, Facts::of_an_open_window()), vec![]));
        tell_with(same(), &story)
    };
    assert_eq!(told(Some(NetworkIdentity::from(7)), "home"), Ok(()));
    caught("network", "at work", told(Some(NetworkIdentity::from(7)), "work"));
    caught("network", "nobody remembers", told(None, "home"));
}

#[test]
fn a_wake_up_is_asked_for_when_something_waits_and_only_then() {
    caught("I16", "none", tell(&but(3, vec![(0, committed(0), vec![resolved(1), LET_GO])])));
    let in_the_past = but(3, vec![(9, committed(0), vec![resolved(1), arm(8), LET_GO])]);
    caught("I16", "in the past", tell(&in_the_past));
    caught("I16", "for nothing", tell(&but(2, vec![(0, Input::Tick, vec![arm(900)])])));
    let charging =
        Output::ArmWakeUp(Some(WakeUp::new(at(900).wall, at(900).wall.after(Duration::from_secs(1)), true, true)));
    caught("I16", "on the charger", tell(&but(3, vec![(0, committed(0), vec![resolved(1), charging, LET_GO])])));
}

/// Offline; the system wakes the engine all the same.
fn in_vain(next: u64) -> Story {
    let offline = network(NetworkState::Offline, 3);
    let mut story = but(4, vec![(0, delivered(1), vec![]), (0, offline, vec![])]);
    story.push((1_000, woken(1), vec![arm(1_900), wake_done(1)]));
    story.push((1_900, woken(2), vec![arm(1_900 + next), wake_done(2)]));
    story
}

#[test]
fn wake_ups_in_vain_are_further_and_further_apart() {
    assert_eq!(tell(&in_vain(1_800)), Ok(()));
    caught("I16", "as soon as after the first one", tell(&in_vain(900)));
    caught("I16", "at once", tell(&in_vain(1)));
    let mut story = in_vain(1_800);
    story.push((2_000, network(NetworkState::online(), 4), vec![arm(2_002)]));
    assert_eq!(tell(&story), Ok(()), "a new reason to hope");
}

#[test]
fn the_process_is_kept_while_something_runs_and_no_longer() {
    let mut story = good(false);
    story[5].2.pop();
    caught("I16", "an event runs", tell(&story));
    let idle = but(2, vec![(0, Input::Tick, vec![KEEP]), (60, Input::Tick, vec![])]);
    caught("I16", "nothing runs", tell(&idle));
}
