use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use crate::transport::Closed;

/// Why no browser was started.
#[derive(Debug)]
pub enum LaunchError {
    /// None is installed where we look.
    NotFound {
        /// What was looked for, in this order.
        looked_for: Vec<String>,
    },
    /// Its program could not be run.
    NotRun {
        /// The program.
        program: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It ended before it listened.
    Ended {
        /// The program.
        program: PathBuf,
        /// What it said last.
        said: String,
    },
    /// It runs, and does not listen.
    Silent {
        /// The program.
        program: PathBuf,
        /// How long we waited.
        waited: Duration,
    },
    /// There is no room for its profile.
    Profile(io::Error),
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { looked_for } => write!(
                f,
                "no Chromium is installed (looked for {}); install one, on Debian `apt-get install chromium`, or say where it is: \
                 CHROMIUM=/path/to/chromium",
                looked_for.join(", ")
            ),
            Self::NotRun { program, error } => write!(f, "{} cannot be run: {error}", program.display()),
            Self::Ended { program, said } => write!(
                f,
                "{} ended before it listened; as root it needs --no-sandbox. It said: {said}",
                program.display()
            ),
            Self::Silent { program, waited } => write!(
                f,
                "{} did not listen within {waited:?}; is it a Chromium, and is the machine very busy?",
                program.display()
            ),
            Self::Profile(error) => write!(f, "no folder for the browser's profile: {error}; is the disk full?"),
        }
    }
}

impl std::error::Error for LaunchError {}

/// Why there is no connection to a browser.
#[derive(Debug)]
pub enum ConnectError {
    /// The address makes no sense.
    Address {
        /// The address.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody listens there.
    Refused {
        /// The address.
        address: String,
        /// What the system says.
        error: io::Error,
    },
    /// Something listens there that speaks another language.
    NotDevTools {
        /// The address.
        address: String,
        /// What it did.
        what: String,
    },
    /// It is a browser, and no Chromium.
    WrongBrowser {
        /// What it calls itself.
        product: String,
    },
    /// It let us in and does not answer.
    Asked(CallError),
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { address, why } => write!(
                f,
                "`{address}` is no address of a browser: {why}. It looks like ws://127.0.0.1:9222/devtools/browser/ID; Chromium \
                 prints it when it is started with --remote-debugging-port"
            ),
            Self::Refused { address, error } => {
                write!(f, "nobody listens at {address}: {error}; does the browser still run?")
            }
            Self::NotDevTools { address, what } => {
                write!(f, "what listens at {address} is no DevTools server, or has no such browser: {what}")
            }
            Self::WrongBrowser { product } => {
                write!(f, "`{product}` is no Chromium; connect to Chromium, Chrome or Edge")
            }
            Self::Asked(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for ConnectError {}

/// Why a command has no result.
#[derive(Debug)]
pub enum CallError {
    /// The connection has ended.
    Closed(Closed),
    /// There was no answer in time. The command may still be carried out.
    TimedOut {
        /// The command.
        method: String,
        /// How long we waited.
        waited: Duration,
    },
    /// The browser, or this kind of target, does not have it.
    NoSuchMethod {
        /// The command.
        method: String,
    },
    /// The browser refused.
    Refused {
        /// The command.
        method: String,
        /// Its words.
        message: String,
    },
    /// The page or worker has gone.
    SessionGone {
        /// The command.
        method: String,
    },
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(closed) => write!(f, "{closed}"),
            Self::TimedOut { method, waited } => {
                write!(f, "{method}: no answer within {waited:?}; the browser hangs, or the page runs a busy loop")
            }
            Self::NoSuchMethod { method } => {
                write!(f, "{method}: this browser, or this kind of target, has no such method; try a newer Chromium")
            }
            Self::Refused { method, message } => write!(f, "{method}: refused: {message}"),
            Self::SessionGone { method } => write!(f, "{method}: its page or worker has gone; attach to the new one"),
        }
    }
}

impl std::error::Error for CallError {}
