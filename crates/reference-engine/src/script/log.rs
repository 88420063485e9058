//! What scripts print, and what went wrong in them.

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Where it comes from.
    pub level: LogLevel,
    /// The text.
    pub text: String,
    /// The script's file; empty if unknown or printed on purpose.
    pub file: String,
    /// The line in that file, from 1; 0 if unknown.
    pub line: u32,
}

/// The source of a [`LogEntry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// `console.debug` and `console.trace`.
    Debug,
    /// `console.log` and what has no level of its own.
    Log,
    /// `console.info`.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error` and `console.assert`.
    Error,
    /// An exception that left a listener, a timer or a task.
    UncaughtError,
    /// A promise was rejected and nobody listened.
    UnhandledRejection,
    /// The web platform itself failed, for instance for want of memory.
    Platform,
}

impl LogLevel {
    /// The level that the web platform names so.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "debug" => Self::Debug,
            "log" => Self::Log,
            "info" => Self::Info,
            "warn" => Self::Warn,
            "error" => Self::Error,
            "uncaughtError" => Self::UncaughtError,
            "unhandledRejection" => Self::UnhandledRejection,
            _ => Self::Platform,
        }
    }
}
