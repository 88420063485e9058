//! Durable background sync registrations on redb
