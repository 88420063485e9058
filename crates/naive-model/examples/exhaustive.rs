//! Every state of the small world up to a depth.

use std::process::ExitCode;
use std::thread::available_parallelism;

use background_sync_naive_model::{INVARIANTS, States, Twin, explore};

/// Two cores do it in some minutes.
const DEPTH: usize = 5;

fn main() -> ExitCode {
    let depth = match std::env::args().nth(1).map_or(Ok(DEPTH), |word| word.parse()) {
        Ok(depth) => depth,
        Err(error) => {
            eprintln!("the depth is a number of operations, {DEPTH} if it is left out: {error}");
            return ExitCode::from(2);
        }
    };
    let states = States::up_to(depth);
    println!("{} states in {depth} operations; new at each depth: {:?}", states.len(), states.by_depth());
    match explore(&states, available_parallelism().map_or(1, usize::from)) {
        Ok(totals) => {
            println!("a machine was looked at after {} operations; what always holds held", totals.steps);
            for (invariant, count) in INVARIANTS.iter().zip(totals.twins) {
                match invariant.sometimes {
                    Twin::Happens(what, _) => println!("{:>4} {count:>9} times {what}", invariant.name),
                    Twin::Cannot(why) => println!("{:>4} {:>9}       {why}", invariant.name, "-"),
                }
            }
            ExitCode::SUCCESS
        }
        Err(found) => {
            println!("{found}");
            ExitCode::FAILURE
        }
    }
}
