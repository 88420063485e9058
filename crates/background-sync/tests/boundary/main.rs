//! A test for every promise of the boundary: what an engine may rely on whatever its own code does, and when.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod beliefs;
mod bounds;
mod facts;
mod lies;
mod panics;
mod removals;
mod run;
mod shares;
mod store;
mod tokens;
mod toy;
mod waker;

#[cfg(feature = "thread")]
mod ends;
#[cfg(feature = "thread")]
mod observer;
#[cfg(feature = "thread")]
mod own_thread;
#[cfg(feature = "thread")]
mod thread_panics;
#[cfg(feature = "thread")]
mod threads;
