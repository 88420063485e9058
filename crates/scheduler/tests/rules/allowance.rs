use std::time::Duration;

use background_sync_registration::MonotonicTime;
use background_sync_scheduler::Allowance;
use proptest::prelude::*;

const HOUR: Duration = Duration::from_secs(3_600);

/// Time between two questions, often such that an hour ends exactly then.
fn pause() -> impl Strategy<Value = Duration> {
    prop_oneof![
        2 => (0_u64..900).prop_map(Duration::from_secs),
        1 => Just(HOUR / 2),
        1 => (0_u64..3).prop_map(|ms| HOUR - Duration::from_millis(1) + Duration::from_millis(ms)),
    ]
}

proptest! {
    /// One is given exactly when fewer than the allowance were given in the hour before.
    #[test]
    fn so_many_in_any_rolling_hour_and_never_one_less(
        pauses in prop::collection::vec(pause(), 1..60), per_hour in 0_u32..6,
    ) {
        let mut allowance = Allowance::default();
        let mut now = MonotonicTime::ZERO;
        let mut given: Vec<MonotonicTime> = Vec::new();
        for pause in pauses {
            now = now.after(pause);
            let in_the_last_hour = given.iter().filter(|then| now.since(**then) < HOUR).count();
            let free = in_the_last_hour < per_hour as usize;
            prop_assert_eq!(allowance.take(per_hour, now), free, "{:?} after {:?}", now, given);
            if free {
                given.push(now);
            }
        }
    }
}
