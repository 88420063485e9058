//! Sleep, freeze, and the moments that are waited for.

use background_sync_policy::SyncKind;

use super::*;
use crate::machine::parts::named::{at, origins, secs, wall};

fn time_at(seconds: u64) -> Time {
    let mut time = Time::default();
    time.advance(Now { monotonic: at(seconds), wall: wall(seconds) });
    time
}

fn pass(time: &mut Time, seconds: u64) {
    let now = time.now();
    time.advance(Now { monotonic: now.monotonic.after(secs(seconds)), wall: now.wall.after(secs(seconds)) });
}

#[test]
fn caps_stand_still_while_the_process_is_frozen() {
    let mut time = time_at(100);
    time.freeze();
    pass(&mut time, 30);
    time.freeze();
    assert_eq!((time.cap_time(), time.monotonic(), time.is_frozen()), (at(100), at(130), true));
    assert_eq!(time.thaw().0, Some(secs(30)), "since it was first said");
    assert_eq!((time.cap_time(), time.thaw().0), (at(130), None));
}

#[test]
fn nothing_starts_asleep_or_frozen() {
    let mut time = time_at(0);
    time.sleep();
    time.freeze();
    assert!(!time.wake(), "it does not show");
    assert!(time.is_suspended(), "it is frozen still");
    assert!(!time.thaw().1);
    assert!(!time.is_suspended());
    time.sleep();
    assert!(time.is_suspended() && !time.is_frozen());
}

#[test]
fn timers_end_in_order_and_each_is_set_once() {
    let (mut time, [origin]) = (time_at(100), origins());
    time.set_in(Timer::LazyCommit, secs(5));
    time.set(Timer::Lane(origin.lane(SyncKind::OneShot)), at(103));
    time.set(Timer::StoreRetry, at(103));
    time.set(Timer::StoreRetry, at(104));
    time.set(Timer::WakeBudget, at(101));
    time.cancel(Timer::WakeBudget);
    assert_eq!((time.next_deadline(), time.pop_due()), (Some(at(103)), None));
    pass(&mut time, 5);
    let due: Vec<_> = std::iter::from_fn(|| time.pop_due()).collect();
    assert_eq!(due, [Timer::Lane(origin.lane(SyncKind::OneShot)), Timer::StoreRetry, Timer::LazyCommit]);
    assert_eq!(time.next_deadline(), None);
}

#[test]
fn a_moment_to_come_is_told_on_the_wall_clock() {
    let mut time = time_at(100);
    time.advance(Now { monotonic: at(100), wall: wall(500) });
    assert_eq!((time.on_wall(at(130)), time.on_wall(at(90))), (wall(530), wall(500)));
}

#[test]
fn a_sleep_shows_on_the_clocks_if_it_was_long_enough_to_matter() {
    for (slept, shows) in [(0, false), (50, false), (51, true), (1_999, true)] {
        let mut time = time_at(100);
        time.sleep();
        let Now { monotonic, wall } = time.now();
        time.advance(Now { monotonic, wall: WallTime::from_unix_ms(wall.unix_ms() + slept) });
        assert_eq!(time.wake(), shows, "{slept} ms");
        time.sleep();
        assert!(!time.wake(), "it was taken note of");
    }
}
