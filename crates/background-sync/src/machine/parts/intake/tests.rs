//! Rows on their way in, and the numbers they go by afterwards.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use background_sync_policy::SyncKind;
use background_sync_registration::{Observed, Series, StoredState, WallTime};
use proptest::prelude::*;

use super::*;
use crate::machine::parts::named::{key, secs, workers};

fn row(sequence: u64, running: u64) -> StoredRegistration {
    StoredRegistration {
        sequence: Sequence(sequence),
        key: key(0),
        kind: SyncKind::OneShot,
        tag: "outbox".into(),
        state: StoredState::Pending(None),
        series: Series::default(),
        registered: Observed { wall: WallTime::default(), running: secs(running) },
        network: None,
        schedule: None,
    }
}

proptest! {
    /// Rows are taken as they come until the first that is out of order.
    #[test]
    fn rows_are_taken_up_to_the_first_that_is_out_of_order(rows in prop::collection::vec((0_u64..20, 0_u64..9), 0..12)) {
        let [(_, tag)] = workers();
        let mut intake = Intake::default();
        for (sequence, running) in &rows {
            let row = row(*sequence, *running);
            if intake.is_in_order(row.sequence) { intake.took(&row, tag) } else { intake.put_off(row) }
        }
        let in_order = rows.windows(2).take_while(|pair| pair[0].0 < pair[1].0).count();
        let in_order = if rows.is_empty() { 0 } else { in_order + 1 };
        let numbers = |rows: &[(u64, u64)]| rows.iter().map(|(number, _)| Sequence(*number)).collect::<Vec<_>>();
        prop_assert_eq!(intake.taken().len(), in_order);
        prop_assert_eq!(intake.len(), rows.len());
        prop_assert_eq!(intake.is_all_in_order(), in_order == rows.len());
        prop_assert_eq!(intake.running(), secs(rows.iter().map(|(_, running)| *running).max().unwrap_or(0)));
        let rest: Vec<_> = intake.into_rest().iter().map(|row| row.sequence).collect();
        prop_assert_eq!(rest, numbers(&rows[in_order..]));
    }

    /// Whoever has a number that nobody has before it keeps it, and what is given next is larger than all.
    #[test]
    fn no_two_records_go_by_one_number(mut sequences in prop::collection::vec(0_u64..9, 0..12), reserved in 0_u64..20) {
        sequences.sort_unstable();
        let records: Vec<_> = sequences.iter().map(|sequence| row(*sequence, 0)).collect();
        let numbered = Numbered::of(&records, Some(Sequence(reserved)));
        let distinct: BTreeSet<_> = numbered.numbers.iter().copied().collect();
        prop_assert_eq!(distinct.len(), records.len());
        let kept = |at: usize| at == 0 || sequences[at] != sequences[at - 1];
        for (at, number) in numbered.numbers.iter().enumerate() {
            prop_assert_eq!(number.0 == sequences[at], kept(at));
            prop_assert!(*number < numbered.next);
        }
        prop_assert!(numbered.next.0 >= reserved);
        prop_assert_eq!(numbered.anew, !(0..records.len()).all(kept));
    }
}

#[test]
fn numbers_that_make_no_sense_are_all_given_anew() {
    assert!(!Intake::default().is_in_order(FAR));
    let numbered = Numbered::of(&[row(3, 0), row(FAR.0, 0)], Some(Sequence(u64::MAX)));
    assert_eq!((numbered.anew, numbered.numbers, numbered.next), (true, vec![Sequence(1), Sequence(2)], Sequence(3)));
}

#[test]
fn a_row_that_ran_for_ages_says_nothing_of_the_others() {
    let mut intake = Intake::default();
    intake.put_off(row(1, 7));
    intake.put_off(row(2, ABSURD.as_secs()));
    assert_eq!(intake.running(), secs(7));
}
