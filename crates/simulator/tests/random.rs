//! Random worlds, few enough for every build. `examples/simulate.rs` runs as many as you like.

use background_sync_simulator::random::{Kinds, Op, live, simulate, simulate_and_count, timeline};
use background_sync_simulator::runner::run;
use background_sync_simulator::timeline::Timeline;

/// I1 to I17, in worlds with a failing store, crashes, jumping clocks, and a host that lies, is late or says nothing.
#[test]
fn random_worlds_keep_every_invariant() {
    match simulate(Kinds::OneShot, 0..100, 120) {
        Ok(summary) => {
            assert_eq!(summary.worlds, 100);
            // What never happens is not tested.
            assert_eq!(summary.switched_off, 4, "{summary}");
            assert!(summary.events > 300 && summary.last_chances > 20 && summary.crashes > 50, "{summary}");
        }
        Err(counterexample) => panic!("{counterexample}"),
    }
}

/// The same with periodic syncs: hours and days go by, visits are told of, and turns are disturbed.
#[test]
fn random_worlds_of_both_kinds_keep_every_invariant() {
    match simulate(Kinds::Both, 0..60, 80) {
        Ok(summary) => {
            assert!(summary.worlds == 60 && summary.switched_off == 2, "{summary}");
            assert!(summary.periodic_events > 300 && summary.events > summary.periodic_events + 50, "{summary}");
            assert!(summary.crashes > 15, "{summary}");
        }
        Err(counterexample) => panic!("{counterexample}"),
    }
}

/// A world in which most things are refused, repeated or aimed at nothing finds nothing.
#[test]
fn much_of_what_happens_in_a_random_world_changes_something() {
    let summary =
        simulate_and_count(Kinds::OneShot, 0..20, 200).unwrap_or_else(|counterexample| panic!("{counterexample}"));
    let (all, no_network) = summary.steps_that_change();
    assert!(all.changed * 100 >= all.times * 40, "{summary}");
    assert!(no_network.changed * 100 >= no_network.times * 30, "{summary}");
    let answered = summary.inputs.get("Answered").copied().unwrap_or_default();
    assert!(answered.changed > 0, "{summary}");
}

/// Whatever happens in it, and however often it is started anew.
#[test]
fn a_world_that_is_switched_off_answers_and_does_nothing_else() {
    for seed in [23, 47, 71] {
        let summary =
            simulate(Kinds::OneShot, seed..seed + 1, 300).unwrap_or_else(|counterexample| panic!("{counterexample}"));
        assert!(summary.switched_off == 1 && summary.events == 0, "{summary}");
        assert!(summary.messages > 300 && summary.crashes > 0, "{summary}");
        assert!(timeline(Kinds::OneShot, seed, 10).to_toml().expect("it can be written").contains("enabled = false"));
    }
}

/// I14, and that what a counterexample prints is the world that broke.
#[test]
fn a_random_world_written_to_a_file_goes_the_same_way() {
    for (kinds, seed) in
        [Kinds::OneShot, Kinds::Both].into_iter().flat_map(|kinds| (0..20).map(move |seed| (kinds, seed)))
    {
        let world = timeline(kinds, seed, 100);
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
