//! Benches of background-sync
