use std::time::Duration;

use background_sync_policy::{Origin, Partition, PartitionId};
use background_sync_registration::{MonotonicTime, Now, WallTime};
use background_sync_scheduler::{Budget, StoredBudget, SyncParameters};
use proptest::prelude::*;

use crate::history::{DAY, History, Used, allowed, wall};

#[derive(Clone, Copy, Debug)]
enum Op {
    /// The clock moves; also back.
    Clock(i64),
    BookStart(Duration),
    BookNext(Duration),
    BookRest(Duration),
    Settle(prop::sample::Index, Duration),
    Cancel(prop::sample::Index),
    /// Something is said about a booking that has ended: it is too late to change anything.
    EndAgain(prop::sample::Index, Duration),
    /// The process ends, and the next one reads what was stored.
    Restart,
}

fn cap() -> impl Strategy<Value = Duration> {
    prop_oneof![4 => (0_u64..200).prop_map(Duration::from_secs), 1 => (0_u64..3_000).prop_map(Duration::from_millis)]
}

fn clock() -> impl Strategy<Value = i64> {
    let day = 86_400_000;
    prop_oneof![
        6 => 0_i64..3_600_000,
        2 => 0_i64..day / 4,
        1 => day - 1..=day + 1,
        1 => -day * 2..0,
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => clock().prop_map(Op::Clock),
        1 => cap().prop_map(Op::BookStart),
        3 => cap().prop_map(Op::BookNext),
        1 => cap().prop_map(Op::BookRest),
        3 => (any::<prop::sample::Index>(), cap()).prop_map(|(which, used)| Op::Settle(which, used)),
        1 => any::<prop::sample::Index>().prop_map(Op::Cancel),
        1 => (any::<prop::sample::Index>(), cap()).prop_map(|(which, used)| Op::EndAgain(which, used)),
        1 => Just(Op::Restart),
    ]
}

fn parameters() -> impl Strategy<Value = SyncParameters> {
    (0_u32..20, 0_u64..1_500).prop_map(|(background_starts_per_day, seconds)| {
        SyncParameters::recommended().into_parameters().with(|it| {
            it.background_starts_per_day = background_starts_per_day;
            it.background_time_per_day = Duration::from_secs(seconds);
        })
    })
}

/// A budget as it is written and read.
pub(crate) fn through_the_store(budget: &Budget) -> StoredBudget {
    let origin = Origin::parse("https://a.example").unwrap();
    let stored = budget.to_stored(Partition::Profile(PartitionId(1)), &origin);
    StoredBudget::decode(&stored.encode()).unwrap()
}

/// What a budget says was used.
pub(crate) fn used(budget: &Budget) -> Used {
    let entries = through_the_store(budget).entries;
    entries.iter().fold((0, Duration::ZERO), |(n, time), (_, starts, more)| (n + u64::from(*starts), time + *more))
}

pub(crate) fn both_clocks(wall: WallTime) -> Now {
    Now { monotonic: MonotonicTime::ZERO, wall }
}

/// A budget and the history it stands for.
#[derive(Debug, Default)]
pub(crate) struct Both {
    pub(crate) budget: Budget,
    pub(crate) history: History,
}

impl Both {
    /// Does it to both. What is granted is what the rule leaves.
    fn apply(&mut self, op: Op, now: WallTime, params: &SyncParameters) -> Result<(), TestCaseError> {
        let Self { budget, history } = self;
        budget.forget(now);
        history.look(now);
        let left = params.background_time_per_day.saturating_sub(history.used().1);
        match op {
            Op::Clock(_) => {}
            Op::BookStart(cap) => history.book(budget.book_start(now, cap), now, 1, cap),
            Op::BookNext(cap) => {
                let ticket = budget.book_next(now, cap, params);
                prop_assert_eq!(budget.booked(ticket), cap.min(left), "no more than is left");
                history.book(ticket, now, 1, cap.min(left));
            }
            Op::BookRest(cap) => {
                let (ticket, granted) = budget.book_rest(now, cap, false, params);
                prop_assert_eq!(granted, cap.min(left), "no more than is left");
                history.book(ticket, now, 0, granted);
            }
            Op::Settle(which, used) => {
                if let Some((index, ticket)) = pick(which, &history.tickets(false)) {
                    budget.settle(ticket, used);
                    history.settle(index, used);
                }
            }
            Op::Cancel(which) => {
                if let Some((index, ticket)) = pick(which, &history.tickets(false)) {
                    budget.cancel(ticket);
                    history.cancel(index);
                }
            }
            Op::EndAgain(which, used) => {
                if let Some((_, ticket)) = pick(which, &history.tickets(true)) {
                    budget.settle(ticket, used);
                    budget.cancel(ticket);
                }
            }
            Op::Restart => {
                *budget = Budget::restored(&through_the_store(budget), now);
                history.restart();
            }
        }
        Ok(())
    }
}

fn pick<T: Copy>(which: prop::sample::Index, of: &[T]) -> Option<T> {
    (!of.is_empty()).then(|| *which.get(of))
}

proptest! {
    /// I13: what counts is what was booked in the last day, corrected by what ended, whatever the clock does; and
    /// who has to wait is told exactly how long.
    #[test]
    fn i13_a_budget_is_what_was_booked_in_a_rolling_day(
        ops in prop::collection::vec(op(), 1..100), params in parameters(), least in cap(),
    ) {
        let mut both = Both::default();
        let mut now = 0;
        for op in ops {
            if let Op::Clock(by) = op {
                now += by;
            }
            both.apply(op, wall(now), &params)?;
            let Both { budget, history } = &mut both;
            // Asked before anything old is thrown away.
            let has_to_wait = budget.wait(both_clocks(wall(now)), least, &params);
            let available = budget.available(wall(now), least, &params);
            prop_assert_eq!(has_to_wait.is_none(), available.is_some());
            prop_assert_eq!(used(budget), history.used(), "after {:?} of {:?}", op, history.bookings);
            prop_assert_eq!(available, allowed(history.used(), least, &params));
            if available.is_none() {
                let wait = budget.until_available(both_clocks(wall(now)), least, &params);
                let until = history.enough_at(least, &params);
                // A wait is no shorter than a clock can tell.
                let exact = until.map(|until| until.since(wall(now)).max(Duration::from_millis(1)));
                prop_assert_eq!(has_to_wait, wait.or(Some(Duration::from_secs(86_400))));
                prop_assert_eq!(wait, exact, "{:?} at {} ms", history.bookings, now);
            }
        }
    }

    /// A crash wins no time, and neither does storing and reading.
    #[test]
    fn i13_what_was_stored_counts_as_it_did(
        ops in prop::collection::vec(op(), 1..60), params in parameters(), later in 0_i64..86_400_000,
    ) {
        let mut both = Both::default();
        let mut now = 0;
        for op in ops {
            if let Op::Clock(by) = op {
                now += by;
            }
            both.apply(op, wall(now), &params)?;
        }
        let mut restored = Budget::restored(&through_the_store(&both.budget), wall(now));
        for then in [now, now + later] {
            restored.forget(wall(then));
            both.budget.forget(wall(then));
            prop_assert_eq!(used(&restored), used(&both.budget));
        }
    }

    /// Whatever stands in a stored budget, it is kept small, and the origin has its whole day again a day later.
    #[test]
    fn i13_no_stored_budget_locks_an_origin_out_for_longer_than_a_day(
        entries in prop::collection::vec(
            (
                prop_oneof![-100_000_000_i64..100_000_000, any::<i64>()],
                prop_oneof![Just(0_u32), Just(1), Just(u32::MAX)],
                prop_oneof![cap(), Just(Duration::MAX)],
            ),
            0..300,
        ),
        now in -1_000_000_i64..1_000_000, is_looked_at in any::<bool>(),
    ) {
        let params = SyncParameters::recommended();
        let stored = StoredBudget::new(Partition::Profile(PartitionId(1)), Origin::parse("https://a.example").unwrap(), entries.into_iter().map(|(at, starts, time)| (wall(at), starts, time)).collect());
        let mut budget = Budget::restored(&stored, wall(now));
        let least = Duration::from_secs(1);
        // Nobody may look at it in the day between.
        if is_looked_at {
            if budget.available(wall(now), least, &params).is_none() {
                let wait = budget.until_available(both_clocks(wall(now)), least, &params);
                prop_assert!(wait.is_some_and(|wait| wait <= DAY), "{:?}", wait);
            }
            let kept = through_the_store(&budget).entries.len();
            prop_assert!(kept <= 128, "{} entries", kept);
        }
        let a_day_later = wall(now).after(DAY);
        let whole = Some(params.background_time_per_day);
        prop_assert_eq!(budget.available(a_day_later, least, &params), whole);
    }

    /// What an event needs: a last chance all of its cap, any other the least an event is given, and never more than a
    /// day's allowance, which always is enough.
    #[test]
    fn a_days_whole_allowance_is_always_enough(
        (event, last, least, day) in (1_u64..300, 1_u64..300, 0_u64..300, 0_u64..400), last_chance in any::<bool>(),
    ) {
        let params = SyncParameters::recommended().into_parameters().with(|it| {
it.max_sync_event_duration = Duration::from_secs(event);
it.max_last_chance_duration = Duration::from_secs(last);
it.min_event_duration = Duration::from_secs(least);
it.background_time_per_day = Duration::from_secs(day);
});
        let needed = if last_chance { last } else { event.min(least) };
        let needed = Duration::from_secs(needed.min(day));
        prop_assert_eq!(params.least_background_time(last_chance), needed);
        let available = Budget::default().available(wall(0), needed, &params);
        prop_assert_eq!(available, (day > 0).then_some(params.background_time_per_day));
    }
}
