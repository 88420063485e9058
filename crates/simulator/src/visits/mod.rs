//! A study: how well can periodic events be placed before a reader's visits?
//!
//! Sixteen [kinds of people](Kind) that were fixed before anything predicted, three blocks of [seeds], and as many
//! [policies](PolicyName). A [`Plan`] says what is simulated; the same plan gives the same [`Study`].
//!
//! ```
//! use background_sync_simulator::visits::{Kind, Plan, PolicyName};
//!
//! let plan = Plan::new().with_kinds(&[Kind::Commuter]).with_policies(&[PolicyName::Ours]).with_seeds(1..=5);
//! let study = plan.run(|_| {});
//! let [clock, ours] = [PolicyName::Clock12, PolicyName::Ours].map(|policy| study.row(Kind::Commuter, policy));
//! assert!(ours.and_then(|row| row.median) < clock.and_then(|row| row.median));
//! ```

mod budget;
mod chart;
mod figures;
pub mod goals;
mod labels;
mod minutes;
#[cfg(test)]
mod other_people;
mod people;
mod policies;
mod replay;
mod row;
mod statistics;
mod study;
mod table;
mod uses;

pub use people::{Kind, Person, UnknownKind, seeds};
pub use policies::{PolicyName, UnknownPolicy};
pub use row::{Averages, Row};
pub use study::{InvalidSpread, Plan, Spread, Study};
