//! When an origin is visited, and where a periodic sync of it should lie.
//!
//! A reader who comes at half past seven wants what is new at half past seven; an event every 12 hours brings it by
//! chance. [`VisitModel`] learns when the first visit of a day falls and places the one event a day shortly before it.
//! Where it cannot, it says so and the clock stays; where nobody comes any more, it says that.
//!
//! What holds for the whole profile is learnt once for all origins: when an event could run ([`Availability`]), and how
//! late the system wakes the browser ([`WakeUpLateness`]).

mod availability;
mod civil;
mod habit;
mod histogram;
mod lateness;
mod model;
mod offset;
mod parameters;
mod place;
mod presence;
mod second_slot;
mod solver;
mod stored;

pub use availability::Availability;
pub use lateness::WakeUpLateness;
pub use model::{Learnt, VisitModel};
pub use offset::{InvalidUtcOffset, UtcOffset};
pub use parameters::{BinWidth, VisitParameters};
pub use place::{Placement, Question};
pub use stored::{InvalidVisits, STORED_AVAILABILITY_VERSION, STORED_VISITS_VERSION};
