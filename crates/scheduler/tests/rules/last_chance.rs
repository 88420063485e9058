use std::time::Duration;

use background_sync_registration::{Charge, Observed, Series, WallTime};
use background_sync_scheduler::{LastChance, SyncParameters};
use proptest::prelude::*;

const AGE: Duration = Duration::from_secs(7 * 86_400);

fn parameters() -> impl Strategy<Value = SyncParameters> {
    (1_u32..8, 1_u32..8).prop_map(|(max_sync_attempts, min_sync_attempts)| {
        SyncParameters::recommended().into_parameters().with(|it| {
            it.max_sync_attempts = max_sync_attempts;
            it.min_sync_attempts = min_sync_attempts;
            it.max_age = AGE;
        })
    })
}

/// How far the wall clock moves between two attempts: also back, and often to the very end of the age.
fn pause() -> impl Strategy<Value = i64> {
    let age = i64::try_from(AGE.as_millis()).unwrap();
    prop_oneof![3 => -age / 4..age, 1 => Just(age), 1 => Just(age + 1), 1 => Just(1)]
}

fn at(ms: i64) -> Observed {
    Observed { wall: WallTime::from_unix_ms(ms), running: Duration::ZERO }
}

proptest! {
    /// I6: an attempt is the last one exactly when one more charge uses up the cap, or when the promise is past its
    /// age and had its least attempts but for this one; a series has no more charged attempts than the cap, and no
    /// fewer than the least.
    #[test]
    fn i6_the_last_chance_comes_with_the_cap_or_with_age_after_enough_attempts(
        attempts in prop::collection::vec((pause(), prop::bool::weighted(0.7)), 1..40), params in parameters(),
    ) {
        let registered = 1_000;
        let mut now = registered;
        let mut series = Series::default();
        let mut charged = 0;
        for (pause, is_charged) in attempts {
            now += pause;
            let old = now - registered > i64::try_from(AGE.as_millis()).unwrap();
            let expected = if charged + 1 >= params.max_sync_attempts {
                Some(LastChance::Attempts)
            } else if old && charged + 1 >= params.min_sync_attempts.min(params.max_sync_attempts) {
                Some(LastChance::Age)
            } else {
                None
            };
            let why = params.why_last_chance(series, at(registered), at(now));
            prop_assert_eq!(why, expected, "{} charged, at {} ms", charged, now);
            prop_assert_eq!(params.last_chance(series, at(registered), at(now)), why.is_some());
            if why.is_some() {
                // Told so, and then nothing is free.
                let all = charged + 1;
                prop_assert!(all <= params.max_sync_attempts, "{} attempts", all);
                prop_assert!(all >= params.min_sync_attempts.min(params.max_sync_attempts), "{} attempts", all);
                break;
            }
            series.book(if is_charged { Charge::Charged } else { Charge::Free });
            charged += u32::from(is_charged);
        }
    }

    /// It does not matter to the rule which clock readings there are, nor how many attempts a record claims.
    #[test]
    fn no_number_is_too_large(attempts in any::<u32>(), registered in any::<i64>(), now in any::<i64>()) {
        let params = SyncParameters::recommended();
        let series = Series::charged(attempts);
        let why = params.why_last_chance(series, at(registered), at(now));
        let old = i128::from(now) - i128::from(registered) > AGE.as_millis().cast_signed();
        let expected = match attempts {
            11.. => Some(LastChance::Attempts),
            2.. if old => Some(LastChance::Age),
            _ => None,
        };
        prop_assert_eq!(why, expected);
    }
}
