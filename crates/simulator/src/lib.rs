//! A deterministic world for background sync, and the fixture runner
