//! The chapter on visits has the figures that the study gives.

use background_sync_simulator::visits::{Kind, Plan, PolicyName};

const CHAPTER: &str = include_str!("../../background-sync/docs/visits.md");

/// Whatever changes the model, the people or the measures changes these lines; then the chapter is to be made anew.
#[test]
fn the_chapter_has_the_figures_of_the_study() {
    let study = Plan::new().with_kinds(&[Kind::Commuter]).with_policies(&[PolicyName::Ours]).run(|_| {});
    let text = study.to_string();
    let (table, legend) = text.split_once("\n\n").unwrap();
    assert_eq!(table.lines().count(), 4, "{table}");
    let missing: Vec<_> = table.lines().chain(legend.lines()).filter(|line| !CHAPTER.contains(line)).collect();
    assert!(missing.is_empty(), "not in the chapter:\n{}", missing.join("\n"));
}
