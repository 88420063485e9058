//! A load that is told in parts.

use background_sync::Input;

/// What a machine that reads its store in parts is told in place of `input`, and has to be the same to it in the end.
/// `choice` says how many rows come before the end, how many at a time, and whether the last ones come first.
///
/// A store that holds budgets is told at once: budgets are known before rows are where both come together, and
/// origins take turns in the order in which they became known.
pub(super) fn in_parts(input: &Input, choice: u64) -> Vec<Input> {
    let Input::Loaded(loaded) = input else { return vec![input.clone()] };
    if !loaded.budgets.is_empty() {
        return vec![input.clone()];
    }
    let [before_the_end, at_a_time, backwards, ..] = choice.to_le_bytes();
    let mut end = loaded.clone();
    let rest = end.registrations.split_off(usize::from(before_the_end) % (end.registrations.len() + 1));
    let rows = std::mem::replace(&mut end.registrations, rest);
    let batches = rows.chunks(1 + usize::from(at_a_time) % 4);
    let mut inputs: Vec<_> = batches.map(|batch| Input::Rows { registrations: batch.to_vec() }).collect();
    if backwards.is_multiple_of(4) {
        inputs.reverse();
    }
    inputs.push(Input::Loaded(end));
    inputs
}
