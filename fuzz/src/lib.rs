//! What the fuzzer runs: one function from bytes to a panic, or no panic, per target.
//!
//! * [`policy`]: the rules against a second telling of them;
//! * [`machine`]: random worlds of the simulator, watched by its oracle;
//! * [`inputs`]: a host that lies, straight at the machine;
//! * [`naive`]: the machine against the naive model of both specifications;
//! * [`messages`]: a content process that lies, behind a router that does not;
//! * [`stored`]: damaged and absurd records, and a machine that has to live with them;
//! * [`names`]: tags and keys, out of anything, by every way there is to make one;
//! * [`timeline`]: text that claims to be a timeline.
//!
//! `./run.sh` runs them, see the README here. The simulator's test `fuzz_seeds` includes these very modules and runs the
//! seeds on every `cargo test`.
#![forbid(unsafe_code)]

mod draw;
mod host;
pub mod inputs;
pub mod machine;
pub mod messages;
pub mod naive;
pub mod names;
pub mod policy;
mod router;
mod rules;
pub mod stored;
pub mod timeline;
mod watch;
