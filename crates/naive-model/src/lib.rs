//! Both specifications, transcribed as plainly as possible: lists, and the steps of the text one after the other, minute
//! by minute. No scheduler, no store, no budget, nothing shared with the crates that are to be judged.
//!
//! [`Agent`] is the transcription. [`MachineUnderTest`] is the machine with parameters that leave nothing to its choice.
//! Both take the same [`Op`]s, and [`Seen`] is what a page or an inspector can see of either; the two have to be equal after every
//! operation. `tests/random.rs` looks whether they are in random histories, and [`explore`] in every state of a small world
//! up to a depth; both look at the invariants too:
//!
//! ```
//! use background_sync_naive_model::{Agent, Kind, MachineUnderTest, Op, Replied, WorkerId};
//!
//! let (mut agent, mut machine) = (Agent::new(), MachineUnderTest::new());
//! let history = [Op::Register { worker: WorkerId(0), tag: 3 }, Op::Online, Op::Settle { nth: 0, fulfilled: true }];
//! for op in history {
//!     assert_eq!(agent.apply(op), machine.apply(op));
//!     assert_eq!(agent.seen(), machine.seen());
//! }
//! assert!(agent.seen().of(WorkerId(0), Kind::OneShot).is_empty());
//! # assert_eq!(agent.apply(history[0]), Some(Replied::Resolved));
//! ```
//!
//! # Where the text was not followed
//! Where it is silent or wrong the transcription follows the decisions of the chapter *design*, and says so at the line. What
//! the text leaves to the user agent has one plain value each, see [`choices`].
#![forbid(unsafe_code)]

pub mod choices;

mod agent;
mod exhaustive;
mod host;
mod key;
mod machine;
mod moments;
mod one_shot;
mod op;
mod parameters;
mod periodic;
mod seen;
mod store;

pub use agent::Agent;
pub use exhaustive::{Found, INVARIANTS, Invariant, STARTS, Start, States, Step, Totals, Twin, explore, replay};
pub use machine::MachineUnderTest;
pub use op::{Kind, Op, OriginId, TAGS, Tag, WORKERS, WorkerId};
pub use seen::{Replied, Running, Seen, State};
