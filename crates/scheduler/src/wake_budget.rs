//! What a system lets a process run for that it has woken, and what that leaves for an event.

use std::time::Duration;

use background_sync_registration::MonotonicTime;

/// So much of a wake-up no event is given: the worker has to be stopped, and its end to be written and synced, before
/// the system may end the process. A slow disk takes a second. Of a wake-up that is shorter than four times this it is
/// a quarter.
const TIME_TO_WRITE_THE_END: Duration = Duration::from_secs(2);

/// What is left of a wake-up for events that nobody sees, and what wake-ups are like here.
///
/// It counts until the end that the system announced, also when the wake-up was called done before: the system may end
/// the process then. A process that is still there afterwards is kept by something else, and nothing bounds its events.
#[derive(Clone, Copy, Debug, Default)]
pub struct WakeBudget {
    /// The latest wake-up lasts until then.
    until: MonotonicTime,
    /// An event of it has to be over by then.
    events_by: MonotonicTime,
    /// The longest wake-up of this session.
    longest: Duration,
}

impl WakeBudget {
    /// The system has woken the process and lets it run for so long.
    pub fn woken(&mut self, now: MonotonicTime, budget: Duration) {
        let reserve = TIME_TO_WRITE_THE_END.min(budget / 4);
        self.until = now.after(budget);
        self.events_by = now.after(budget.saturating_sub(reserve));
        self.longest = self.longest.max(budget);
    }

    /// The longest cap of an event that is dispatched now without a window; `None` when no wake-up bounds it.
    #[must_use]
    pub fn left(&self, now: MonotonicTime) -> Option<Duration> {
        (now < self.until).then(|| self.events_by.since(now))
    }

    /// Until when an event without a window has to wait that needs at least `least`; `None` when it may start now.
    ///
    /// Where no wake-up is long enough for that it would wait for ever. So it needs no more than what it can count on
    /// in the longest wake-up that this system has given.
    #[must_use]
    pub fn wait(&self, now: MonotonicTime, least: Duration) -> Option<MonotonicTime> {
        let left = self.left(now)?;
        (left.is_zero() || left < least.min(self.dependable())).then_some(self.until)
    }

    /// Half of a wake-up may go by before anything starts, as the network is waited for and first events are spread; a
    /// sixth is for the start of the worker and for the end to be written.
    fn dependable(&self) -> Duration {
        self.longest / 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn at(seconds: u64) -> MonotonicTime {
        MonotonicTime::from_start(secs(seconds))
    }

    /// Wake-ups that begin now and then, each lasting so long.
    fn after(wake_ups: &[(u64, u64)]) -> WakeBudget {
        let mut budget = WakeBudget::default();
        wake_ups.iter().for_each(|(now, lasts)| budget.woken(at(*now), secs(*lasts)));
        budget
    }

    #[test]
    fn an_event_gets_what_is_left_but_for_the_time_to_write_its_end() {
        assert_eq!(WakeBudget::default().left(at(0)), None, "nobody was woken");
        let budget = after(&[(100, 60)]);
        assert_eq!(budget.left(at(100)), Some(secs(58)));
        assert_eq!(budget.left(at(148)), Some(secs(10)));
        assert_eq!(budget.left(at(159)), Some(secs(0)));
        assert_eq!(budget.left(at(160)), None, "the process is still there");
        assert_eq!(after(&[(0, 4)]).left(at(0)), Some(secs(3)), "a quarter of a short one");
        assert_eq!(after(&[(0, 600), (10, 30)]).left(at(10)), Some(secs(28)), "the latest word counts");
    }

    #[test]
    fn less_than_it_needs_is_nothing_until_the_wake_up_is_over() {
        let budget = after(&[(100, 60)]);
        assert_eq!(budget.wait(at(148), secs(10)), None);
        assert_eq!(budget.wait(at(149), secs(10)), Some(at(160)));
        assert_eq!(budget.wait(at(160), secs(10)), None);
        assert_eq!(WakeBudget::default().wait(at(0), secs(10)), None);
    }

    #[test]
    fn what_no_wake_up_ever_has_is_not_waited_for() {
        let minute = secs(60);
        assert_eq!(after(&[(0, 180)]).wait(at(118), minute), None);
        assert_eq!(after(&[(0, 180)]).wait(at(119), minute), Some(at(180)), "it has all of its cap in most of them");
        let always_short = after(&[(0, 30), (100, 30)]);
        assert_eq!(always_short.wait(at(100), minute), None);
        assert_eq!(always_short.wait(at(118), minute), None, "a third of the longest there was");
        assert_eq!(always_short.wait(at(119), minute), Some(at(130)));
        let short_now = after(&[(0, 180), (200, 30)]);
        assert_eq!(short_now.wait(at(200), minute), Some(at(230)), "the next long one has room");
    }

    #[test]
    fn a_wake_up_with_no_time_left_starts_nothing_however_short_they_are() {
        let budget = after(&[(0, 2)]);
        assert_eq!(budget.wait(MonotonicTime::from_start(Duration::from_millis(1_500)), Duration::ZERO), Some(at(2)));
    }
}
