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
    // Nothing was looked at, so nothing is well.
    bgsync(["simulate", "--runs", "0"]).exits(2).complains("invalid value '0' for '--runs <RUNS>'");
    bgsync(["simulate", "--steps", "0"]).exits(2).complains("invalid value '0' for '--steps <STEPS>'");
}

/// A command for a study that is over soon.
const FEW: [&str; 6] = ["simulate", "visits", "--persons", "2", "--kind", "commuter,weekend,shift"];

fn few(more: &[&'static str]) -> Vec<&'static str> {
    FEW.iter().chain(more).copied().collect()
}

#[test]
fn a_study_has_a_table_for_each_kind_and_the_average() {
    bgsync(few(&["--policy", "ours,yesterday"])).exits(0).prints_no("insider").prints_in_order(&[
        "commuter, 2 people",
        "clock-12h ",
        "yesterday ",
        "ours ",
        "weekend, 2 people",
        "shift, 2 people",
        "average of commuter, weekend, shift",
        "fires   events a day",
    ]);
}

#[test]
fn a_study_of_the_same_seeds_says_the_same() {
    let said = |more: &[&'static str]| bgsync(few(more)).exits(0).out;
    let seeds = ["--policy", "ours", "--seeds", "7..9"];
    assert_eq!(said(&seeds), said(&seeds));
    let others = [["--spread", "2"], ["--jitter", "60"], ["--seeds", "8..9"]];
    for other in others {
        assert_ne!(said(&[&["--policy", "ours"], &other[..]].concat()), said(&seeds), "{other:?}");
    }
}

#[test]
fn a_study_has_an_object_for_each_kind_and_policy() {
    let said = bgsync(few(&["--json", "--policy", "ours"])).exits(0);
    let objects: Vec<serde_json::Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names = objects.iter().map(|row| (row["kind"].as_str().unwrap(), row["policy"].as_str().unwrap()));
    let expected = ["commuter", "weekend", "shift"].map(|kind| [(kind, "clock-12h"), (kind, "ours")]);
    assert_eq!(names.collect::<Vec<_>>(), expected.as_flattened());
    assert!(objects.iter().all(|row| row["people"] == 2 && row["median"].is_f64() && row["late"].is_f64()));
    assert!(objects[0]["recovery"].is_null(), "nothing disturbs a commuter");
}

#[test]
fn a_study_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let chart = folder.path().join("visits.svg");
    bgsync(few(&["--policy", "ours", "--chart"]).iter().map(AsRef::as_ref).chain([chart.as_os_str()])).exits(0);
    let drawn = std::fs::read_to_string(&chart).unwrap();
    assert!(drawn.starts_with("<svg ") && drawn.contains(">weekend</text>"), "{drawn}");
    let nowhere = folder.path().join("nowhere/visits.svg");
    bgsync(few(&["--policy", "ours", "--chart"]).iter().map(AsRef::as_ref).chain([nowhere.as_os_str()]))
        .exits(4)
        .complains("visits.svg can't be written");
}

#[test]
fn goals_are_told_and_a_missed_one_is_a_failure() {
    // Two people are too few for the averages of three hundred.
    bgsync(["simulate", "visits", "--goals", "--seeds", "1..2"])
        .exits(1)
        .prints("commuter: median / clock")
        .prints("  missed\n");
    bgsync(["simulate", "visits", "--goals", "--kind", "shift"]).exits(2).complains("cannot be used with");
}

#[test]
fn a_study_of_nothing_makes_no_sense() {
    let refused = |option: &'static str, value: &'static str, complaint: &str| {
        bgsync(["simulate", "visits", option, value]).exits(2).complains(complaint);
    };
    refused("--kind", "nobody", "night-owl");
    refused("--policy", "nothing", "quantile-5-split");
    refused("--seeds", "9..7", "the last seed is before the first");
    refused("--spread", "0", "a number of more than 0");
    refused("--jitter", "721", "721 is not in 0..=720");
    refused("--persons", "0", "number would be zero");
    bgsync(["simulate", "--runs", "3", "visits"]).exits(2).complains("cannot be used with");
}
