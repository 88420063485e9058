//! Clients that others wrote, as they are published, in sites that are run by the command.
//!
//! `workbox/` and `outbox/` hold the sites and a timeline for each test; what is asserted stands in the timelines.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod outbox;
mod published;
mod site;
#[allow(dead_code, reason = "shared with the tests of the command")]
#[path = "../cli/support.rs"]
mod support;
mod workbox;
