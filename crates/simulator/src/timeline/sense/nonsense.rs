use crate::timeline::place::{Half, Part};

/// What reads well and means nothing: where below its step, what it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonsense {
    /// From the value of the step's word down.
    pub path: Vec<Part>,
    /// The word or its value.
    pub half: Half,
    /// What is wrong.
    pub message: String,
    /// What may stand there.
    pub help: String,
    /// It names something and changes or shows nothing. What chance has drawn may be like that.
    pub idle: bool,
}

impl Nonsense {
    /// A value that cannot stand there.
    pub fn value(path: impl Into<Vec<Part>>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { path: path.into(), half: Half::Value, message: message.into(), help: help.into(), idle: false }
    }

    /// A word that cannot stand there.
    pub fn word(path: impl Into<Vec<Part>>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { half: Half::Word, ..Self::value(path, message, help) }
    }

    /// Something that does or shows nothing.
    pub fn idle(path: impl Into<Vec<Part>>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { idle: true, ..Self::word(path, message, help) }
    }

    /// The same, seen from further up.
    #[must_use]
    pub(super) fn below(mut self, above: impl IntoIterator<Item = Part>) -> Self {
        self.path.splice(0..0, above);
        self
    }
}
