//! `bgsync simulate`.

use super::support::bgsync;

#[test]
fn random_worlds_break_nothing() {
    bgsync(["simulate", "--runs", "3", "--steps", "60", "--seed", "7"])
        .exits(0)
        .prints("3 worlds of 60 steps: no invariant broken");
}

#[test]
fn numbers_are_numbers() {
    bgsync(["simulate", "--runs", "many"]).exits(2).complains("invalid value 'many' for '--runs <RUNS>'");
    // Nothing was looked at, so nothing is well.
    bgsync(["simulate", "--runs", "0"]).exits(2).complains("invalid value '0' for '--runs <RUNS>'");
    bgsync(["simulate", "--steps", "0"]).exits(2).complains("invalid value '0' for '--steps <STEPS>'");
}
