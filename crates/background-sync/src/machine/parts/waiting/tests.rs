//! What waits for the store: the room there is, and what is about the same.

use background_sync_policy::{PartitionId, WindowClients};

use super::*;
use crate::machine::parts::named::{key, origin_name, wall};

mod model;

const PROFILE: Partition = Partition::Profile(PartitionId(0));

fn windows(number: usize, top_level: u32) -> Input {
    let windows = WindowClients::new(top_level, 0);
    Input::ClientsChanged { partition: PROFILE, origin: origin_name(number), windows }
}

fn switched(kind: SyncKind, switch: UserSwitch) -> Input {
    Input::UserSwitch { request: None, origin: None, kind, switch }
}

fn get_tags(number: usize) -> Input {
    Input::GetTags { request: RequestId(number as u64), key: key(number), kind: SyncKind::OneShot }
}

fn inputs(waiting: Waiting) -> Vec<Input> {
    waiting.into_entries().map(|entry| entry.input).collect()
}

/// As many notices about as many origins as there is room for.
fn full() -> Waiting {
    let mut waiting = Waiting::default();
    for number in 0..MOST_NOTICES {
        assert!(waiting.push_notice(wall(0), windows(number, 0), Vec::new()));
    }
    waiting
}

/// I10: nothing new finds room; what is known is renewed, and what is about everybody always does.
#[test]
fn what_waits_is_bounded() {
    let mut waiting = full();
    let asked = vec![(RequestId(1), Taken::Stored)];
    let cleared = Input::DataCleared { request: None, scope: ClearedScope::Key(key(0)), since: Some(wall(0)) };
    assert!(!waiting.push_notice(wall(0), windows(MOST_NOTICES, 0), Vec::new()));
    assert!(!waiting.push_notice(wall(0), cleared, asked));
    assert_eq!(waiting.asked(), 0, "it is told so, and does not wait");
    assert!(waiting.push_notice(wall(0), windows(0, 1), Vec::new()), "about this one something waits already");
    for switch in [UserSwitch::Off, UserSwitch::On] {
        for kind in SyncKind::ALL {
            assert!(waiting.push_notice(wall(0), switched(kind, switch), Vec::new()));
        }
    }
    waiting.push_request(wall(0), &key(0), get_tags(0));
    assert_eq!(inputs(waiting).len(), MOST_NOTICES + 2 * SyncKind::ALL.len() + 1, "requests are bounded elsewhere");
}

/// A clearing that came before a call does not cover one after it, so there is no place of an earlier one to take.
#[test]
fn a_clearing_after_a_call_finds_no_room_either() {
    let cleared = |since| Input::DataCleared { request: None, scope: ClearedScope::Key(key(0)), since };
    let mut waiting = Waiting::default();
    assert!(waiting.push_notice(wall(0), cleared(Some(wall(0))), Vec::new()));
    for number in 1..MOST_NOTICES {
        assert!(waiting.push_notice(wall(0), windows(number, 0), Vec::new()));
    }
    waiting.push_request(wall(0), &key(0), get_tags(0));
    let asked = vec![(RequestId(1), Taken::Stored)];
    assert!(!waiting.push_notice(wall(0), cleared(Some(wall(3))), asked.clone()));
    assert_eq!(waiting.asked(), 0);
    assert!(waiting.push_notice(wall(0), cleared(None), asked), "everything covers whatever came before");
    assert_eq!(waiting.asked(), 1);
}

/// The store could not be read and calls gave up: what was said stays, however little room there is.
#[test]
fn nothing_that_found_room_is_dropped_later() {
    let mut waiting = full();
    for kind in SyncKind::ALL {
        waiting.push_notice(wall(0), switched(kind, UserSwitch::Off), Vec::new());
    }
    waiting.push_request(wall(0), &key(0), get_tags(0));
    assert!(waiting.push_notice(wall(0), windows(0, 1), Vec::new()), "it is the last one now");
    assert_eq!(waiting.take_those_that_give_up(), [get_tags(0)]);
    let left = inputs(waiting);
    assert_eq!((left.len(), left.last()), (MOST_NOTICES + SyncKind::ALL.len(), Some(&windows(0, 1))));
}

/// Only a general switch that is off can be ended, and nothing is said by what is allowed anyway.
#[test]
fn what_takes_nothing_away_does_not_wait() {
    let mut waiting = Waiting::default();
    let allowed = Input::PermissionChanged {
        request: None,
        partition: PROFILE,
        origin: origin_name(0),
        kind: SyncKind::OneShot,
        state: background_sync_policy::PermissionState::Prompt,
    };
    let on_here = Input::UserSwitch {
        request: None,
        origin: Some((PROFILE, origin_name(0))),
        kind: SyncKind::OneShot,
        switch: UserSwitch::On,
    };
    for notice in [switched(SyncKind::OneShot, UserSwitch::On), allowed, on_here] {
        assert!(waiting.push_notice(wall(0), notice, Vec::new()), "there is nothing to wait with");
    }
    assert_eq!(inputs(waiting), []);
}
