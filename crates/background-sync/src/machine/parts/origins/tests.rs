//! What is known of an origin against plain models, and whose turn it is.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use background_sync_policy::WindowClients;
use background_sync_scheduler::{NetworkState, OriginReach};
use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{at, new_origin, origin_name, secs};

#[derive(Clone, Copy, Debug)]
enum Word {
    /// The oracle is asked.
    Ask,
    /// It answers: online or not, with a number of this or of an earlier notice.
    Answer(bool, u64),
    /// The general state is another one.
    General,
    Void,
    FoundOffline,
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        2 => Just(Word::Ask),
        4 => (any::<bool>(), 0_u64..12).prop_map(|(online, epoch)| Word::Answer(online, epoch)),
        2 => Just(Word::General),
        1 => Just(Word::Void),
        1 => Just(Word::FoundOffline),
    ]
}

/// What the last words say, recomputed from all of them.
fn reach(words: &[(u64, Word)]) -> OriginReach {
    let mut newest = 0;
    let mut last = (OriginReach::Unknown, None);
    let mut general = 0;
    for (time, word) in words {
        match word {
            Word::Ask => last = (OriginReach::Asked(at(*time).after(secs(60))), None),
            Word::Answer(_, epoch) if *epoch < newest => {}
            Word::Answer(online, epoch) => {
                newest = *epoch;
                last = (if *online { OriginReach::Online } else { OriginReach::Offline }, Some(general));
            }
            Word::General => general += 1,
            Word::Void => last = (OriginReach::Unknown, None),
            Word::FoundOffline => last = (OriginReach::Offline, Some(general)),
        }
    }
    // An answer is about the general state of then.
    if last.1.is_some_and(|then| then != general) { OriginReach::Unknown } else { last.0 }
}

proptest! {
    #[test]
    fn an_answer_counts_until_the_general_state_changes(words in prop::collection::vec(word(), 0..30)) {
        let words: Vec<_> = (0..).zip(words).collect();
        let (mut origin, mut general) = (new_origin(0), 0);
        for (heard, (time, word)) in words.iter().enumerate() {
            let before = reach(&words[..heard]);
            match word {
                Word::Ask => {
                    prop_assert_eq!(origin.ask(at(*time)), at(*time).after(secs(60)));
                }
                Word::Answer(online, epoch) => {
                    let state = if *online { NetworkState::online() } else { NetworkState::Offline };
                    let answered = origin.answered(&state, *epoch, general);
                    let after = reach(&words[..=heard]);
                    if let Some(answered) = answered {
                        prop_assert_eq!(answered.online, *online);
                        prop_assert_eq!(answered.was_asked, matches!(before, OriginReach::Asked(_)));
                        prop_assert!(answered.is_new || before == after);
                    } else {
                        prop_assert_eq!(before, after, "a late word says nothing");
                    }
                }
                Word::General => general += 1,
                Word::Void => origin.ask_again(),
                Word::FoundOffline => origin.found_offline(general),
            }
            prop_assert_eq!(origin.reach(general), reach(&words[..=heard]));
        }
    }

    /// A navigation closes one window and opens the next.
    #[test]
    fn an_origin_is_in_the_background_when_its_last_window_closed_a_while_ago(
        words in prop::collection::vec((0_u64..4, 0_u32..3), 0..20),
    ) {
        const GRACE: u64 = 2;
        let mut origin = new_origin(0);
        let (mut now, mut open, mut closed) = (10, false, 0);
        for (passed, windows) in words {
            now += passed;
            let change = origin.windows_changed(WindowClients::new(windows, 0), at(now));
            let expected = match (open, windows > 0) {
                (true, false) => WindowsChange::LastClosed,
                (false, true) => WindowsChange::FirstOpened,
                (true, true) | (false, false) => WindowsChange::Nothing,
            };
            prop_assert_eq!(change, expected);
            if change == WindowsChange::LastClosed {
                closed = now;
            }
            open = windows > 0;
            for later in now..now + 4 {
                let background = !open && later >= closed + GRACE;
                prop_assert_eq!(origin.in_background(at(later), secs(GRACE)), background);
            }
        }
    }
}

#[test]
fn what_was_said_before_an_origin_was_heard_of_says_nothing() {
    let partition = Partition::Profile(PartitionId(0));
    let mut origin = Origin::new(partition, origin_name(0), 1, 7);
    assert_eq!(origin.answered(&NetworkState::online(), 6, 0), None);
    assert!(origin.answered(&NetworkState::online(), 7, 0).is_some());
}

#[test]
fn an_origin_is_spread_once_for_each_time_the_link_came_up() {
    let mut origin = new_origin(0);
    assert!(!origin.needs_spread(1), "what is registered while the link is up is not spread");
    assert!(origin.needs_spread(2));
    origin.spread(2, at(30));
    assert!(!origin.needs_spread(2));
    origin.spread_no_later_than(at(40));
    assert_eq!(origin.spread_until(), at(30));
    origin.spread_no_later_than(at(20));
    assert_eq!(origin.spread_until(), at(20));
    origin.spread_anew();
    assert!(origin.needs_spread(2), "after a restart everybody is");
}

#[test]
fn tags_count_two_bytes_for_a_code_unit() {
    let mut origin = new_origin(0);
    origin.count_registration(&"abc".into(), 1);
    origin.count_registration(&"d".into(), 1);
    assert_eq!((origin.registrations(), origin.tag_bytes()), (2, 8));
    origin.count_registration(&"abc".into(), -1);
    assert_eq!((origin.registrations(), origin.tag_bytes()), (1, 2));
}

#[test]
fn an_origin_is_found_in_its_partition_and_in_all() {
    let mut origins = Origins::default();
    let partitions = [Partition::Profile(PartitionId(0)), Partition::Private(PartitionId(3))];
    let [profile, private] = partitions.map(|of| origins.add(Origin::new(of, origin_name(0), 1, 0)).unwrap());
    let other = origins.add(new_origin(1)).unwrap();
    assert_eq!(partitions.map(|of| origins.find(of, &origin_name(0))), [Some(profile), Some(private)]);
    assert_eq!(origins.partitions_of(&origin_name(0)), [profile, private]);
    assert_eq!(origins.all(), [profile, private, other]);
    origins.join(other.lane(SyncKind::OneShot));
    origins.join(profile.lane(SyncKind::OneShot));
    assert!(origins.remove(other).is_some());
    assert_eq!(origins.next_turn(), Some(profile.lane(SyncKind::OneShot)), "who is gone has no turn");
    assert_eq!((origins.next_turn(), origins.find(partitions[0], &origin_name(1))), (None, None));
}
