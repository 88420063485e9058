//! Running fixtures.

use std::path::{Path, PathBuf};

use background_sync_simulator::runner;
use background_sync_simulator::timeline::Timeline;
use serde_json::json;

use super::Exit;

/// Runs every file, folders with all the files in them, and prints how each goes.
pub(crate) fn files(paths: &[PathBuf], as_json: bool, verbose: bool) -> Exit {
    let mut worst = Exit::AsExpected;
    let mut files = Vec::new();
    for path in paths {
        if let Err(error) = collect(path, &mut files) {
            eprintln!("bgsync: {} can't be read: {error}", path.display());
            worst = Exit::BadInput;
        }
    }
    if files.is_empty() && worst == Exit::AsExpected {
        eprintln!("bgsync: there is no .toml file in what was given");
        return Exit::BadInput;
    }
    let (mut passed, mut failed) = (0_u32, 0_u32);
    for file in &files {
        match check(file, as_json, verbose) {
            Exit::AsExpected => passed += 1,
            exit => {
                failed += 1;
                worst = if exit == Exit::BadInput || worst == Exit::BadInput { Exit::BadInput } else { exit };
            }
        }
    }
    if !as_json {
        println!("{passed} passed, {failed} failed");
    }
    worst
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut entries =
        std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() || entry.extension().is_some_and(|extension| extension == "toml") {
            collect(&entry, files)?;
        }
    }
    Ok(())
}

fn check(file: &Path, as_json: bool, verbose: bool) -> Exit {
    let name = file.display().to_string();
    let timeline: Timeline = match std::fs::read_to_string(file) {
        Err(error) => {
            eprintln!("bgsync: {name} can't be read: {error}");
            return Exit::BadInput;
        }
        Ok(text) => match Timeline::parse(&name, &text) {
            Ok(timeline) => timeline,
            Err(error) => {
                eprintln!("bgsync: {error}");
                return Exit::BadInput;
            }
        },
    };
    let report = runner::run(&timeline);
    if as_json {
        let failures: Vec<_> = report.failures.iter().map(|failure| {
            json!({ "line": failure.line, "at": failure.at.as_secs_f64(), "expected": failure.expected, "found": failure.actual })
        }).collect();
        let value = json!({ "file": name, "title": report.title, "passed": report.passed(), "steps": report.steps, "failures": failures });
        println!("{value}");
    } else {
        if verbose {
            print!("{}", report.trace);
        }
        print!("{name}: {report}");
    }
    if report.passed() { Exit::AsExpected } else { Exit::NotAsExpected }
}
