//! web-platform-tests' own harness, unmodified, in this engine's realms.
//!
//! `testharness.js`, `idlharness.js` and `webidl2.js` come from the npm package `wpt-runner`, the IDL from `@webref/idl`; the
//! build copies them as they are. The scripts that use them are ours: in `idl/` for WebIDL, in `web/` for behaviour.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod engine;
mod files;
mod idl;
mod layout;
mod realm;
mod report;
mod scope;
mod surroundings;
mod web;
