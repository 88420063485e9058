//! When a background sync fires, how often, and for how long: everything the specification leaves to
//! the user agent, as small pure parts.
//!
//! | question | answered by |
//! |---|---|
//! | is it online, really? | [`Connectivity`]: hold after a flap, epochs |
//! | will it retry, and when? | [`SyncParameters::last_chance`], [`SyncParameters::back_off`], [`SyncParameters::back_off_of_start`], [`Jitter`] |
//! | what did an attempt cost? | [`SyncParameters::charge`], [`SyncParameters::charge_of_start`] |
//! | is it worth the user's data and battery? | [`Conditions`]: what holds something of an age, and for how long |
//! | may this origin run in the background? | [`Budget`]: starts and event time in a rolling day |
//! | may a returning link end a back-off early? | [`Allowance`] |
//! | does a handler feed itself? | [`LoopBreaker`] |
//! | how far apart are two events of a tag? | [`SyncParameters::spacing`] |
//! | where does it stand, and why not now? | [`OwnHolds`], [`OriginHolds`], [`GeneralHolds`] |
//! | who is next? | [`Rotation`]: origins take turns |
//! | how long may it run in a wake-up? | [`WakeBudget`]: what is left, less the time to write its end |
//! | may the device be woken again? | [`WakePatience`] |
//! | how late may it be, and how long does it wait for its network? | [`latest_wake_up`], [`network_patience`] |
//! | how far apart do origins begin? | [`SyncParameters::longest_spread`], [`SyncParameters::spread_within`] |
//! | what may stay unwritten? | [`SyncParameters::may_stay_unwritten`], [`running_time_is_due`], [`running_time_is_worth_a_commit`] |
//! | which kinds are run? | [`SyncParameters::runs`] |
//! | when does something periodic fire? | `PeriodicOrigin`, `Across`, and in `visits` what they follow; with the feature `periodic` |
//! | when will the user come? | `VisitModel` (feature `periodic`): where a periodic sync should lie |
//! | what is due? | [`DueQueue`]: what is not due costs nothing |
//!
//! All numbers are in [`SyncParameters`]: take a preset, change what you must, and let
//! [`SyncParameters::validated`] look at it once.
//!
//! ```
//! use background_sync_scheduler::{Jitter, SyncParameters};
//!
//! let params = SyncParameters::recommended();
//! let mut jitter = Jitter::seeded([7; 16]);
//! let first = params.back_off(1, &mut jitter);
//! assert!(first >= params.initial_retry_delay / 2 && first <= params.initial_retry_delay);
//! println!("{}", params.describe());
//! ```
//!
//! Nothing here reads a clock or a random source: both are arguments.
#![forbid(unsafe_code)]

mod allowance;
mod budget;
mod by_kind;
mod conditions;
mod connectivity;
mod describe;
mod due;
mod free;
mod holds;
mod jitter;
mod loop_breaker;
mod network;
mod parameters;
mod patience;
#[cfg(feature = "periodic")]
mod periodic;
mod presets;
mod retry;
mod rotation;
mod spacing;
mod spread;
mod unwritten;
#[cfg(feature = "periodic")]
mod visits;
mod wake_budget;
mod written_parameters;

pub use allowance::Allowance;
pub use budget::{Budget, BudgetTicket, DayAllowance, STORED_BUDGET_VERSION, StoredBudget};
pub use conditions::{Circumstances, Condition, ConditionOverride, Conditions, Holding, NetworkCost, PowerState};
pub use connectivity::{Change, Connectivity};
pub use due::DueQueue;
pub use holds::{
    AttemptStage, GeneralHolds, Hold, OriginHolds, OriginReach, OwnFacts, OwnHolds, Standing, Turn, WorkerReadiness,
};
pub use jitter::Jitter;
pub use loop_breaker::LoopBreaker;
pub use network::{NetworkId, NetworkState};
pub use parameters::{InvalidParameters, JitterMode, NetworkMode, SyncParameters, ValidParameters};
pub use patience::{WakePatience, latest_wake_up, network_patience};
#[cfg(feature = "periodic")]
pub use periodic::{
    Across, AcrossOrigins, Engagement, EngagementFactors, OriginPace, PeriodicHold, PeriodicOrigin, PeriodicParameters,
    PeriodicPlan, PeriodicProfile, PlanFacts, STORED_PERIODIC_ORIGIN_VERSION, STORED_PERIODIC_PROFILE_VERSION,
};
pub use presets::Preset;
pub use retry::LastChance;
pub use rotation::Rotation;
pub use spacing::{AskedBy, SpacedCall};
pub use unwritten::{running_time_is_due, running_time_is_worth_a_commit};
#[cfg(feature = "periodic")]
pub use visits::{
    Availability, BinWidth, InvalidUtcOffset, InvalidVisits, Learnt, Placement, Question, STORED_AVAILABILITY_VERSION,
    STORED_VISITS_VERSION, UtcOffset, VisitModel, VisitParameters, WakeUpLateness,
};
pub use wake_budget::WakeBudget;
