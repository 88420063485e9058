//! What was seen of a timeline from outside, and whether it is what the timeline expects. Browsers and other engines share it.

mod judge;
mod observations;
mod scale;
mod visible;

pub use judge::{Mismatch, judge};
pub use observations::{Answer, EventSeen, Kind, Moment, Observations, StepSeen};
pub use scale::Scale;
pub(crate) use visible::expects_something_visible;
