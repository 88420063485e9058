//! What the product is compared with places its events as it always did.

use super::{Person, PolicyName, Surroundings, events};
use crate::visits::Plan;
use crate::visits::figures::PersonFigures;
use crate::visits::people::Kind;

/// For each kind and policy: how many events three people have, and a checksum of their times.
const EVENTS: &str = include_str!("../../../tests/visits/events.txt");

fn checked(kind: Kind, policy: PolicyName) -> String {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut count = 0;
    for seed in 20_001..=20_003 {
        let person = Person::new(kind, seed, 1.0);
        if !PersonFigures::are_there(&person) {
            continue;
        }
        for at in events(policy, &person, seed, &Surroundings::new(Surroundings::JITTER)) {
            count += 1;
            for byte in at.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
            }
        }
    }
    format!("{kind} {policy} {count} {hash:016x}")
}

#[test]
fn competitors_place_what_they_always_did() {
    let mut lines = 0;
    for line in EVENTS.lines() {
        let [kind, policy] = [0, 1].map(|word| line.split(' ').nth(word).unwrap());
        assert_eq!(checked(kind.parse().unwrap(), policy.parse().unwrap()), line);
        lines += 1;
    }
    assert_eq!(lines, Kind::ALL.len() * (PolicyName::ALL.len() - 2), "all but ours");
}

#[test]
fn no_policy_breaks_its_budget() {
    for policy in PolicyName::ALL {
        let (person, seed) = (Person::new(Kind::Student, 3, 1.0), 3);
        let events = events(policy, &person, seed, &Surroundings::new(30));
        let gap = if policy == PolicyName::OursTwoSlots { 240 } else { 720 };
        assert!(events.len() > 20, "{policy}: {events:?}");
        assert!(events.windows(2).all(|two| two[1] - two[0] >= gap), "{policy}: {events:?}");
        assert!(events[0] >= person.visits()[0] + 720, "{policy}");
        // Two tokens are gone after two events.
        assert!(events.windows(3).all(|three| three[2] - three[0] >= 720), "{policy}");
        let reached = events.iter().all(|at| person.can_run(*at));
        assert!(reached, "{policy}: {events:?}");
    }
}

/// A model that does not hear how late the system wakes it is late on three days in ten here.
#[test]
fn the_product_hears_how_late_it_is_woken() {
    let plan = Plan::new().with_kinds(&[Kind::Commuter]).with_policies(&[PolicyName::Ours]);
    let study = plan.with_seeds(1..=20).with_jitter(60).run(|_| {});
    let late = study.row(Kind::Commuter, PolicyName::Ours).and_then(|row| row.late).unwrap();
    assert!(late < 0.15, "{late}");
}
