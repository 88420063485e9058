use std::process::ExitCode;

/// How the command ended. The numbers are part of its interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was as the timeline expects.
    AsExpected,
    /// Something was not.
    NotAsExpected,
    /// A timeline, a folder or the command line makes no sense. clap uses the same number.
    BadInput,
    /// The profile can't be used: in use, read-only, full, a directory.
    BadProfile,
    /// The timeline could not go on: it asks for what is not there, or never settles.
    Stuck,
}

impl Exit {
    const ALL: [Self; 5] = [Self::AsExpected, Self::NotAsExpected, Self::BadInput, Self::BadProfile, Self::Stuck];

    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::AsExpected => 0,
            Self::NotAsExpected => 1,
            Self::BadInput => 2,
            Self::BadProfile => 3,
            Self::Stuck => 4,
        }
    }

    /// What a process of this command meant by its exit code. None for one that did not end by itself.
    pub(super) fn of_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|exit| i32::from(exit.code()) == code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
