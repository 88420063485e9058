use std::time::Duration;

use background_sync_registration::MonotonicTime;
use background_sync_scheduler::{LoopBreaker, SyncParameters};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happened {
    Dispatched,
    Ended,
    Registers,
}

fn step() -> impl Strategy<Value = (Duration, Happened)> {
    let pause = prop_oneof![
        3 => Just(Duration::ZERO),
        3 => (0_u64..10_000).prop_map(Duration::from_millis),
        2 => (29_999_u64..=30_001).prop_map(Duration::from_millis),
        1 => (0_u64..200_000).prop_map(Duration::from_millis),
    ];
    let happened =
        prop_oneof![1 => Just(Happened::Dispatched), 1 => Just(Happened::Ended), 2 => Just(Happened::Registers)];
    (pause, happened)
}

/// All that happened to one worker, oldest first.
struct History(Vec<(MonotonicTime, Happened)>);

impl History {
    fn running_before(&self, index: usize) -> usize {
        let count = |which| self.0[..index].iter().filter(|(_, what)| *what == which).count();
        count(Happened::Dispatched) - count(Happened::Ended)
    }

    /// No event runs, and the last one ended longer ago than the window is; or there never was one.
    fn quiet_before(&self, index: usize, window: Duration) -> bool {
        let (now, _) = self.0[index];
        let last_end = self.0[..index].iter().rev().find(|(_, what)| *what == Happened::Ended);
        self.running_before(index) == 0 && last_end.is_none_or(|(end, _)| now.since(*end) > window)
    }

    fn registers_between(&self, from: usize, to: usize) -> bool {
        self.0[from..to].iter().any(|(_, what)| *what == Happened::Registers)
    }

    /// Whether this is a dispatch, and something was registered between it and the next one.
    fn is_hop(&self, index: usize) -> bool {
        let next = self.0[index + 1..].iter().position(|(_, what)| *what == Happened::Dispatched);
        let next = next.map_or(self.0.len(), |further| index + 1 + further);
        self.0[index].1 == Happened::Dispatched && self.registers_between(index, next)
    }

    /// Whether the row ends before this happening. It does where it was quiet for longer than the window, if then
    /// something is registered, which no event can have caused, or if the event before had registered nothing.
    fn breaks_the_row(&self, index: usize, window: Duration) -> bool {
        self.quiet_before(index, window)
            && match self.0[index].1 {
                Happened::Registers => true,
                Happened::Dispatched => {
                    let before = self.0[..index].iter().rposition(|(_, what)| *what == Happened::Dispatched);
                    before.is_none_or(|dispatch| !self.registers_between(dispatch, index))
                }
                Happened::Ended => false,
            }
    }

    /// How long the registration that is the last happening has to wait: nothing for the first event of a row in
    /// which the worker registered, then the spacing, doubled with each further one.
    fn wait(&self, params: &SyncParameters) -> Duration {
        let begin = (0..self.0.len()).rev().find(|index| self.breaks_the_row(*index, params.loop_window)).unwrap_or(0);
        let hops = (begin..self.0.len()).filter(|index| self.is_hop(*index));
        let mut wait = Duration::ZERO;
        for _ in hops.skip(1) {
            wait = (wait * 2).max(params.min_refire_spacing).min(params.max_retry_delay);
        }
        wait
    }
}

proptest! {
    /// I13: a worker that registers in its own events is slowed down, whatever else it does between them.
    #[test]
    fn i13_registering_in_events_in_a_row_waits_twice_as_long_each_time(
        steps in prop::collection::vec(step(), 1..100), spacing in 1_u64..3_000, cap in 3_000_u64..100_000,
    ) {
        let params = SyncParameters::recommended().into_parameters().with(|it| {
it.min_refire_spacing = Duration::from_millis(spacing);
it.max_retry_delay = Duration::from_millis(cap);
});
        let mut breaker = LoopBreaker::default();
        let mut history = History(Vec::new());
        let mut now = MonotonicTime::ZERO;
        for (pause, happened) in steps {
            now = now.after(pause);
            if happened == Happened::Ended && history.running_before(history.0.len()) == 0 {
                continue;
            }
            history.0.push((now, happened));
            match happened {
                Happened::Dispatched => breaker.event_dispatched(now, &params),
                Happened::Ended => breaker.event_ended(now),
                Happened::Registers => {
                    let wait = breaker.worker_registers(now, &params);
                    prop_assert_eq!(wait, history.wait(&params), "{:?}", history.0);
                }
            }
        }
    }
}
