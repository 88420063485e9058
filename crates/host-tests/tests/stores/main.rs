//! Stores under the kit: some that are right, and those that are wrong in one thing each, with the rule by which each is
//! found.

mod fault;
mod medium;

use std::collections::BTreeSet;

use background_sync::MemoryStore;
use background_sync_host_tests::{Rule, StoreUnderTest, check_store, check_store_only};
use fault::Fault;
use medium::Medium;

/// A fault, a scenario that it shows in, and the rule that it breaks there.
const FAULTS: &[(Fault, &str, Rule)] = &[
    (Fault::ForgetsAnOperation, "everything that can be stored", Rule::StoreHalves),
    (Fault::WritesInTwoGoes, "a crash in the middle of a batch", Rule::StoreHalves),
    (Fault::WritesInTwoGoes, "a crash in the middle of everything anew", Rule::StoreHalves),
    (Fault::WritesBehind, "a crash after each batch", Rule::StoreForgets),
    (Fault::IsInMemory, "closed and opened", Rule::StoreForgets),
    (Fault::SaysThatRowsAreGone, "a new store", Rule::StoreForgets),
    (Fault::LosesContentsOnAFullDisk, "a medium that takes nothing", Rule::StoreForgets),
    (Fault::Reorders, "one batch after the other", Rule::StoreOld),
    (Fault::KeepsOldRows, "one batch after the other", Rule::StoreOld),
    (Fault::RewritesOnTop, "everything anew", Rule::StoreOld),
    (Fault::TakesTagsForText, "everything that can be stored", Rule::StoreInvents),
    (Fault::HandsRowsOverTwice, "a batch of a thousand", Rule::StoreInvents),
    (Fault::ReadsWhatItHasRead, "read again and again", Rule::StoreInvents),
    (Fault::IsSilent, "a batch of a thousand", Rule::StoreSilent),
    (Fault::CannotBeRead, "a new store", Rule::StoreFailure),
    (Fault::AcknowledgesAllTheSame, "a medium that takes nothing", Rule::StoreFailure),
    (Fault::NeverRecovers, "a medium that takes nothing", Rule::StoreFailure),
    (Fault::TakesWhatIsNewer, "a newer version's", Rule::StoreNewer),
];

/// `MemoryStore` as it is: what it holds goes with the process.
struct OfAProcess;

impl StoreUnderTest for OfAProcess {
    type Store = MemoryStore;

    fn open(&mut self) -> MemoryStore {
        MemoryStore::default()
    }

    fn outlives_a_process(&self) -> bool {
        false
    }
}

#[test]
fn the_store_in_memory_keeps_every_rule_that_it_can_break() {
    let report = check_store(|| OfAProcess);
    assert!(report.passed(), "{report}");
    assert!(!report.scenarios().contains(&"a crash after each batch"), "it outlives nothing");
    assert_eq!(report.scenarios().len(), 7);
}

#[test]
fn a_store_without_a_fault_keeps_every_rule() {
    let report = check_store(|| Medium::with(None));
    assert!(report.passed(), "{report}");
    let known: BTreeSet<_> = report.scenarios().iter().collect();
    for (fault, scenario, _) in FAULTS {
        assert!(known.contains(scenario), "{fault:?}: there is no scenario {scenario:?}");
    }
    assert_eq!(known.len(), 13, "nothing is left out");
}

#[test]
fn every_fault_is_found_by_its_rule() {
    let missed: Vec<_> = FAULTS
        .iter()
        .map(|(fault, scenario, rule)| (fault, rule, check_store_only(scenario, || Medium::with(Some(*fault)))))
        .filter(|(_, rule, report)| !report.findings().iter().any(|finding| finding.rule == **rule))
        .map(|(fault, rule, report)| format!("{fault:?} is not found by {rule}: {report}"))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_rule_for_stores_has_a_fault_that_breaks_it() {
    let broken: BTreeSet<_> = FAULTS.iter().map(|(.., rule)| *rule).collect();
    assert_eq!(broken, Rule::OF_STORES.iter().copied().collect());
}
