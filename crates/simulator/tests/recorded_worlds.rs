//! The machine says and shows in random worlds what it said before its inside was last cut anew. All of them are
//! compared by `cargo run --release -p background-sync-simulator --example worlds compare FILE`; here a few.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use background_sync_simulator::random::heard;
use background_sync_simulator::world::Keep;

const RECORDED: &str = include_str!("recorded/worlds.txt");

#[test]
fn the_first_recorded_worlds_go_as_they_went() {
    let mut worlds = 0;
    for line in RECORDED.lines().filter(|line| !line.starts_with('#')).take(12) {
        let [seed, steps, digest] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
        let now = heard(seed.parse().unwrap(), steps.parse().unwrap(), Keep::Digest).digest();
        assert_eq!(now.to_string(), digest, "seed {seed}: `worlds show {seed} {steps}` prints every word");
        worlds += 1;
    }
    assert_eq!(worlds, 12);
}
