//! Completions for shells.

use std::io;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Exit;
use super::args::Args;
use super::out::line;

/// Prints a shell's script.
pub(crate) fn print(shell: Shell) -> io::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "bgsync", &mut script);
    line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::AsExpected)
}
