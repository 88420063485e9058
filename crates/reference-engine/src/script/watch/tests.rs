//! What counts against the time of an entry.

use super::*;

/// Enough questions for any machine to use up a few milliseconds.
const MANY: u32 = 1_000_000_000;

fn entered(entry_time: Duration) -> Rc<Watch> {
    let watch = Watch::new(Limits { entry_time, ..Limits::default() });
    watch.arm();
    assert_eq!(watch.begin(), Ok(()));
    watch
}

#[test]
fn an_entry_that_computes_for_too_long_is_stopped() {
    let watch = entered(Duration::from_millis(20));
    assert!((0..MANY).any(|_| watch.must_stop()));
    assert_eq!(watch.stopped(), Some(Stopped::TimeUp));
    assert_eq!(watch.begin(), Err(Stopped::TimeUp), "there is no way back");
}

/// A thread that does not run is what a busy machine looks like from within.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_vendor = "apple"))]
#[test]
fn time_in_which_the_thread_does_not_run_is_not_counted() {
    let watch = entered(Duration::from_millis(200));
    std::thread::sleep(Duration::from_millis(400));
    assert!(!watch.must_stop());
}

#[test]
fn every_entry_has_a_budget_of_its_own() {
    let watch = entered(Duration::from_millis(100));
    let begun = processor_time();
    let used = |time: u64| processor_time().saturating_sub(begun) > Duration::from_millis(time);
    assert!((0..MANY).any(|_| used(60)));
    assert_eq!(watch.begin(), Ok(()));
    assert!((0..MANY).any(|_| used(120)));
    assert!(!watch.must_stop(), "of this entry 60 ms are used up");
}
