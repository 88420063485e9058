use background_sync_registration::{Charge, Series};
use background_sync_scheduler::SyncParameters;
use proptest::prelude::*;

/// What one promise goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happened {
    /// An event ended without being fulfilled, and something excused it or nothing did.
    Event { excused: bool },
    /// A start never became an event.
    Start,
}

fn happened() -> impl Strategy<Value = Happened> {
    prop_oneof![
        2 => Just(Happened::Event { excused: false }),
        6 => Just(Happened::Event { excused: true }),
        3 => Just(Happened::Start),
    ]
}

fn parameters() -> impl Strategy<Value = SyncParameters> {
    (1_u32..8, prop_oneof![4 => 0_u32..6, 1 => Just(u32::MAX)]).prop_map(|(max_sync_attempts, max_free_outcomes)| {
        SyncParameters::recommended().into_parameters().with(|it| {
            it.max_sync_attempts = max_sync_attempts;
            it.max_free_outcomes = max_free_outcomes;
        })
    })
}

/// Everything that happened before, with its price.
type History = Vec<(Happened, Charge)>;

fn count(history: &[(Happened, Charge)], charge: Charge) -> usize {
    history.iter().filter(|(_, price)| *price == charge).count()
}

/// Free is what is excused, after fewer free ones in a row than that bound and fewer in all than the cap. A start is
/// excused, and one that would use up the last attempt is free whatever came before.
fn price(history: &History, now: Happened, params: &SyncParameters) -> Charge {
    let in_a_row = history.iter().rev().take_while(|(_, price)| *price == Charge::Free).count();
    let bounded = in_a_row < params.max_free_outcomes as usize
        && count(history, Charge::Free) < params.max_sync_attempts as usize;
    let is_the_last = count(history, Charge::Charged) + 1 >= params.max_sync_attempts as usize;
    let free = match now {
        Happened::Event { excused } => excused && bounded,
        Happened::Start => bounded || is_the_last,
    };
    if free { Charge::Free } else { Charge::Charged }
}

proptest! {
    /// I5, I6: until the cap is used up, by an event that was told so, there are at most twice as many events as the
    /// cap has attempts, however many are excused and however many starts fail between them.
    #[test]
    fn i5_what_is_free_is_bounded_in_a_row_and_in_all(
        happens in prop::collection::vec(happened(), 1..120), params in parameters(),
    ) {
        let mut series = Series::default();
        let mut history = History::new();
        for now in happens {
            let charge = match now {
                Happened::Event { excused } => params.charge(series, excused),
                Happened::Start => params.charge_of_start(series),
            };
            prop_assert_eq!(charge, price(&history, now, &params), "{:?} after {:?}", now, history);
            series.book(charge);
            history.push((now, charge));
            let used_up = count(&history, Charge::Charged) >= params.max_sync_attempts as usize;
            prop_assert!(!used_up || now != Happened::Start, "a start used up the last attempt: {:?}", history);
            let events = history.iter().filter(|(what, _)| *what != Happened::Start).count();
            prop_assert!(events <= 2 * params.max_sync_attempts as usize, "{} events: {:?}", events, history);
            if used_up {
                break;
            }
        }
    }

    /// Twice the cap is reached: the bound is no larger than it has to be.
    #[test]
    fn i5_twice_the_cap_is_what_an_unlucky_promise_has(max_sync_attempts in 1_u32..8, max_free_outcomes in 1_u32..5) {
        let params = SyncParameters::recommended().into_parameters().with(|it| {
it.max_sync_attempts = max_sync_attempts;
it.max_free_outcomes = max_free_outcomes;
});
        let mut series = Series::default();
        let mut events = 0;
        while series.attempts < max_sync_attempts {
            series.book(params.charge(series, true));
            events += 1;
        }
        prop_assert_eq!(events, 2 * max_sync_attempts);
    }
}
