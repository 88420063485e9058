use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use background_sync_chromium_host::Launch;

use super::lane::WEB;
use super::lanes::{NoLane, Played, Task, Verdict, play_all};
use super::matrix::{Cell, Matrix, Row};
use super::{Differences, Pace, observable, testharness};
use crate::{Catalogue, Fixture, WebFile};

/// What is missing is not a failure of ours.
const MISSING: u8 = 2;

/// How long a file of tests takes, more or less.
const FILE: Duration = Duration::from_secs(15);

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
    let catalogue = Catalogue::read().map_err(|error| Trouble::Other(error.to_string()))?;
    let fixtures = Fixture::all().map_err(|error| Trouble::Other(error.to_string()))?;
    let is_meant = |fixture: &Fixture| arguments.only.as_ref().is_none_or(|part| fixture.name.contains(part.as_str()));
    let meant: Vec<_> = fixtures.into_iter().filter(is_meant).collect();
    let mut plan = Vec::new();
    for fixture in meant {
        let timeline = fixture.timeline(&catalogue).map_err(|error| Trouble::Other(error.to_string()))?;
        plan.push((fixture, observable(&timeline)));
    }
    let files = WebFile::all(&WebFile::root()).map_err(|error| Trouble::Other(error.to_string()))?;
    let names = files.into_iter().map(|file| format!("{WEB}{}", file.name));
    let files: Vec<_> =
        names.filter(|name| arguments.only.as_ref().is_none_or(|part| name.contains(part.as_str()))).collect();
    if arguments.list {
        list(&plan, &files);
        return Ok(Vec::new());
    }
    let browser = installed().map_err(Trouble::Missing)?;
    let testharness = testharness::installed().map_err(Trouble::Other)?;
    let mut tasks: Vec<_> = plan.iter().filter_map(|(fixture, pace)| task(fixture, pace)).collect();
    tasks.extend(files.iter().map(|name| Task { name: name.clone(), takes: FILE }));
    // The longest first, so that none is left alone at the end.
    tasks.sort_by_key(|task| std::cmp::Reverse(task.takes));
    let played = play_all(tasks, arguments.lanes.max(1), &testharness, announce).map_err(|NoLane(problem)| {
        Trouble::Missing(format!(
            "no network namespace can be made: {problem}\n  it needs Linux, `unshare` and `mount` of util-linux, `ip` of iproute2, and root (or \
             CAP_SYS_ADMIN and CAP_NET_ADMIN); on Debian: apt-get install util-linux iproute2; in a container: --privileged"
        ))
    })?;
    let fixtures = plan.into_iter().map(|planned| row(planned, &played, &catalogue));
    let files = files.into_iter().map(|name| Row {
        machine: None,
        chromium: Cell::Played(verdict(&name, &played)),
        fixture: name,
    });
    let matrix = Matrix { browser, rows: fixtures.chain(files).collect() };
    let text = matrix.to_markdown(&known);
    print!("{text}");
    if arguments.write {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(KEPT);
        let written =
            std::fs::create_dir_all(file.parent().unwrap_or(&file)).and_then(|()| std::fs::write(&file, &text));
        written.map_err(|error| Trouble::Other(format!("{}: {error}", file.display())))?;
    }
    let mut complaints = matrix.complaints(&known);
    if arguments.only.is_none() {
        complaints.extend(matrix.strangers(&known));
    }
    Ok(complaints)
}

fn list(plan: &[(Fixture, Result<Pace, Vec<String>>)], files: &[String]) {
    for (fixture, pace) in plan {
        match pace {
            Ok(pace) => println!("{}: {} s", fixture.name, pace.whole().as_secs()),
            Err(reasons) => println!("{}: not, {}", fixture.name, reasons.join("; ")),
        }
    }
    let count = plan.iter().filter(|(_, pace)| pace.is_ok()).count();
    for name in files {
        println!("{name}");
    }
    println!("{count} of {} fixtures, and {} files", plan.len(), files.len());
}

fn task(fixture: &Fixture, pace: &Result<Pace, Vec<String>>) -> Option<Task> {
    let takes = pace.as_ref().ok()?.whole();
    Some(Task { name: fixture.name.clone(), takes })
}

fn announce(played: &Played) {
    let word = match &played.verdict {
        Verdict::Observed(mismatches) if mismatches.is_empty() => "passes",
        Verdict::Observed(_) => "differs",
        Verdict::AsPreset(_) => "goes as the preset",
        Verdict::Broken(_) => "is broken",
    };
    eprintln!("{} {word}", played.name);
}

fn row((fixture, pace): (Fixture, Result<Pace, Vec<String>>), played: &[Played], catalogue: &Catalogue) -> Row {
    let chromium = match pace {
        Err(reasons) => Cell::Unobservable(reasons),
        Ok(_) => Cell::Played(verdict(&fixture.name, played)),
    };
    Row { machine: Some(fixture.run(catalogue).is_ok()), fixture: fixture.name, chromium }
}

fn verdict(name: &str, played: &[Played]) -> Verdict {
    let found = played.iter().find(|played| played.name == name).map(|played| played.verdict.clone());
    found.unwrap_or_else(|| Verdict::Broken("it was not played".to_owned()))
}

/// What the installed Chromium calls itself.
fn installed() -> Result<String, String> {
    let program: PathBuf = Launch::chromium().map_err(|error| error.to_string())?.path().to_owned();
    let output = Command::new(&program).arg("--version").output();
    let output = output.map_err(|error| {
        let program = program.display();
        format!(
            "{program} cannot be run: {error}\n  on Debian: apt-get install chromium; or name another: CHROMIUM=/path"
        )
    })?;
    let version = String::from_utf8_lossy(&output.stdout);
    Ok(version.split(" built on").next().unwrap_or_default().trim().to_owned())
}
