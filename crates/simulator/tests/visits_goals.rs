//! The visit model reaches what it is to reach.
//!
//! Here with the first thirty people of each kind, so that it is over soon; `bgsync simulate visits --goals` holds all
//! three hundred of the reporting seeds against the same bounds.

use background_sync_simulator::visits::{goals, seeds};

#[test]
fn every_goal_is_met() {
    let first = *seeds::REPORTING.start();
    let [ordinary, doubled] = goals::plans(first..=first + 29);
    let goals = goals::goals(&ordinary.run(|_| {}), &doubled.run(|_| {}));
    assert!(goals.len() > 80, "{} goals", goals.len());
    let missed: Vec<_> = goals.iter().filter(|goal| !goal.is_met()).map(ToString::to_string).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
