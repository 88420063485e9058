//! Power, what networks cost, and the user's word about both: in every third world.

use super::Op;
use super::draw::Dice;
use crate::timeline::{Overrides, Relaxes, Time};

/// Keeps these draws apart from those that make the rest of a world, which has to stay what it is.
const APART: u64 = 0x0077_6561_7468_6572;

/// Whether a world has weather.
fn has_weather(seed: u64) -> bool {
    seed % 3 == 1
}

/// Adds conditions to the parameters of such a world, and to its operations what they are about.
pub(super) fn add(seed: u64, parameters: &mut Overrides, ops: &mut Vec<Op>) {
    if !has_weather(seed) {
        return;
    }
    let mut dice = Dice::seeded(seed ^ APART);
    conditions(&mut dice, parameters);
    let mut at = 0;
    while at < ops.len() {
        if dice.one_in(6) {
            ops.insert(at, op(&mut dice));
            at += 1;
        }
        at += 1;
    }
}

fn conditions(dice: &mut Dice, parameters: &mut Overrides) {
    let relaxes = |dice: &mut Dice| {
        let ages = [5, 60, 3_600, 30_000, 200_000, 2_000_000];
        let age = ages[usize::from(dice.byte()) % ages.len()];
        (!dice.one_in(3)).then_some(Relaxes(Some(Time::seconds(age))))
    };
    parameters.one_shot_unmetered = relaxes(dice);
    parameters.one_shot_not_roaming = relaxes(dice);
    parameters.one_shot_charging = relaxes(dice);
    parameters.one_shot_battery_not_low = relaxes(dice);
    // Shorter than any age that removes.
    parameters.one_shot_latest = Some(Time::seconds(if dice.one_in(2) { 100_000 } else { 1_000 }));
}

fn op(dice: &mut Dice) -> Op {
    match dice.byte() % 8 {
        0..=2 => Op::Power(dice.byte()),
        3..=5 => Op::Cost(dice.byte()),
        6 => Op::OriginCost { origin: dice.byte(), cost: dice.byte() },
        _ => Op::Override { site: dice.byte(), said: dice.byte() },
    }
}
