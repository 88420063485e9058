//! Prints how this implementation conforms, step by step, as Markdown.

use std::process::ExitCode;

use background_sync_spec_tests::{Catalogue, Citations, Fixture, report};

fn main() -> ExitCode {
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
