//! The command `bgsync`.

mod args;
mod check;
mod demo;
mod exit;
mod play;
mod print;
mod progress;
mod simulate;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
pub use exit::Exit;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    let exit = match &args.command {
        None => demo::show("chat", &args.playing),
        Some(Command::Run { folder, playing }) => play::folder(folder, playing),
        Some(Command::Demo { name: None, .. }) => demo::list(),
        Some(Command::Demo { name: Some(name), playing }) => demo::show(name, playing),
        Some(Command::Check { files, json, verbose }) => check::files(files, *json, *verbose),
        Some(Command::Simulate { seed, runs, steps, save }) => simulate::runs(*seed, *runs, *steps, save.as_deref()),
    };
    exit.into()
}
