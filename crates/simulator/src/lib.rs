//! A deterministic world for background sync, and the fixture runner
#![forbid(unsafe_code)]

pub mod timeline;
