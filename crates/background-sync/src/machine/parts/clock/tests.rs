//! The clocks against a plain model: what the monotonic one read, and what of that can be believed.

use background_sync_registration::WallTime;
use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{at, secs, wall};

const YEAR: u64 = 365 * 86_400;

fn reading(monotonic: u64, shown: u64) -> Now {
    Now { monotonic: at(monotonic), wall: wall(shown) }
}

proptest! {
    /// Both clocks go on or back a little: time never does, and all of it is running time.
    #[test]
    fn time_is_the_latest_reading_and_runs_on(readings in prop::collection::vec((0_u64..5_000, 0_u64..5_000), 1..30)) {
        let mut clock = Clock::default();
        let first = readings[0].0;
        let (mut latest, mut agreed) = (first, readings[0]);
        for (monotonic, shown) in readings {
            latest = latest.max(monotonic);
            let apart = (latest as i64 - agreed.0 as i64 - (shown as i64 - agreed.1 as i64)).abs() > 2;
            if apart {
                agreed = (latest, shown);
            }
            prop_assert_eq!(clock.advance(reading(monotonic, shown)), apart);
            prop_assert_eq!(clock.now(), Now { monotonic: at(latest), wall: wall(shown) });
            prop_assert_eq!(clock.running(), secs(latest - first));
            prop_assert_eq!((clock.distrusted(), clock.as_read(at(latest + 7))), (0, Some(at(latest + 7))));
        }
    }

    /// One reading is absurd, or all from there on are: the machine's time goes on, and deadlines are on the host's clock.
    #[test]
    fn a_leap_of_one_clock_is_not_followed(
        steps in prop::collection::vec(1_u64..1_000, 4..12),
        leap in 2 * YEAR..400 * YEAR,
        lasts in any::<bool>(),
    ) {
        let mut clock = Clock::default();
        let (mut real, mut followed) = (1_000, 1_000);
        clock.advance(reading(real, real));
        for (number, step) in steps.into_iter().enumerate() {
            real += step;
            let astray = number == 1 || (lasts && number > 1);
            let read = if astray { real + leap } else { real };
            clock.advance(reading(read, real));
            // For the first reading that is astray time stands still, and if it lasts it is counted from there.
            if number != 1 {
                followed = if lasts && number > 1 { followed + if number == 2 { 0 } else { step } } else { real };
            }
            prop_assert_eq!(clock.now().monotonic, at(followed), "reading {}", number);
            if number != 1 {
                prop_assert_eq!(clock.as_read(at(followed + 60)), Some(at(read + 60)));
            }
        }
        prop_assert_eq!(clock.distrusted(), if lasts { 2 } else { 1 });
    }
}

#[test]
fn running_time_goes_on_from_earlier_sessions() {
    let mut clock = Clock::default();
    clock.advance(reading(50, 0));
    clock.advance(reading(60, 10));
    clock.resume_running(secs(1_000));
    assert_eq!(clock.running(), secs(1_010), "what ran before the store was read counts too");
    clock.advance(reading(65, 15));
    assert_eq!(clock.running(), secs(1_015));
}

#[test]
fn the_first_reading_is_where_time_begins() {
    let mut clock = Clock::default();
    assert!(!clock.advance(Now { monotonic: MonotonicTime::FAR_FUTURE, wall: WallTime::from_unix_ms(i64::MAX) }));
    assert_eq!((clock.now().monotonic, clock.running()), (LATEST, Duration::ZERO));
    assert_eq!(clock.as_read(LATEST.after(secs(1))), None, "no clock reaches it");
}
