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
}
