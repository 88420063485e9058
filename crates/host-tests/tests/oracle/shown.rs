//! What inspectors are shown is compared with what was told.

use background_sync::policy::Facts;
use background_sync::scheduler::{NetworkState, SyncParameters};
use background_sync::{Input, Loaded, Machine, Output};
use background_sync_host_tests::{Broken, Oracle};

use crate::words::*;

/// An oracle that is told the one thing, and a machine that is told the other.
fn compare(oracle_hears: &[Input], machine_hears: &[Input]) -> Result<(), Broken> {
    let mut machine = Machine::new(SyncParameters::recommended(), [1; 32]);
    let mut oracle = Oracle::new(SyncParameters::recommended());
    let outputs = |machine: &mut Machine| std::iter::from_fn(|| machine.poll_output()).collect::<Vec<Output>>();
    outputs(&mut machine);
    let mut sent = None;
    for (for_oracle, for_machine) in oracle_hears.iter().zip(machine_hears) {
        let [for_oracle, for_machine] = [for_oracle, for_machine].map(|input| match (input, sent) {
            // Whatever the machine calls it.
            (Input::Committed { .. }, Some(txn)) => Input::Committed { txn },
            (other, _) => other.clone(),
        });
        machine.handle(at(0), for_machine);
        let said = outputs(&mut machine);
        sent = said.iter().find_map(|output| if let Output::Commit { txn, .. } = output { Some(*txn) } else { sent });
        oracle.observe(at(0), &for_oracle, &said)?;
    }
    oracle.compare(&machine)
}

#[test]
fn a_reason_that_cannot_be_is_noticed_and_one_that_is_missing() {
    let made = [
        Input::Loaded(Loaded::default()),
        network(NetworkState::Offline, 1),
        register(1, Facts::of_an_open_window()),
        committed(0),
        delivered(1),
    ];
    assert_eq!(compare(&made, &made), Ok(()));
    let mut another = made.clone();
    another[1] = network(NetworkState::Captive, 1);
    caught("I15", "offline is said, and it is a portal", compare(&another, &made));
}
