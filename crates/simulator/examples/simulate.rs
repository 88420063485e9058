//! `simulate FIRST LAST STEPS [both] [count]`: random worlds for a range of seeds; with `both` they have periodic syncs
//! too; with `count` also how much of them changed anything, by kind of input and of step.

use std::ops::Range;
use std::process::ExitCode;

use background_sync_simulator::random::{Counterexample, Kinds, Summary, simulate, simulate_and_count};

type Worlds = fn(Kinds, Range<u64>, usize) -> Result<Summary, Box<Counterexample>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = arguments.iter().map_while(|text| text.parse().ok()).collect();
    let rest: Vec<&str> = arguments.iter().skip(numbers.len()).map(String::as_str).collect();
    let (worlds, kinds) = match (numbers.as_slice(), rest.as_slice()) {
        ([_, _, _], []) => (simulate as Worlds, Kinds::OneShot),
        ([_, _, _], ["count"]) => (simulate_and_count as Worlds, Kinds::OneShot),
        ([_, _, _], ["both"]) => (simulate as Worlds, Kinds::Both),
        ([_, _, _], ["both", "count"]) => (simulate_and_count as Worlds, Kinds::Both),
        _ => {
            eprintln!("usage: simulate FIRST LAST STEPS [both] [count], for example: simulate 0 1000 300");
            return ExitCode::FAILURE;
        }
    };
    match worlds(kinds, numbers[0]..numbers[1], usize::try_from(numbers[2]).unwrap_or(usize::MAX)) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(counterexample) => {
            println!("{counterexample}");
            ExitCode::FAILURE
        }
    }
}
