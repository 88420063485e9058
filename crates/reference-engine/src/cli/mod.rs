//! The command `bgsync`.

mod args;
mod check;
mod completions;
mod demo;
mod exit;
mod help;
mod inspect;
mod json;
mod layout;
mod new;
mod out;
mod play;
mod print;
mod processes;
mod progress;
mod simulate;
mod still_registered;
mod visits;
mod waiting;
mod watch;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command, Study};
pub use exit::Exit;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let exit = match run(&Args::parse()) {
        Ok(exit) => exit,
        // A reader that went away, like `head`, has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::AsExpected,
        Err(error) => {
            out::complain(format!("the output can't be written: {error}; make room, or write it elsewhere"));
            Exit::Stuck
        }
    };
    exit.into()
}

fn run(args: &Args) -> io::Result<Exit> {
    match &args.command {
        None => demo::show("chat", &args.playing),
        Some(Command::Run { folder, watch: true, playing }) => watch::folder(folder, playing),
        Some(Command::Run { folder, watch: false, playing }) => {
            processes::mind_the_leash();
            play::folder(folder, playing)
        }
        Some(Command::Demo { name: None, .. }) => demo::list(),
        Some(Command::Demo { name: Some(name), playing }) => demo::show(name, playing),
        Some(Command::New { folder }) => new::folder(folder),
        Some(Command::Completions { shell }) => completions::print(*shell),
        Some(Command::Inspect { store, inspecting }) => inspect::store(store, inspecting),
        Some(Command::Check { files, json, verbose }) => check::files(files, *json, *verbose),
        Some(Command::Simulate { worlds, study: None }) => simulate::runs(worlds),
        Some(Command::Simulate { worlds: _, study: Some(Study::Visits(visits)) }) => visits::study(visits),
    }
}
