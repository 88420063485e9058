//! The command `bgsync` as a person runs it: what it prints, how it exits, and what it leaves alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod bad_scripts;
mod bad_stores;
mod bad_timelines;
mod caches;
mod check;
mod completions;
mod demos;
mod expectations;
mod fetch_events;
mod inspect;
mod json;
mod last_chance;
mod life;
mod lifecycle;
mod messages;
mod new;
mod notifications;
mod periodic;
mod ports;
mod real_time;
mod refusals;
mod simulate;
mod still_registered;
mod support;
mod waiting;
mod watch;
