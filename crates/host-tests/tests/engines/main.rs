//! Engines under the kit: one that is right, over different stores, and those that are wrong in one thing each, with the
//! rule by which each is found.

mod clock;
mod durable;
mod fault;
mod store;
mod toy;

use std::collections::BTreeSet;

use background_sync_host_tests::{Report, Rule, check, check_only};
use fault::Fault;
use toy::Toy;

/// A fault, a scenario that it shows in, and the rule that it breaks there.
const FAULTS: &[(Fault, &str, Rule)] = &[
    (Fault::EmptyTableAtStart, "a crash before the network is back", Rule::RegistrationDenied),
    (Fault::NeverKnows, "send, then close the window", Rule::WorkersKnown),
    (Fault::KeepsUnregistered, "unregistered", Rule::RegistrationFollows),
    (Fault::UnregistersInSilence, "unregistered", Rule::NoticeMissing),
    (Fault::UnregistersInSilence, "unregistered", Rule::NotTakenAway),
    (Fault::CountsClosedWindows, "send, then close the window", Rule::WindowsFollow),
    (Fault::ClosesInSilence, "send, then close the window", Rule::NoticeMissing),
    (Fault::AlwaysOnline, "send in a tunnel", Rule::NetworkFollows),
    (Fault::ComesOnlineInSilence, "send in a tunnel", Rule::NoticeMissing),
    (Fault::NeverKnowsTheNetwork, "send, then close the window", Rule::PromiseNotKept),
    (Fault::OldPermission, "permission revoked", Rule::PermissionFollows),
    (Fault::OnePermissionForAll, "two sites at once", Rule::SitesApart),
    (Fault::IgnoresPartitions, "a private window", Rule::SitesApart),
    (Fault::IgnoresPartitions, "a private window", Rule::WindowsFollow),
    (Fault::OldSwitch, "switched off by the user", Rule::SwitchFollows),
    (Fault::SwitchesInSilence, "switched off by the user", Rule::NoticeMissing),
    (Fault::OldRestriction, "restricted by the system", Rule::RestrictionFollows),
    (Fault::RestrictsInSilence, "restricted by the system", Rule::NoticeMissing),
    (Fault::ClosesPrivateInSilence, "the last private window is closed", Rule::NoticeMissing),
    (Fault::ClosesPrivateInSilence, "the last private window is closed", Rule::NotTakenAway),
    (Fault::ConstantFacts, "a call without a window is refused", Rule::FactsDisagree),
    (Fault::DropsCalls, "send, then close the window", Rule::CallLost),
    (Fault::DropsReplies, "send, then close the window", Rule::ReplyLost),
    (Fault::ResolvesAtOnce, "a store that takes its time", Rule::ReplyChanged),
    (Fault::ResolvesRefusals, "a call without a window is refused", Rule::ReplyChanged),
    (Fault::NoReceipt, "send, then close the window", Rule::ReceiptUnused),
    (Fault::ForgetsStarts, "send, then close the window", Rule::StartUnused),
    (Fault::ForgetsEvents, "send, then close the window", Rule::EventUnused),
    (Fault::EverythingIsFulfilled, "a rejected event comes again", Rule::OutcomeWrong),
    (Fault::IgnoresTerminate, "a worker hangs", Rule::TerminateIgnored),
    (Fault::ClockGoesBack, "send in a tunnel", Rule::ClockBack),
    (Fault::ClockRunsOn, "the system sleeps", Rule::ClockSleeps),
    (Fault::SleepsThroughAlarms, "the system wakes the engine", Rule::WakeUpLost),
    (Fault::Panics, "a worker hangs", Rule::HostPanicked),
    (Fault::TellsWhenAsked, "send, then close the window", Rule::NeverSettles),
    // An hour of it ends as well.
    (Fault::TellsWhenAsked, "a rejected event comes again", Rule::NeverSettles),
    (Fault::StoreInMemory, "a crash before the network is back", Rule::StoreForgets),
    (Fault::StoreInMemory, "a crash before the network is back", Rule::Invariant("I3")),
    (Fault::StoreInHalves, "a crash in mid-commit", Rule::StoreHalves),
    (Fault::StoreKeepsOldRows, "a crash in mid-event", Rule::StoreOld),
    (Fault::StoreRenumbers, "a crash before the network is back", Rule::StoreInvents),
    (Fault::StoreInSilence, "send, then close the window", Rule::StoreSilent),
];

fn breaks(report: &Report, rule: Rule) -> bool {
    report.findings().iter().any(|finding| finding.rule == rule)
}

#[test]
fn an_engine_without_a_fault_keeps_every_rule() {
    let report = check(|| Toy::with(None));
    assert!(report.passed(), "{report}");
    let known: BTreeSet<_> = report.scenarios().iter().collect();
    for (fault, scenario, _) in FAULTS {
        assert!(known.contains(scenario), "{fault:?}: there is no scenario {scenario:?}");
    }
}

#[test]
fn every_fault_is_found_by_its_rule() {
    let missed: Vec<_> = FAULTS
        .iter()
        .map(|(fault, scenario, rule)| (fault, rule, check_only(scenario, || Toy::with(Some(*fault)))))
        .filter(|(_, rule, report)| !breaks(report, **rule))
        .map(|(fault, rule, report)| format!("{fault:?} is not found by {rule}: {report}"))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_an_engine_leaves_out_is_not_held_against_it() {
    let report = check_only("a worker hangs", || Toy::with(Some(Fault::IgnoresTerminate)));
    assert!(!report.passed());
    assert!(!report.clone().leaving_out(&[Rule::ClockBack]).passed());
    assert!(report.leaving_out(&[Rule::TerminateIgnored]).passed());
}

/// The chapter for hosts says so: it shows in the clocks.
#[test]
fn sleep_need_not_be_told_of() {
    let report = check_only("the system sleeps", || Toy::with(Some(Fault::SleepsInSilence)));
    assert!(report.passed(), "{report}");
    assert_eq!(report.scenarios(), ["the system sleeps"]);
}

#[test]
fn every_rule_has_a_fault_that_breaks_it() {
    let broken: BTreeSet<_> = FAULTS.iter().map(|(.., rule)| *rule).collect();
    // A medium fails, and a newer version writes, where stores are tested alone: see `tests/stores`.
    let of_stores_alone = [Rule::StoreFailure, Rule::StoreNewer];
    let of_engines = Rule::OF_HOSTS.iter().filter(|rule| !of_stores_alone.contains(rule));
    let never: Vec<_> = of_engines.filter(|rule| !broken.contains(rule)).collect();
    assert!(never.is_empty(), "{never:?}");
}
