//! How scripts fail.

use std::fmt;

/// Why a realm runs nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// An [`InterruptHandle`](super::InterruptHandle) was used.
    Interrupted,
    /// One entry took more processor time than [`Limits::entry_time`](super::Limits::entry_time).
    TimeUp,
    /// One entry ran more microtasks than [`Limits::entry_jobs`](super::Limits::entry_jobs).
    TooManyJobs,
    /// The heap is full and no script dealt with it.
    OutOfMemory,
}

impl fmt::Display for Stopped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Interrupted => "the script was interrupted by the engine",
            Self::TimeUp => "the script ran longer than its time limit",
            Self::TooManyJobs => "the script queued microtasks without end",
            Self::OutOfMemory => "the script used up its memory",
        })
    }
}

/// What a script threw, or why it was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The error's name, such as `SyntaxError`; empty if what was thrown is no error.
    pub name: String,
    /// Its message, or the thrown value as text.
    pub message: String,
    /// The file it came from; empty if unknown.
    pub file: String,
    /// The line in that file, from 1; 0 if unknown.
    pub line: u32,
    /// Set when the realm was stopped: it is dead then.
    pub stopped: Option<Stopped>,
}

impl ScriptError {
    /// An error that is not a script's own: what it needs is not there.
    pub(crate) fn missing(message: &str) -> Self {
        Self::plain("", message, "")
    }

    pub(super) fn stopped(reason: Stopped, file: &str) -> Self {
        Self { name: String::new(), message: reason.to_string(), file: file.to_owned(), line: 0, stopped: Some(reason) }
    }

    pub(super) fn plain(name: &str, message: &str, file: &str) -> Self {
        Self { name: name.to_owned(), message: message.to_owned(), file: file.to_owned(), line: 0, stopped: None }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(formatter, "{}", self.file)?;
            if self.line > 0 {
                write!(formatter, ":{}", self.line)?;
            }
            formatter.write_str(": ")?;
        }
        if !self.name.is_empty() {
            write!(formatter, "{}: ", self.name)?;
        }
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ScriptError {}
