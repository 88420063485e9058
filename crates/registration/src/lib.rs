//! The data and algorithms of Web Background Synchronization
