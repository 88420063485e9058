//! The study of visits.

use std::io;
use std::num::NonZeroU64;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use background_sync_simulator::visits::goals::{self, Bound, Goal};
use background_sync_simulator::visits::{Kind, Plan, PolicyName, Spread, Study, seeds};
use clap::Args as ClapArgs;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde_json::json;

use super::Exit;
use super::waiting::Waiting;

/// What is simulated, and how it is shown.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Visits {
    /// Whose lives: `tuning`, `reporting`, `hold-out`, or two seeds such as 1..100, both of them included.
    #[arg(long, value_name = "SEEDS", default_value = "reporting")]
    seeds: Seeds,
    /// Takes only so many of the seeds, the first ones.
    #[arg(long, value_name = "N")]
    persons: Option<NonZeroU64>,
    /// Takes only these kinds of people.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = kinds())]
    kind: Vec<Kind>,
    /// Takes only these policies, and the 12 h clock that they are compared with.
    #[arg(long, value_name = "POLICY", value_delimiter = ',', value_parser = policies())]
    policy: Vec<PolicyName>,
    /// Multiplies every spread of the people: 2 makes habits half as strict.
    #[arg(long, value_name = "FACTOR", default_value_t = Spread::ONE)]
    spread: Spread,
    /// Lets every wake-up come late by a uniform draw below so many minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 6, value_parser = clap::value_parser!(u32).range(0..=720))]
    jitter: u32,
    /// Says what this project's model is to reach, and what it reaches. The bounds are those of the reporting seeds.
    #[arg(long, conflicts_with_all = ["kind", "policy", "spread", "jitter", "chart"])]
    goals: bool,
    /// Prints one JSON object per kind and policy, or per goal, instead of text.
    ///
    /// Ages are in minutes, shares from 0 to 1; what nobody has a figure of is null.
    #[arg(long)]
    json: bool,
    /// Draws a chart, too, and writes it to this file.
    #[arg(long, value_name = "FILE.svg")]
    chart: Option<PathBuf>,
}

fn kinds() -> impl clap::builder::TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name)).try_map(|name| name.parse::<Kind>())
}

fn policies() -> impl clap::builder::TypedValueParser<Value = PolicyName> {
    PossibleValuesParser::new(PolicyName::ALL.map(PolicyName::name)).try_map(|name| name.parse::<PolicyName>())
}

/// Seeds of people, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seeds(RangeInclusive<u64>);

impl Seeds {
    /// At most so many of them.
    fn first(&self, count: Option<NonZeroU64>) -> RangeInclusive<u64> {
        let (start, end) = (*self.0.start(), *self.0.end());
        let last = count.map_or(end, |count| end.min(start.saturating_add(count.get() - 1)));
        start..=last
    }
}

impl FromStr for Seeds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let range = match text {
            "tuning" => seeds::TUNING,
            "reporting" => seeds::REPORTING,
            "hold-out" => seeds::HOLD_OUT,
            _ => {
                let (first, last) = text.split_once("..").ok_or("it is neither a block's name nor A..B")?;
                let number = |text: &str| text.parse::<u64>().map_err(|_| "a seed is a whole number");
                number(first)?..=number(last)?
            }
        };
        if range.is_empty() { Err("the last seed is before the first") } else { Ok(Self(range)) }
    }
}

/// Makes the study.
pub(crate) fn study(visits: &Visits) -> io::Result<Exit> {
    let mut waiting = Waiting::start(visits.json);
    if visits.goals {
        return goals(visits, &mut waiting);
    }
    let study = run(&plan(visits), 0, None, &waiting);
    waiting.end();
    if visits.json {
        for row in study.rows() {
            waiting.line(json!(row))?;
        }
    } else {
        waiting.line(study.to_string().trim_end())?;
    }
    if let Some(path) = &visits.chart
        && let Err(error) = std::fs::write(path, study.chart())
    {
        waiting.complain(format!("{} can't be written: {error}", path.display()));
        return Ok(Exit::Stuck);
    }
    Ok(Exit::AsExpected)
}

fn plan(visits: &Visits) -> Plan {
    let plan = Plan::new().with_seeds(visits.seeds.first(visits.persons));
    let plan = plan.with_spread(visits.spread).with_jitter(visits.jitter);
    let plan = if visits.kind.is_empty() { plan } else { plan.with_kinds(&visits.kind) };
    if visits.policy.is_empty() { plan } else { plan.with_policies(&visits.policy) }
}

/// `before` people of `all` were simulated already; all of this plan's if there are no others.
fn run(plan: &Plan, before: u64, all: Option<u64>, waiting: &Waiting) -> Study {
    let all = all.unwrap_or_else(|| plan.people());
    plan.run(|done| waiting.say(|| format!("{} of {all} people", before + done)))
}

fn goals(visits: &Visits, waiting: &mut Waiting) -> io::Result<Exit> {
    let [ordinary, doubled] = goals::plans(visits.seeds.first(visits.persons));
    let all = Some(ordinary.people().saturating_add(doubled.people()));
    let (first, second) = (run(&ordinary, 0, all, waiting), run(&doubled, ordinary.people(), all, waiting));
    let goals = goals::goals(&first, &second);
    waiting.end();
    for goal in &goals {
        if visits.json { waiting.line(object(goal))? } else { waiting.line(goal)? }
    }
    let missed = goals.iter().filter(|goal| !goal.is_met()).count();
    if !visits.json {
        waiting.line(format!("{} goals met, {missed} missed", goals.len() - missed))?;
    }
    Ok(if missed == 0 { Exit::AsExpected } else { Exit::NotAsExpected })
}

fn object(goal: &Goal) -> serde_json::Value {
    let (at_most, at_least) = match goal.bound {
        Bound::AtMost(most) => (Some(most), None),
        Bound::AtLeast(least) => (None, Some(least)),
    };
    json!({
        "goal": goal.what,
        "measured": goal.measured,
        "at_most": at_most,
        "at_least": at_least,
        "met": goal.is_met(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_a_block_or_two_numbers() {
        let first = |text: &str, count| text.parse::<Seeds>().map(|seeds| seeds.first(NonZeroU64::new(count)));
        assert_eq!(first("tuning", 0), Ok(5_001..=5_060));
        assert_eq!(first("hold-out", 3), Ok(40_001..=40_003));
        assert_eq!(first("7..9", 100), Ok(7..=9), "there are no more");
        assert_eq!(first("18446744073709551615..18446744073709551615", 5), Ok(u64::MAX..=u64::MAX));
        for refused in ["9..7", "7", "..", "1...2", "a..b", ""] {
            assert!(first(refused, 1).is_err(), "{refused}");
        }
    }
}
