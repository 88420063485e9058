//! A study: how well can periodic events be placed before a reader's visits?

mod minutes;
mod people;

pub use people::{Kind, Person, UnknownKind, seeds};
