//! How frames travel to a browser and back.

mod pipe;
mod websocket;

use std::time::Duration;
use std::{fmt, io};

pub use pipe::Pipe;
pub use websocket::WebSocket;

/// A way to a browser.
pub trait Transport {
    /// Sends a frame.
    ///
    /// # Errors
    /// The way is closed.
    fn send(&mut self, frame: &str) -> Result<(), Closed>;

    /// Waits for the next frame, for so long; none when there was none.
    ///
    /// # Errors
    /// The way is closed.
    fn receive(&mut self, wait: Duration) -> Result<Option<String>, Closed>;
}

/// The browser is no longer there, or has closed the connection.
#[derive(Debug)]
pub struct Closed {
    why: String,
}

impl Closed {
    fn because(why: impl fmt::Display) -> Self {
        Self { why: why.to_string() }
    }
}

impl From<io::Error> for Closed {
    fn from(error: io::Error) -> Self {
        Self::because(error)
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the browser has gone, or closed the connection ({}); start it again and connect anew", self.why)
    }
}

impl std::error::Error for Closed {}
