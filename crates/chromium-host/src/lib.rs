#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod client;
mod clock;
mod error;
mod launch;
pub mod protocol;
pub mod transport;

pub use client::Client;
pub use error::{CallError, ConnectError, LaunchError};
pub use launch::{Browser, Launch, PipedBrowser, PipedError};
