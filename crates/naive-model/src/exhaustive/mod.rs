//! Every state of a small world, up to a depth: two workers of two origins, two tags, both kinds.
//!
//! [`States::up_to`] finds the states, breadth first, as the transcription has them; [`explore`] has machines live through a
//! shortest history of each and looks, after each operation, whether they show and answer what the transcription does,
//! and whether I1 to I17 hold. A machine cannot be copied, because what permits something is used once; so another one is
//! told the same from its start on, which is cheap. That is why this is no model of a model checker: it would ask for a
//! copy of every state that waits.
//!
//! What two states have in common is judged by the transcription. A machine that remembers more than it shows, and
//! differs only for another history of the same state, is not found here; `tests/random.rs` is for that.

mod check;
mod invariants;
mod ops;
mod starts;
mod states;

pub use check::{Found, Totals, explore, replay};
pub use invariants::{INVARIANTS, Invariant, Step, Twin};
pub use starts::{STARTS, Start};
pub use states::States;
