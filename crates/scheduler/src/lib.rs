//! When a background sync fires, how often, and for how long
