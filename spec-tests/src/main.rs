//! Prints how this implementation conforms, step by step, as Markdown; or how an installed browser does.

use std::process::ExitCode;

use background_sync_spec_tests::{Catalogue, Citations, Fixture, chromium, report};
use clap::{Parser, Subcommand};

/// How this implementation, and others, conform to the specifications.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Task>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Prints the table of steps, invariants and decisions; so does no command at all
    Report,
    /// Plays in an installed Chromium what a web page can observe, and prints the matrix
    Chromium(chromium::Arguments),
    /// A process that plays in namespaces of its own; the command above starts it
    #[command(hide = true)]
    ChromiumLane {
        /// The harness of web-platform-tests
        testharness: std::path::PathBuf,
    },
}

fn main() -> ExitCode {
    match Arguments::parse().command.unwrap_or(Task::Report) {
        Task::Report => print_report(),
        Task::Chromium(arguments) => chromium::command(&arguments),
        Task::ChromiumLane { testharness } => chromium::serve_lane(&testharness),
    }
}

fn print_report() -> ExitCode {
    match conformance() {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::FAILURE
        }
    }
}

fn conformance() -> Result<String, String> {
    let catalogue = Catalogue::read().map_err(|error| error.to_string())?;
    let citations = Citations::of_the_crates().map_err(|error| error.to_string())?;
    let fixtures = Fixture::all().map_err(|error| error.to_string())?;
    report(&catalogue, &citations, &fixtures)
}
