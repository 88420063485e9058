//! Numbers against a plain model: who holds one, what the store has, and what a restart would find there.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::intake::next_after;
use super::*;

#[derive(Clone, Copy, Debug)]
enum Op {
    Give,
    /// Nothing comes of one of those that were given and are not written.
    Refuse(usize),
    /// A commit with one of those is durable: with what it was given for, or with the word that nothing came of it.
    Write(usize),
    /// A registration that is written is gone.
    Remove(usize),
    Crash,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => Just(Op::Give),
        3 => any::<usize>().prop_map(Op::Refuse),
        2 => any::<usize>().prop_map(Op::Write),
        1 => any::<usize>().prop_map(Op::Remove),
        1 => Just(Op::Crash),
    ]
}

#[derive(Debug, Default)]
struct Model {
    /// Given, and nothing has come of them yet.
    given: BTreeSet<u64>,
    refused: BTreeSet<u64>,
    stored: BTreeSet<u64>,
    /// The largest number that was ever durable.
    largest: u64,
    reserved: Option<u64>,
}

impl Model {
    /// After whatever is in use, and after whatever was ever written.
    fn next(&self) -> u64 {
        self.given.last().copied().unwrap_or(0).max(self.largest) + 1
    }
}

fn one_of(numbers: &BTreeSet<u64>, which: usize) -> Option<u64> {
    numbers.iter().nth(which % numbers.len().max(1)).copied()
}

proptest! {
    #[test]
    fn random_operations_go_as_in_a_plain_model(ops in prop::collection::vec(op(), 0..80)) {
        let (mut numbers, mut model) = (Numbers::default(), Model::default());
        for op in ops {
            match op {
                Op::Give => {
                    let given = numbers.give().0;
                    prop_assert_eq!(given, model.next());
                    model.given.insert(given);
                }
                Op::Refuse(which) => {
                    let Some(number) = one_of(&model.given, which) else { continue };
                    model.given.remove(&number);
                    model.refused.insert(number);
                    model.refused.retain(|refused| *refused < model.given.last().copied().unwrap_or(0));
                    numbers.refuse(Sequence(number));
                    numbers.take_back();
                }
                Op::Write(which) => {
                    let noted = &model.given | &model.refused;
                    let Some(number) = one_of(&noted, which) else { continue };
                    // A commit carries all that was given before, and the reservation if one is needed.
                    let written: Vec<_> = model.given.range(..=number).copied().collect();
                    if numbers.are_used_up() {
                        let reserved = numbers.to_reserve();
                        prop_assert!(reserved.0 > number, "a number that is written is reserved");
                        numbers.reserved(reserved);
                        model.reserved = Some(reserved.0);
                    }
                    numbers.used_up_to(Sequence(number));
                    model.given.retain(|given| *given > number);
                    model.refused.retain(|refused| *refused > number);
                    model.stored.extend(written);
                    model.largest = model.largest.max(number);
                }
                Op::Remove(which) => {
                    let Some(number) = one_of(&model.stored, which) else { continue };
                    model.stored.remove(&number);
                }
                Op::Crash => {
                    let last = model.stored.last().copied().unwrap_or(0);
                    numbers = Numbers::default();
                    numbers.resume(next_after(Sequence(last), model.reserved.map(Sequence)));
                    model.given.clear();
                    model.refused.clear();
                    let next = numbers.next.0;
                    prop_assert!(next > model.largest, "a number that was written is never given again");
                    prop_assert!(numbers.are_used_up(), "what was reserved may be used up");
                    model.largest = next - 1;
                }
            }
            prop_assert_eq!(numbers.next.0, model.next());
        }
    }
}

#[test]
fn a_reservation_lasts_for_a_thousand_numbers() {
    let mut numbers = Numbers::default();
    assert!(!numbers.any_reserved());
    numbers.give();
    numbers.reserved(numbers.to_reserve());
    let first = (0..2 * RESERVE).find(|_| {
        let used_up = numbers.are_used_up();
        numbers.give();
        used_up
    });
    assert_eq!((first, numbers.any_reserved()), (Some(RESERVE + 1), true));
}
