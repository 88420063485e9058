//! What the fuzzer runs: one function from bytes to a panic, or no panic, per target.
//!
//! * [`policy`]: the rules against a second telling of them;
//! * [`machine`]: random worlds of the simulator, watched by its oracle;
//! * [`inputs`]: a host that lies, straight at the machine;
//! * [`stored`]: damaged and absurd records, and a machine that has to live with them.
//!
//! `cargo +nightly fuzz run TARGET corpus/TARGET seeds/TARGET`, from this folder. The simulator's test
//! `fuzz_seeds` includes these very modules and runs the seeds on every `cargo test`.
#![forbid(unsafe_code)]

mod draw;
mod host;
pub mod inputs;
pub mod machine;
pub mod policy;
mod rules;
pub mod stored;
