//! When periodic syncs fire: the processing loop of the specification, without a loop.
//!
//! The text waits, wakes and looks at every registration. Here an origin has a [plan](PeriodicOrigin::plan): the moment
//! at which something of it may fire, and what holds it until then. Whoever keeps the plans in order looks at nothing
//! that is not due.

mod across;
mod describe;
mod engagement;
mod origin;
mod pace;
mod parameters;
mod profile;
mod retry;
mod stored;

pub use across::{Across, AcrossOrigins};
pub use engagement::{Engagement, EngagementFactors};
pub use origin::{PeriodicHold, PeriodicOrigin, PeriodicPlan, PlanFacts};
pub use pace::OriginPace;
pub use parameters::PeriodicParameters;
pub use profile::{PeriodicProfile, STORED_PERIODIC_PROFILE_VERSION};
pub use stored::STORED_PERIODIC_ORIGIN_VERSION;
