//! Clients that others wrote, as they are published, in sites that are run by the command.
//!
//! A chapter of the documentation that shows how to do the same with a site of one's own is run here, too.
//! The folders beside this file hold the sites and a timeline for each test; what is asserted stands in the timelines.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod amsg_sw;
mod outbox;
mod page;
mod published;
mod pwabuilder;
mod remix_sync;
mod site;
#[allow(dead_code, reason = "shared with the tests of the command")]
#[path = "../cli/support.rs"]
mod support;
mod testing_your_site;
mod workbox;
mod workbox_routes;
