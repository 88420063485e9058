use std::fmt;

use super::{Ask, Reply};

/// Something that plays timelines: it is asked, and answers.
pub trait Engine {
    /// Does what is asked.
    ///
    /// # Errors
    /// It cannot be asked any more, or its answer is none.
    fn ask(&mut self, ask: &Ask) -> Result<Reply, Trouble>;
}

/// Why there is no answer. The engine has to be started anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be started.
    NoStart(String),
    /// It ended, or reads nothing any more.
    Ended,
    /// It said nothing for this many seconds.
    Silent(u64),
    /// What it said is no answer: the line, and what is wrong with it.
    NoAnswer(String, String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStart(why) => write!(f, "the engine cannot be started: {why}"),
            Self::Ended => f.write_str("the engine ended"),
            Self::Silent(seconds) => write!(f, "the engine said nothing for {seconds} s"),
            Self::NoAnswer(line, why) => write!(f, "the engine said `{line}`, which is no answer: {why}"),
        }
    }
}

impl std::error::Error for Trouble {}
