//! Ends against a plain model: all that were noted, looked through one by one.

use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{at, secs};

const KEPT: u64 = 4;

proptest! {
    #[test]
    fn the_last_end_is_known_until_something_ends_after_its_time(ends in prop::collection::vec((0_u64..4, 0_u8..4), 0..40)) {
        let (mut recent, mut all, mut now) = (RecentEnds::default(), Vec::new(), 0);
        for (passed, number) in ends {
            now += passed;
            recent.note(&number.to_string().as_str().into(), at(now), secs(KEPT));
            all.push((number, now));
            for number in 0..4 {
                let last = all.iter().rev().find(|(of, _)| *of == number).map(|(_, at)| *at);
                let known = last.filter(|at| now - at <= KEPT);
                prop_assert_eq!(recent.get(&number.to_string().as_str().into()), known.map(at));
            }
            let recently = all.iter().filter(|(_, at)| now - at <= KEPT).count();
            prop_assert_eq!(recent.in_order.len(), recently, "nothing older is kept");
        }
    }
}
