//! `bgsync`: runs pages and service workers with background sync, against a timeline.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    background_sync_reference_engine::cli::main()
}
