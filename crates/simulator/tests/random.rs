//! Random worlds, few enough for every build. `examples/simulate.rs` runs as many as you like.

use background_sync_simulator::random::{Op, live, simulate, timeline};
use background_sync_simulator::runner::run;
use background_sync_simulator::timeline::Timeline;

/// I1 to I14, in worlds with a failing store, crashes, jumping clocks and a lying host.
#[test]
fn random_worlds_keep_every_invariant() {
    match simulate(0..100, 120) {
        Ok(summary) => {
            assert_eq!(summary.worlds, 100);
            // What never happens is not tested.
            assert!(summary.events > 300 && summary.last_chances > 20 && summary.crashes > 50, "{summary}");
        }
        Err(counterexample) => panic!("{counterexample}"),
    }
}

/// I14, and that what a counterexample prints is the world that broke.
#[test]
fn a_random_world_written_to_a_file_goes_the_same_way() {
    for seed in 0..20 {
        let world = timeline(seed, 100);
        let text = world.to_toml().expect("it can be written");
        let read = Timeline::parse("random.toml", &text).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert_eq!(run(&read).trace, run(&world).trace, "seed {seed}");
    }
}

/// A fuzzer's bytes may mean anything.
#[test]
fn any_operations_make_a_world() {
    let ops =
        [Op::Pause(255), Op::Register { worker: 255, tag: 254, by_worker: true, flaw: 253 }, Op::Crash { down: 255 }];
    let summary = live(u64::MAX, &ops).unwrap_or_else(|counterexample| panic!("{counterexample}"));
    assert_eq!((summary.worlds, summary.crashes), (1, 1));
}
