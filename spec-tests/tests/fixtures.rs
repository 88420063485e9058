//! One test per fixture, named by its path: `cargo test --test fixtures register/` runs a folder. One that is listed as an
//! expected failure has to fail.

use std::process::ExitCode;
use std::sync::Arc;

use background_sync_spec_tests::{Catalogue, ExpectedFailures, Fixture};
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
    let read = || Ok::<_, toml::de::Error>((Catalogue::read()?, ExpectedFailures::read()?));
    let lists = match read() {
        Ok(lists) => Arc::new(lists),
        Err(error) => {
            eprintln!("the lists can't be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    let trials = fixtures.into_iter().map(|fixture| {
        let lists = Arc::clone(&lists);
        Trial::test(fixture.name.clone(), move || {
            let (catalogue, expected) = &*lists;
            expected.judge("machine", &fixture.name, &fixture.run(catalogue)).map_err(Failed::from)
        })
    });
    let trials = trials.collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
