use std::time::Duration;

use background_sync_scheduler::Jitter;
use proptest::prelude::*;

/// Lengths with and without a part of a millisecond, up to the longest there is.
fn length() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0_u64..20_000_000).prop_map(Duration::from_nanos),
        (0_u64..100_000_000).prop_map(Duration::from_millis),
        Just(Duration::MAX),
    ]
}

proptest! {
    /// Half of it is certain, and what is drawn of the other half is now more, now less than half of that.
    #[test]
    fn equal_jitter_stays_in_the_upper_half_and_reaches_both_halves_of_it(whole in length(), seed in any::<[u8; 16]>()) {
        let mut jitter = Jitter::seeded(seed);
        let drawn: Vec<_> = (0..64).map(|_| jitter.equal(whole)).collect();
        prop_assert!(drawn.iter().all(|delay| *delay >= whole / 2 && *delay <= whole), "{:?} of {:?}", drawn, whole);
        // Whole milliseconds are drawn, so there have to be some; and of the longest there is they are too many.
        if whole >= Duration::from_millis(4) && whole < Duration::MAX {
            let middle = whole / 2 + whole / 4;
            prop_assert!(drawn.iter().any(|delay| *delay < middle), "never short: {:?} of {:?}", drawn, whole);
            prop_assert!(drawn.iter().any(|delay| *delay >= middle), "never long: {:?} of {:?}", drawn, whole);
        }
    }

    /// Both ends included: nothing between zero and the most is left out.
    #[test]
    fn a_spread_reaches_every_millisecond_of_it(most in 0_u64..8, seed in any::<[u8; 16]>()) {
        let mut jitter = Jitter::seeded(seed);
        let drawn: Vec<_> = (0..400).map(|_| jitter.up_to(Duration::from_millis(most))).collect();
        prop_assert!(drawn.iter().all(|delay| *delay <= Duration::from_millis(most)));
        for ms in 0..=most {
            prop_assert!(drawn.contains(&Duration::from_millis(ms)), "{} of {} ms is never drawn", ms, most);
        }
    }

    /// I14: the seed decides.
    #[test]
    fn i14_the_same_seed_draws_the_same(whole in length(), seed in any::<[u8; 16]>()) {
        let draw = || {
            let mut jitter = Jitter::seeded(seed);
            [jitter.equal(whole), jitter.up_to(whole), Duration::from_nanos(jitter.next_u64())]
        };
        prop_assert_eq!(draw(), draw());
    }
}
