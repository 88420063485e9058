use std::fmt;

use serde::{Deserialize, Serialize};

/// Names one request; the host chooses the numbers and does not use one twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// Names one attempt to run an event; the machine chooses the numbers, and never one twice: a word about an attempt of an
/// earlier session is taken for none of this one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptId(pub u64);

/// Names one commit; the machine chooses the numbers, in ascending order within a session, and never one twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TxnId(pub u64);

/// Names one wake-up by the operating system; the host chooses the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WakeToken(pub u64);

/// The number within its session: the lower half. The upper half tells sessions apart.
const fn in_session(number: u64) -> u64 {
    number & u32::MAX as u64
}

impl AttemptId {
    /// Which attempt of its session it is: short, for people.
    #[must_use]
    pub const fn in_session(self) -> u64 {
        in_session(self.0)
    }
}

impl TxnId {
    /// Which commit of its session it is: short, for people.
    #[must_use]
    pub const fn in_session(self) -> u64 {
        in_session(self.0)
    }
}

impl fmt::Debug for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttemptId({:x}:{})", self.0 >> 32, self.in_session())
    }
}

impl fmt::Debug for TxnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TxnId({:x}:{})", self.0 >> 32, self.in_session())
    }
}
