//! Web Background Synchronization for browser engines
