//! An unmodified Chromium on the same fixtures, as far as a web page can observe them.
//!
//! * [`observable`] says which timelines a page can observe, and why not the others; [`Pace`] makes seconds of their days.
//! * A lane is a process of its own in a network namespace of its own: a server, a link that really goes down and up, a
//!   browser that the timeline's steps are translated for. It hands over
//!   [`Observations`](crate::seen::Observations).
//! * [`judge`](crate::seen::judge) compares them with what the timeline expects; [`Differences`] are those that are known.
//! * [`command`] plays everything and prints the matrix.

mod command;
mod differences;
mod lane;
mod lanes;
mod matrix;
mod observable;
mod pace;
mod preset;
mod stopwatch;
mod testharness;

pub use command::{Arguments, command};
pub use differences::{Category, Differences};
pub use lane::serve_lane;
pub use observable::observable;
pub use pace::Pace;
pub use preset::goes_as_the_preset;
