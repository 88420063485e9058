//! Writing to whoever called the command.

use std::fmt::Display;
use std::io::{self, Write as _};

/// One line on standard output, its colours only where they are wanted.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    writeln!(anstream::stdout(), "{text}")
}

/// One message on standard error. Where even that can't be written, the exit code has to do.
pub(crate) fn complain(message: impl Display) {
    writeln!(anstream::stderr(), "bgsync: {message}").ok();
}
