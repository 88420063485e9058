//! An engine of somebody else's on the same fixtures, in virtual time.
//!
//! * An [`Engine`] answers [`Ask`]s: what happens, how time passes, what is to be seen. A [`LineEngine`] is a program that
//!   does so in lines of JSON on its standard input and output; one in Rust may implement the trait.
//! * [`play`] plays a timeline on it and has what was seen judged, as with a browser, to the millisecond.
//! * [`command`] plays everything, and says what passed, what failed, and what was not run and why.
//!
//! `docs/own-engine.md` describes the protocol.

mod command;
mod engine;
mod line_engine;
mod play;
mod protocol;
mod results;

pub use command::{Arguments, command};
pub use engine::{Engine, Trouble};
pub use line_engine::LineEngine;
pub use play::{Outcome, play};
pub use protocol::{Ask, Look, Looked, PROTOCOL, Ready, Reply, Start, TagsAsked, TagsSeen};
pub use results::Results;
