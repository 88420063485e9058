//! `simulate FIRST LAST STEPS`: random worlds for a range of seeds.

use std::process::ExitCode;

use background_sync_simulator::random::simulate;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let (Some(Ok(first)), Some(Ok(last)), Some(Ok(steps))) = (numbers.next(), numbers.next(), numbers.next()) else {
        eprintln!("usage: simulate FIRST LAST STEPS, for example: simulate 0 1000 300");
        return ExitCode::FAILURE;
    };
    match simulate(first..last, usize::try_from(steps).unwrap_or(usize::MAX)) {
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
