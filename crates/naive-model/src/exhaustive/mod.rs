//! Every operation in every state of a small world, up to a depth: two workers of two origins, two tags, both kinds, from
//! some [starts](STARTS).
//!
//! [`States::up_to`] finds the states, breadth first, as the transcription has them: there is no absolute time in them, see
//! [`Agent::key`](crate::Agent::key). [`explore`] has machines do in each of them whatever is possible, and looks each time
//! whether they answer and show what the transcription does, and whether I1 to I17 hold, by the machine's own account and
//! by that of the kit for hosts. What leads back to a known state is done too: otherwise a last chance that is tried once
//! more would not be found, as the empty list that should be there is known.
//!
//! A machine cannot be copied, because what permits something is used once, so another one is told the same from its start
//! on: some microseconds an input. That is why this is no model for a model checker, which asks for a copy of every state
//! that waits. That each says what the other one said is I14.
//!
//! What always holds proves little where nothing could have broken it. So each of the [`INVARIANTS`] names what has to
//! have happened somewhere, or says why it cannot in so small a world.
//!
//! Which states are the same is judged by the transcription. A machine that remembers more than it should, and differs only
//! after another history of the same state, may not be found here; `tests/random.rs` is for that.
//!
//! # How far
//! `tests/exhaustive.rs` pins how many states there are in four operations from the starts, 146,098, with 379,952 looks at
//! machines, and what there are in two without optimization. They took 24 s of processor time together, on both of two
//! cores. `cargo run --release -p background-sync-naive-model --example exhaustive -- DEPTH` goes further, five operations
//! if no depth is given; each costs eight to nine times what the one before did.

mod check;
mod invariants;
mod ops;
mod starts;
mod states;

pub use check::{Found, Totals, explore, replay};
pub use invariants::{INVARIANTS, Invariant, Step, Twin};
pub use starts::{STARTS, Start};
pub use states::States;
