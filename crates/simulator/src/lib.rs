//! A deterministic world for background sync, and the runner of timelines.
//!
//! A [timeline] is a file that says what happens when and what is expected when. A [`World`](world::World)
//! makes it happen around the bare machine: clock, network, windows, workers, store, user; no time passes
//! and no disk is touched. The [runner] compares and reports, an [`Oracle`](background_sync_host_tests::Oracle) watches every input and output for
//! broken invariants, and [random] worlds look for what nobody thought of.
//!
//! ```
//! use background_sync_simulator::{runner::run, timeline::Timeline};
//!
//! let timeline = Timeline::parse("tunnel.toml", r#"
//!     title = "A message sent in a tunnel arrives"
//!
//!     [[worker]]
//!     name = "chat"
//!     scope = "https://chat.example/"
//!
//!     [[step]]
//!     network = "offline"
//!     windows = { origin = "https://chat.example", top_level = 1 }
//!     register = { worker = "chat", tag = "outbox", id = "send" }
//!     expect.reply = { to = "send", ok = true }
//!
//!     [[step]]
//!     at = "10min"
//!     network = "online"
//!
//!     [[step]]
//!     after = "5s"
//!     expect.event = { worker = "chat", tag = "outbox", last_chance = false }
//! "#)?;
//! let report = run(&timeline);
//! assert!(report.passed(), "{report}");
//! # Ok::<(), background_sync_simulator::timeline::TimelineError>(())
//! ```
//!
//! Random worlds, for as long as you like: `cargo run --release --example simulate -- 0 1000 300`.
#![forbid(unsafe_code)]

pub mod random;
pub mod runner;
mod seed;
pub mod timeline;
pub mod visits;
pub mod world;

pub use seed::seed_of;
