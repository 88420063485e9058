use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use background_sync_chromium_host::Launch;

use super::lanes::{NoLane, Played, Task, Verdict, play_all};
use super::matrix::{Cell, Matrix, Row};
use super::{Differences, Pace, observable};
use crate::Fixture;

/// What is missing is not a failure of ours.
const MISSING: u8 = 2;

/// Where the matrix is kept.
const KEPT: &str = "docs/chromium.md";

/// Plays the fixtures in an installed Chromium.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Only fixtures with this in their names
    only: Option<String>,
    /// How many browsers at a time
    #[arg(long, default_value_t = 3)]
    lanes: usize,
    /// Keep the matrix in the documentation
    #[arg(long, conflicts_with = "only")]
    write: bool,
    /// Say which fixtures a web page can observe, and play nothing
    #[arg(long)]
    list: bool,
}

/// Plays, prints the matrix and complains. 2 when there is no Chromium, or no right to make namespaces.
#[must_use]
pub fn command(arguments: &Arguments) -> ExitCode {
    match run(arguments) {
        Ok(complaints) if complaints.is_empty() => ExitCode::SUCCESS,
        Ok(complaints) => {
            eprintln!("{} complaints:\n  {}", complaints.len(), complaints.join("\n  "));
            ExitCode::FAILURE
        }
        Err(Trouble::Missing(what)) => {
            eprintln!("conformance chromium: {what}");
            ExitCode::from(MISSING)
        }
        Err(Trouble::Other(what)) => {
            eprintln!("conformance chromium: {what}");
            ExitCode::FAILURE
        }
    }
}

enum Trouble {
    Missing(String),
    Other(String),
}

fn run(arguments: &Arguments) -> Result<Vec<String>, Trouble> {
    let known = Differences::known().map_err(Trouble::Other)?;
    let fixtures = Fixture::all().map_err(|error| Trouble::Other(error.to_string()))?;
    let is_meant = |fixture: &Fixture| arguments.only.as_ref().is_none_or(|part| fixture.name.contains(part.as_str()));
    let meant: Vec<_> = fixtures.into_iter().filter(is_meant).collect();
    let mut plan = Vec::new();
    for fixture in meant {
        let timeline = fixture.timeline().map_err(|error| Trouble::Other(error.to_string()))?;
        plan.push((fixture, observable(&timeline)));
    }
    if arguments.list {
        list(&plan);
        return Ok(Vec::new());
    }
    let browser = installed().map_err(Trouble::Missing)?;
    let mut tasks: Vec<_> = plan.iter().filter_map(|(fixture, pace)| task(fixture, pace)).collect();
    // The longest first, so that none is left alone at the end.
    tasks.sort_by_key(|task| std::cmp::Reverse(task.takes));
    let played = play_all(tasks, arguments.lanes.max(1), announce).map_err(|NoLane(problem)| {
        Trouble::Missing(format!(
            "no network namespace can be made: {problem}\n  it needs Linux, `unshare` and `mount` of util-linux, `ip` of iproute2, and root (or \
             CAP_SYS_ADMIN and CAP_NET_ADMIN); on Debian: apt-get install util-linux iproute2; in a container: --privileged"
        ))
    })?;
    let matrix = Matrix { browser, rows: plan.into_iter().map(|planned| row(planned, &played)).collect() };
    let text = matrix.to_markdown(&known);
    print!("{text}");
    if arguments.write {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(KEPT);
        std::fs::write(&file, &text).map_err(|error| Trouble::Other(format!("{}: {error}", file.display())))?;
    }
    let mut complaints = matrix.complaints(&known);
    if arguments.only.is_none() {
        complaints.extend(matrix.strangers(&known));
    }
    Ok(complaints)
}

fn list(plan: &[(Fixture, Result<Pace, Vec<String>>)]) {
    for (fixture, pace) in plan {
        match pace {
            Ok(pace) => println!("{}: {} s", fixture.name, pace.whole().as_secs()),
            Err(reasons) => println!("{}: not, {}", fixture.name, reasons.join("; ")),
        }
    }
    let count = plan.iter().filter(|(_, pace)| pace.is_ok()).count();
    println!("{count} of {}", plan.len());
}

fn task(fixture: &Fixture, pace: &Result<Pace, Vec<String>>) -> Option<Task> {
    let takes = pace.as_ref().ok()?.whole();
    Some(Task { name: fixture.name.clone(), takes })
}

fn announce(played: &Played) {
    let word = match &played.verdict {
        Verdict::Observed(mismatches) if mismatches.is_empty() => "passes",
        Verdict::Observed(_) => "differs",
        Verdict::Broken(_) => "is broken",
    };
    eprintln!("{} {word}", played.name);
}

fn row((fixture, pace): (Fixture, Result<Pace, Vec<String>>), played: &[Played]) -> Row {
    let chromium = match pace {
        Err(reasons) => Cell::Unobservable(reasons),
        Ok(_) => {
            let verdict = played.iter().find(|played| played.name == fixture.name);
            let verdict = verdict.map(|played| played.verdict.clone());
            Cell::Played(verdict.unwrap_or_else(|| Verdict::Broken("it was not played".to_owned())))
        }
    };
    Row { machine: fixture.run().is_ok(), fixture: fixture.name, chromium }
}

/// What the installed Chromium calls itself.
fn installed() -> Result<String, String> {
    let program: PathBuf = Launch::chromium().map_err(|error| error.to_string())?.path().to_owned();
    let output = Command::new(&program).arg("--version").output();
    let output = output.map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    let version = String::from_utf8_lossy(&output.stdout);
    Ok(version.split(" built on").next().unwrap_or_default().trim().to_owned())
}
