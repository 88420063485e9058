//! Running fixtures.

use std::io;
use std::path::{Path, PathBuf};

use background_sync_simulator::runner::{self, Report};
use background_sync_simulator::timeline::Timeline;
use serde_json::{Value, json};

use super::Exit;
use super::waiting::Waiting;
use crate::engine::EngineStep;

/// Runs every file, folders with all the files in them, and prints how each goes. A file that can't be used
/// does not keep the others from running.
pub(crate) fn files(paths: &[PathBuf], as_json: bool, verbose: bool) -> io::Result<Exit> {
    let waiting = Waiting::start(as_json);
    let mut files = Vec::new();
    let mut unusable = 0_u32;
    for path in paths {
        let before = files.len();
        match collect(path, &mut files) {
            Ok(()) if files.len() > before => {}
            Ok(()) => {
                waiting.complain(format!("{}: there is no .toml file in this folder", path.display()));
                unusable += 1;
            }
            Err(error) => {
                waiting.complain(format!("{} can't be read: {error}", path.display()));
                unusable += 1;
            }
        }
    }
    let (mut passed, mut failed) = (0_u32, 0_u32);
    for (before, file) in files.iter().enumerate() {
        let name = file.display().to_string();
        waiting.say(|| format!("{before} of {} files; {name}", files.len()));
        match read(file, &name) {
            Ok(timeline) => {
                let report = runner::run(&timeline);
                if report.passed() {
                    passed += 1
                } else {
                    failed += 1
                }
                print(&waiting, &name, &report, as_json, verbose)?;
            }
            Err(error) => {
                unusable += 1;
                if as_json {
                    waiting.line(object(&name, "", false, 0, Vec::new(), Some(error.as_str())))?;
                }
                waiting.complain(error);
            }
        }
    }
    if !as_json {
        let unusable = if unusable == 0 { String::new() } else { format!(", {unusable} unusable") };
        waiting.line(format!("{passed} passed, {failed} failed{unusable}"))?;
    }
    Ok(match (unusable, failed) {
        (0, 0) => Exit::AsExpected,
        (0, _) => Exit::NotAsExpected,
        (_, _) => Exit::BadInput,
    })
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
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

fn read(file: &Path, name: &str) -> Result<Timeline, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name} can't be read: {error}"))?;
    Timeline::parse(name, &text).map_err(|error| match Timeline::<EngineStep>::parse(name, &text) {
        Ok(_) => format!("{error}\nIt is a timeline with pages; its folder is for bgsync run FOLDER."),
        Err(_) => error.to_string(),
    })
}

fn print(waiting: &Waiting, name: &str, report: &Report, as_json: bool, verbose: bool) -> io::Result<()> {
    if as_json {
        let failures = report.failures.iter().map(|failure| {
            let at = failure.at.as_secs_f64();
            json!({ "line": failure.place.line, "column": failure.place.column, "at": at, "expected": failure.expected, "found": failure.actual })
        });
        return waiting.line(object(name, &report.title, report.passed(), report.steps, failures.collect(), None));
    }
    if verbose {
        waiting.line(&report.trace)?;
    }
    waiting.line(report.of_file(name).to_string().trim_end())
}

fn object(file: &str, title: &str, passed: bool, steps: usize, failures: Vec<Value>, error: Option<&str>) -> Value {
    json!({ "file": file, "title": title, "passed": passed, "steps": steps, "failures": failures, "error": error })
}
