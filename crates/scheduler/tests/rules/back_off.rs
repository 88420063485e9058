use std::time::Duration;

use background_sync_scheduler::{Jitter, JitterMode, SyncParameters, ValidParameters};
use proptest::prelude::*;

/// From a millisecond to longer than anybody waits.
fn length() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (1_u64..5_000).prop_map(Duration::from_millis),
        (1_u64..1_000_000).prop_map(Duration::from_secs),
        Just(Duration::MAX),
    ]
}

fn parameters() -> impl Strategy<Value = ValidParameters> {
    let factor = prop_oneof![4 => 1_u32..5, 1 => any::<u32>()];
    let jitter = prop_oneof![Just(JitterMode::Equal), Just(JitterMode::None)];
    (length(), length(), length(), factor, jitter).prop_filter_map(
        "the first delay and the spacing are within the cap",
        |(initial_retry_delay, max_retry_delay, min_refire_spacing, retry_delay_factor, jitter)| {
            let recommended = SyncParameters::recommended().into_parameters();
            let drawn = recommended.with(|it| {
                it.initial_retry_delay = initial_retry_delay;
                it.max_retry_delay = max_retry_delay;
                it.min_refire_spacing = min_refire_spacing;
                it.retry_delay_factor = retry_delay_factor;
                it.jitter = jitter;
            });
            drawn.validated().ok()
        },
    )
}

fn attempts() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0_u32..40, 1 => any::<u32>()]
}

/// The first delay times a power of the factor, within the cap: in nanoseconds, of which there are enough.
fn without_jitter(params: &SyncParameters, attempts: u32) -> Duration {
    let factor = u128::from(params.retry_delay_factor).saturating_pow(attempts.max(1) - 1);
    let nanos = params.initial_retry_delay.as_nanos().saturating_mul(factor).min(params.max_retry_delay.as_nanos());
    Duration::new(u64::try_from(nanos / 1_000_000_000).unwrap(), u32::try_from(nanos % 1_000_000_000).unwrap())
}

proptest! {
    #[test]
    fn a_back_off_is_what_the_formula_says_and_never_below_the_spacing(
        params in parameters(), attempts in attempts(), seed in any::<[u8; 16]>(),
    ) {
        let whole = without_jitter(&params, attempts);
        let delay = params.back_off(attempts, &mut Jitter::seeded(seed));
        let certain = match params.jitter {
            JitterMode::Equal => whole / 2,
            JitterMode::None => whole,
        };
        prop_assert!(delay >= certain.max(params.min_refire_spacing), "{:?} of {:?} is too short", delay, whole);
        prop_assert!(delay <= whole.max(params.min_refire_spacing), "{:?} of {:?} is too long", delay, whole);
        prop_assert!(delay <= params.max_retry_delay, "{:?} is beyond the cap", delay);
    }

    /// Chance may make one wait shorter than the one before it, but what is certain of it only grows.
    #[test]
    fn more_attempts_never_make_the_wait_shorter(params in parameters(), attempts in attempts(), seed in any::<[u8; 16]>()) {
        let params = params.into_parameters().with(|it| it.jitter = JitterMode::None);
        let mut jitter = Jitter::seeded(seed);
        let (shorter, longer) =
            (params.back_off(attempts, &mut jitter), params.back_off(attempts.saturating_add(1), &mut jitter));
        prop_assert!(shorter <= longer, "{:?}, then {:?}", shorter, longer);
        let equal = params.with(|it| it.jitter = JitterMode::Equal);
        let shortest = |attempts| (0..64).map(|seed| equal.back_off(attempts, &mut Jitter::seeded([seed; 16]))).min().unwrap();
        prop_assert!(shortest(attempts) >= (shorter / 2).max(equal.min_refire_spacing));
        prop_assert!(shortest(attempts.saturating_add(1)) >= (longer / 2).max(equal.min_refire_spacing));
    }
}
