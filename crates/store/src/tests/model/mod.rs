//! A disk in memory, under redb and in the place of the file system. Of what was not synced it may lose any
//! part in a power cut, and its syncs may fail.

mod bytes;
mod disk;
pub(crate) mod rng;

pub(crate) use disk::{Image, ModelDisk, Moment};
