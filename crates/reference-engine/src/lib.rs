//! A small engine around QuickJS that runs real pages and service workers.
//!
//! Not published: it exists so that unmodified client code can be run against `background-sync` without a browser.
//! Building it needs a C compiler (QuickJS) and Node.js with npm (the web platform of `js/` is bundled at build time).
//! Run only scripts you trust: QuickJS is C code.
//!
//! - [`cli`]: the command `bgsync`.
//! - [`engine`]: pages, workers, servers and a profile around background sync, driven by timelines.
//! - [`script`]: JavaScript realms with the web platform that pages and service workers of Background Sync use.
#![forbid(unsafe_code)]

pub mod cli;
pub mod engine;
pub mod script;
