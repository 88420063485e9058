//! What is asked of the system, and the wake-ups that come of it.

use proptest::prelude::*;

use background_sync_policy::SyncKind;

use super::*;
use crate::machine::parts::named::{at, origins, secs, wall};

fn wake_up(seconds: u64) -> WakeUp {
    WakeUp::new(wall(seconds), wall(seconds + 900), true, false)
}

proptest! {
    /// The system is asked again only when what it was asked for last no longer fits.
    #[test]
    fn what_the_system_was_asked_for_is_never_more_than_a_second_off(
        wishes in prop::collection::vec((0_u64..4, prop::option::of(0_u64..12)), 0..30),
    ) {
        let mut wake = Wake::default();
        let (mut now, mut asked): (u64, Option<u64>) = (0, None);
        for (passed, wanted) in wishes {
            now += passed;
            // What is due already can't be had sooner than now.
            let off = match (asked, wanted) {
                (None, None) => Some(0),
                (Some(asked), Some(wanted)) => Some(asked.max(now).abs_diff(wanted.max(now))),
                (None, Some(_)) | (Some(_), None) => None,
            };
            let asks = wake.arm(wanted.map(wake_up), wall(now));
            prop_assert_eq!(asks, off.is_none_or(|off| off > 1));
            if asks {
                asked = wanted;
            }
        }
    }

    /// Should the process be killed, it is back within three to six minutes, and this is not asked anew all the time.
    #[test]
    fn while_something_runs_the_moment_to_be_back_at_is_near(passed in prop::collection::vec(0_u64..200, 1..30)) {
        let mut wake = Wake::default();
        let (mut now, mut asked) = (0, 0);
        for passed in passed {
            now += passed;
            let before = wake.recovery();
            wake.update_recovery(true, wall(now));
            let back = wake.recovery().map_or(Duration::ZERO, |at| at.since(wall(now)));
            prop_assert!(back >= secs(180) && back <= secs(360), "{:?}", back);
            asked += u64::from(wake.recovery() != before);
        }
        prop_assert!(asked <= 1 + now / 180);
        wake.update_recovery(false, wall(now));
        prop_assert_eq!(wake.recovery(), None);
    }
}

fn begun(token: u64) -> Wake {
    let mut wake = Wake::default();
    wake.begin(WakeToken(token), at(0), secs(30), at(10), wall(0));
    wake
}

#[test]
fn a_wake_up_is_called_done_once() {
    let mut wake = begun(7);
    assert_eq!((wake.time_left(at(12)), wake.time_left(at(40))), (Some(secs(18)), Some(secs(0))));
    assert!(wake.end(wall(20)));
    assert!(!wake.end(wall(20)), "none is going on");
    assert_eq!((wake.take_ended(), wake.take_ended()), (vec![WakeToken(7)], vec![]));
}

#[test]
fn only_an_event_makes_a_wake_up_worth_it() {
    let quarter = secs(15 * 60);
    let mut in_vain = begun(1);
    in_vain.came_online();
    in_vain.end(wall(0));
    assert_eq!(in_vain.patience().floor(wall(0)), wall(0).after(quarter), "a link within it is no reason to hope");
    in_vain.came_online();
    assert_eq!(in_vain.patience().floor(wall(0)), wall(0), "one that comes up by itself is");
    let mut fruitful = begun(2);
    fruitful.something_happened();
    fruitful.end(wall(0));
    assert_eq!(fruitful.patience().floor(wall(0)), wall(0));
}

#[test]
fn what_was_asked_for_is_used_up_by_coming() {
    let mut wake = Wake::default();
    assert!(wake.arm(Some(wake_up(900)), wall(0)));
    wake.begin(WakeToken(1), at(0), secs(30), at(10), wall(900));
    assert!(wake.arm(Some(wake_up(900)), wall(900)), "the same is asked for anew");
}

#[test]
fn the_first_origin_that_could_start_is_known_and_the_device_is_not_woken_for_a_private_one() {
    let (mut wake, [a, b]) = (Wake::default(), origins().map(|origin| origin.lane(SyncKind::OneShot)));
    wake.file(a, true, Some(at(3)));
    assert_eq!((wake.first_ready(), wake.ready_by(at(4)).collect::<Vec<_>>()), (None, vec![a]));
    wake.file(a, true, None);
    wake.file(a, false, Some(at(9)));
    wake.file(b, false, Some(at(5)));
    assert_eq!(wake.first_ready(), Some(at(5)));
    wake.file(b, false, None);
    assert_eq!((wake.first_ready(), wake.knows(a, false), wake.knows(b, false)), (Some(at(9)), true, false));
}

#[test]
fn the_process_is_told_of_changes_only() {
    let mut wake = Wake::default();
    assert_eq!([false, true, true, false].map(|wanted| wake.keep_alive(wanted)), [false, true, false, true]);
}
