use std::time::Duration;

use background_sync_scheduler::SyncParameters;
use proptest::prelude::*;

use crate::budget::{Both, both_clocks, through_the_store, used};
use crate::history::{COARSENESS, History, allowed, wall};

/// More bookings than a budget keeps apart: pauses between them, the time each takes, and how many later ones begin
/// before it ends.
fn bookings() -> impl Strategy<Value = Vec<(i64, Duration, usize)>> {
    let pause = prop_oneof![
        20 => 0_i64..60_000,
        10 => 0_i64..600_000,
        2 => 0_i64..7_200_000,
        1 => -7_200_000_i64..0,
    ];
    let time = (0_u64..5_000).prop_map(Duration::from_millis);
    let ends_after = prop_oneof![4 => Just(0_usize), 1 => 0_usize..3];
    prop::collection::vec((pause, time, ends_after), 130..320)
}

/// An upper bound on what may still count: the same history in which everything counts a quarter of an hour longer.
fn longer(history: &History) -> History {
    History { longer_by: COARSENESS, ..history.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// I10, I13: however many bookings there are, few are kept; what they are put together for is never forgotten
    /// too soon, and a quarter of an hour late at most.
    #[test]
    fn i10_putting_together_keeps_a_budget_small_and_forgets_nothing_too_soon(bookings in bookings()) {
        let params = SyncParameters::recommended().into_parameters().with(|it| {
it.background_starts_per_day = 200;
it.background_time_per_day = Duration::from_secs(600);
});
        let least = Duration::from_secs(3);
        let mut both = Both::default();
        let mut late = longer(&both.history);
        let mut now = 0;
        let mut ends: Vec<usize> = Vec::new();
        for (index, (pause, time, ends_after)) in bookings.into_iter().enumerate() {
            now += pause;
            let Both { budget, history } = &mut both;
            let ticket = budget.book_start(wall(now), time);
            for history in [&mut *history, &mut late] {
                history.look(wall(now));
                history.book(ticket, wall(now), 1, time);
            }
            ends.push(index + ends_after);
            for ended in (0..ends.len()).filter(|booking| ends[*booking] == index) {
                budget.settle(history.bookings[ended].ticket.unwrap(), time);
                history.settle(ended, time);
                late.settle(ended, time);
            }
            let running = history.tickets(false).len();
            let available = budget.available(wall(now), least, &params);
            let used = used(budget);
            let (least_used, most_used) = (history.used(), late.used());
            prop_assert!(used.0 >= least_used.0 && used.1 >= least_used.1, "{:?} forgotten of {:?}", used, least_used);
            prop_assert!(used.0 <= most_used.0 && used.1 <= most_used.1, "{:?} kept, {:?} are due", used, most_used);
            prop_assert_eq!(available, allowed(used, least, &params));
            let kept = through_the_store(budget).entries.len();
            prop_assert!(kept <= 128 + 2 * running, "{} entries with {} events running", kept, running);
            if available.is_none() {
                let wait = budget.until_available(both_clocks(wall(now)), least, &params);
                let (soonest, latest) = (history.enough_at(least, &params), late.enough_at(least, &params));
                let until = wait.map(|wait| wall(now).after(wait));
                prop_assert!(until >= soonest, "{:?}, and before {:?} there is not enough", until, soonest);
                let a_second_later = latest.map(|latest| latest.max(wall(now)).after(Duration::from_secs(1)));
                prop_assert!(until <= a_second_later, "{:?}, and at {:?} there is enough", until, latest);
            }
        }
    }
}
