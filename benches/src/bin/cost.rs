//! `cost`: what an engine pays for background sync at 0, 100 and 1,000 registrations, besides the size of its
//! program: memory, time from the start of the process to its first event, and what is done in an idle day.
//!
//! Run by `benches/cost.sh`, which builds `hello` and `engine` beside it and measures their sizes.

use std::error::Error;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use background_sync_benches::{IdleDay, LoadAverage, Samples, time, write_store};

/// Fresh processes for one figure.
const ROUNDS: usize = 11;

fn main() -> Result<(), Box<dyn Error>> {
    println!("medians of {ROUNDS}, each of a fresh process; {}", LoadAverage::now());
    let directory = tempfile::tempdir()?;
    let programs = std::env::current_exe()?.with_file_name("");
    let (hello, engine) = (programs.join("hello"), programs.join("engine"));
    let nothing = median(|| Ok(first_line(&hello, &[])?.1.trim_start_matches("hello ").parse()?))?;
    println!("{:<52} {:>9.0} KiB", "a program without it has in memory", nothing / 1024.0);
    for registrations in [0, 100, 1_000] {
        let path = directory.path().join(format!("{registrations}.redb"));
        write_store(&path, registrations)?;
        let count = registrations.to_string();
        let memory = || Ok(first_line(&engine, &[path.as_os_str(), "offline".as_ref(), count.as_ref()])?.1.parse()?);
        let added = (median(memory)? - nothing) / 1024.0;
        println!("{:<52} {added:>9.0} KiB", format!("{registrations} registrations: memory added to it"));
        if registrations > 0 {
            let fired = directory.path().join("fired.redb");
            let start = || {
                std::fs::copy(&path, &fired)?;
                Ok(first_line(&engine, &[fired.as_os_str()])?.0)
            };
            let what = format!("{registrations} registrations: start to first dispatch");
            println!("{what:<52} {:>9.1} ms", median(start)?);
        }
        let day = IdleDay::with(registrations);
        let what = format!("{registrations} registrations: in an idle day");
        println!("{what:<52} {} writes, {} wake-ups, {} deadlines", day.commits, day.wake_ups, day.deadlines);
    }
    Ok(())
}

fn median(mut figure: impl FnMut() -> Result<f64, Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut samples = Samples::new();
    for _ in 0..ROUNDS {
        samples.add(figure()?);
    }
    Ok(samples.median())
}

/// Runs a program. Gives the milliseconds up to its first line, and the line.
fn first_line(program: &Path, arguments: &[&OsStr]) -> Result<(f64, String), Box<dyn Error>> {
    let (mut line, mut outcome) = (String::new(), Ok(None));
    let took = time(|| outcome = start(program, arguments, &mut line).map(Some));
    if let Some(mut child) = outcome? {
        child.wait()?;
    }
    if line.is_empty() {
        return Err(format!("{} said nothing", program.display()).into());
    }
    Ok((took.as_secs_f64() * 1e3, line.trim_end().to_owned()))
}

fn start(program: &Path, arguments: &[&OsStr], line: &mut String) -> std::io::Result<std::process::Child> {
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn()?;
    if let Some(output) = child.stdout.as_mut() {
        BufReader::new(output).read_line(line)?;
    }
    Ok(child)
}
