//! One test per fixture, named by its path: `cargo test --test fixtures register/` runs a folder.

use std::process::ExitCode;

use background_sync_spec_tests::Fixture;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let fixtures = match Fixture::all() {
        Ok(fixtures) => fixtures,
        Err(error) => {
            eprintln!("the fixtures can't be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let trials = fixtures
        .into_iter()
        .map(|fixture| Trial::test(fixture.name.clone(), move || fixture.run().map_err(Failed::from)))
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
