//! Plays every fixture and prints how this implementation conforms, step by step; or how an installed browser does.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use background_sync_spec_tests::{
    BareMachine, Catalogue, Citations, Conformance, ExpectedFailures, Fixture, PlayedElsewhere, Subject, chromium, own,
};
use clap::{Args, Parser, Subcommand};

/// How this implementation, and others, conform to the specifications.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Plays every fixture on the bare machine and prints tables in Markdown; so does no command at all
    Report(ReportArguments),
    /// Plays in an installed Chromium what a web page can observe, and prints the matrix
    Chromium(chromium::Arguments),
    /// Plays on an engine of your own what can be seen of it from outside; docs/own-engine.md tells how
    Own(own::Arguments),
    /// A process that plays in namespaces of its own; the command above starts it
    #[command(hide = true)]
    ChromiumLane {
        /// The harness of web-platform-tests
        testharness: PathBuf,
    },
}

#[derive(Args, Debug, Default)]
struct ReportArguments {
    /// Prints the same for programs
    #[arg(long, conflicts_with = "wptreport")]
    json: bool,
    /// Prints what the bare machine did in the form of the Web Platform Tests' tools
    #[arg(long)]
    wptreport: bool,
    /// One more column: what a browser or another engine did, from a report in wptreport form
    #[arg(long, value_name = "NAME=FILE", value_parser = elsewhere)]
    with: Vec<PlayedElsewhere>,
}

impl ReportArguments {
    fn form(&self) -> Form {
        match (self.json, self.wptreport) {
            (true, _) => Form::Json,
            (false, true) => Form::Wpt,
            (false, false) => Form::Markdown,
        }
    }
}

fn main() -> ExitCode {
    match Arguments::parse().command.unwrap_or_else(|| Task::Report(ReportArguments::default())) {
        Task::Report(arguments) => report(&arguments),
        Task::Chromium(arguments) => chromium::command(&arguments),
        Task::Own(arguments) => own::command(&arguments, now),
        Task::ChromiumLane { testharness } => chromium::serve_lane(&testharness),
    }
}

fn report(arguments: &ReportArguments) -> ExitCode {
    match conformance(arguments.form(), &arguments.with) {
        Ok(surprises) if surprises.is_empty() => ExitCode::SUCCESS,
        Ok(surprises) => {
            surprises.iter().for_each(|surprise| eprintln!("not as expected: {surprise}"));
            ExitCode::FAILURE
        }
        Err(what) => {
            eprintln!("conformance: {what}");
            ExitCode::from(2)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Markdown,
    Json,
    Wpt,
}

fn elsewhere(given: &str) -> Result<PlayedElsewhere, String> {
    let (name, file) = given.split_once('=').ok_or("it is NAME=FILE, as in --with chromium=report.json")?;
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    PlayedElsewhere::read(name, &text).map_err(|error| format!("{file}: {error}"))
}

fn conformance(form: Form, elsewhere: &[PlayedElsewhere]) -> Result<Vec<String>, String> {
    let catalogue = Catalogue::read().map_err(|error| error.to_string())?;
    let citations = Citations::of_the_crates().map_err(|error| error.to_string())?;
    let expected = ExpectedFailures::read().map_err(|error| error.to_string())?;
    let fixtures = Fixture::all().map_err(|error| error.to_string())?;
    let strange = elsewhere.iter().find_map(|subject| Some((subject.name(), subject.strangers(&fixtures).next()?)));
    if let Some((name, test)) = strange {
        return Err(format!("{name} reports about {test}, and no fixture is called so"));
    }
    let machine = BareMachine { catalogue: &catalogue, now };
    let all = elsewhere.iter().map(|subject| subject as &dyn Subject);
    let subjects: Vec<&dyn Subject> = [&machine as &dyn Subject].into_iter().chain(all).collect();
    let begun = now();
    let conformance = Conformance::of((&catalogue, &citations), &fixtures, &subjects, &expected)?;
    match form {
        Form::Markdown => print!("{}", conformance.markdown()),
        Form::Json => println!("{}", conformance.json()),
        Form::Wpt => {
            let report = conformance.wptreport(machine.name(), (begun, now()));
            println!("{}", serde_json::to_string(&report).map_err(|error| error.to_string())?);
        }
    }
    Ok(conformance.surprises().map(str::to_owned).collect())
}

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "a report says when it was made, and nothing depends on that")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
