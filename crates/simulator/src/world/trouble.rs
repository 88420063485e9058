use std::fmt;

use background_sync_host_tests::Broken;

/// Why a world stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The timeline asks for something that cannot be.
    Script(String),
    /// Something that must always hold does not.
    Broken {
        /// Which invariant, `I4` for example, or `check` for the machine's own.
        invariant: &'static str,
        /// What was seen.
        what: String,
    },
    /// The machine keeps itself busy without time passing.
    NeverSettles(String),
}

impl Trouble {
    /// What kind of trouble it is, in a word: two of the same word are the same trouble.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Script(_) => "script",
            Self::Broken { invariant, .. } => invariant,
            Self::NeverSettles(_) => "never settles",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Script(what) => f.write_str(what),
            Self::Broken { invariant, what } => write!(f, "invariant {invariant} is broken: {what}"),
            Self::NeverSettles(what) => write!(f, "the machine never settles: {what}"),
        }
    }
}

impl std::error::Error for Trouble {}

impl From<Broken> for Trouble {
    fn from(broken: Broken) -> Self {
        let Broken { invariant, what } = broken;
        Self::Broken { invariant, what }
    }
}
