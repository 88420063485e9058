#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod answer;
mod broken;
mod check;
mod clock;
mod engine;
mod findings;
mod oracle;
mod report;
mod rule;
mod scenarios;
mod session;
mod site;
mod stores;
mod truth;
mod watch;
mod watched;

pub use answer::Answer;
pub use broken::Broken;
pub use check::{check, check_only};
pub use clock::VirtualClock;
pub use engine::{Behaviour, EngineUnderTest};
pub use oracle::Oracle;
pub use report::{Finding, Report};
pub use rule::Rule;
pub use site::Site;
pub use stores::{StoreUnderTest, check_store, check_store_only};
