use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use super::{LineEngine, Outcome, Results, play};
use crate::{Catalogue, ExpectedFailures, Fixture};

/// Plays the fixtures on an engine of your own.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Only fixtures with this in their names
    only: Option<String>,
    /// The command that starts the engine; the example in Python unless it is given
    #[arg(long, default_value_t = example())]
    engine: String,
    /// What its column is called
    #[arg(long, default_value = "own")]
    name: String,
    /// Failures that are known, each with its reason, in a table of the engine's name; checked both ways
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// How many seconds an answer may take
    #[arg(long, default_value_t = 10)]
    patience: u64,
    /// Prints the results for programs
    #[arg(long, conflicts_with = "wptreport")]
    json: bool,
    /// Prints them in the form of the Web Platform Tests' tools, for `report --with`
    #[arg(long)]
    wptreport: bool,
}

/// Plays, prints and complains: 1 when something is not as the list of known failures says, 2 when a list or a name makes no
/// sense. `now` gives milliseconds since 1970.
#[must_use]
pub fn command(arguments: &Arguments, now: fn() -> u64) -> ExitCode {
    match run(arguments, now) {
        Ok(surprises) if surprises.is_empty() => ExitCode::SUCCESS,
        Ok(surprises) => {
            surprises.iter().for_each(|surprise| eprintln!("not as expected: {surprise}"));
            ExitCode::FAILURE
        }
        Err(what) => {
            eprintln!("conformance own: {what}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments, now: fn() -> u64) -> Result<Vec<String>, String> {
    let catalogue = Catalogue::read().map_err(|error| error.to_string())?;
    let fixtures = Fixture::all().map_err(|error| error.to_string())?;
    let known = known(arguments, &fixtures)?;
    let is_meant = |fixture: &&Fixture| arguments.only.as_ref().is_none_or(|part| fixture.name.contains(part.as_str()));
    let meant: Vec<_> = fixtures.iter().filter(is_meant).collect();
    if meant.is_empty() {
        return Err(format!("no fixture has `{}` in its name", arguments.only.as_deref().unwrap_or_default()));
    }
    let begun = now();
    let mut engine = LineEngine::new(&arguments.engine, Duration::from_secs(arguments.patience));
    let played = meant.into_iter().map(|fixture| {
        let timeline = fixture.timeline(&catalogue).map_err(|error| error.to_string())?;
        Ok((fixture, play(&mut engine, &fixture.name, &timeline)))
    });
    let played: Vec<(&Fixture, Outcome)> = played.collect::<Result<_, String>>()?;
    let results = Results::new(&arguments.name, played);
    print(arguments, &results, (begun, now()))?;
    Ok(results.surprises(&known))
}

fn known(arguments: &Arguments, fixtures: &[Fixture]) -> Result<ExpectedFailures, String> {
    let Some(file) = &arguments.known else { return Ok(ExpectedFailures::default()) };
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let known = ExpectedFailures::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    for (subject, name) in known.iter() {
        if subject != arguments.name {
            return Err(format!("{}: [{subject}] is not about `{}`", file.display(), arguments.name));
        }
        if !fixtures.iter().any(|fixture| fixture.name == name) {
            return Err(format!("{}: no fixture is called `{name}`", file.display()));
        }
    }
    Ok(known)
}

fn print(arguments: &Arguments, results: &Results<'_>, times: (u64, u64)) -> Result<(), String> {
    if arguments.wptreport {
        println!("{}", serde_json::to_string(&results.wptreport(times)).map_err(|error| error.to_string())?);
    } else if arguments.json {
        println!("{}", results.json());
    } else {
        print!("{}", results.summary());
    }
    Ok(())
}

/// The command of the example.
fn example() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("own-engine/engine.py");
    format!("python3 '{}'", file.display())
}
