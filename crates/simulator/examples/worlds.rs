//! What the machine says in random worlds, recorded once and compared after a change of its inside:
//!
//! * `worlds record FIRST LAST STEPS` prints a digest for each seed;
//! * `worlds compare FILE` reads such a list and names the first seeds in which anything is different;
//! * `worlds show SEED STEPS` prints every word, to find out what.

use std::process::ExitCode;

use background_sync_simulator::random::heard;
use background_sync_simulator::world::Keep;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["record", first, last, steps] => record(first, last, steps),
        ["compare", file] => compare(file),
        ["show", seed, steps] => show(seed, steps),
        _ => Err("usage: worlds record FIRST LAST STEPS | compare FILE | show SEED STEPS".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn record(first: &str, last: &str, steps: &str) -> Result<(), String> {
    println!("# seed, steps, digest of everything said and shown");
    for seed in number(first)?..number(last)? {
        println!("{seed} {steps} {}", heard(seed, steps_of(steps)?, Keep::Digest).digest());
    }
    Ok(())
}

fn compare(file: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let (mut same, mut different) = (0_u64, Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let [seed, steps, digest] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("{file}: {line:?} is not a seed, a number of steps and a digest"));
        };
        if heard(number(seed)?, steps_of(steps)?, Keep::Digest).digest().to_string() == digest {
            same += 1;
        } else {
            different.push(seed.to_owned());
        }
    }
    println!("{same} worlds are the same, {} are not", different.len());
    if different.is_empty() {
        return Ok(());
    }
    different.truncate(20);
    Err(format!("the first that are different: seeds {}", different.join(", ")))
}

fn show(seed: &str, steps: &str) -> Result<(), String> {
    for line in heard(number(seed)?, steps_of(steps)?, Keep::Lines).lines() {
        println!("{line}");
    }
    Ok(())
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}

fn steps_of(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number of steps"))
}
