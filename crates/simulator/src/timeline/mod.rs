#![doc = include_str!("format.md")]
//! ```toml
#![doc = include_str!("example.toml")]
//! ```

mod behaviour;
mod error;
mod expect;
mod file;
mod names;
mod parameters;
mod periodic;
mod periodic_parameters;
mod place;
mod register;
mod sense;
mod spelled;
mod step;
mod time;
mod words;

pub use background_sync_host_tests::Site;
pub use behaviour::{Behaviour, Deed, Odd, Start, StoreMood};
pub use error::TimelineError;
pub(crate) use error::nearest;
pub use expect::{
    ExpectEvent, ExpectEvents, ExpectLog, ExpectRegistered, ExpectRegistration, ExpectReply, ExpectState,
    ExpectTerminate, ExpectWakeUp, ExpectWhyNot, Expectation, Subject,
};
pub use file::{Expected, TimedStep, Timeline, WorkerDeclaration};
pub use names::{Network, PartitionName, RequestName, WorkerName};
pub use parameters::{Overrides, Relaxes};
pub use periodic::{EngagementStep, Pause, UnregisterPeriodic, Visit};
pub use periodic_parameters::{AcrossOverride, PeriodicOverrides};
pub use place::{Half, Part, Place};
pub use register::{By, Register, RegisterMany, RegisterPeriodic};
pub use sense::{Known, Made, Nonsense, Sense};
pub use step::{
    Ask, Cancel, Clear, End, Finish, Notices, OriginNetwork, Override, Permission, Power, Process, Removals, Replies,
    Restriction, Step, Switch, System, UserAnswer, WakeUps, Windows, Woken, WorkerCondition, WorkerStep, WorkersKnown,
};
pub use time::{Jump, Time};
pub use words::Word;
