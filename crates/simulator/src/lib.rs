//! A deterministic world for background sync, and the fixture runner
#![forbid(unsafe_code)]

pub mod oracle;
pub mod runner;
pub mod timeline;
pub mod world;
