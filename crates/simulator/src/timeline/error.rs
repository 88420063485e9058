use std::{fmt, ops::Range};

use super::place::{Half, Part, Place, Reader, span_of};

/// What is wrong with a timeline file, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineError {
    /// The file's name, as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do, where there is more to say.
    pub help: Option<String>,
}

impl fmt::Display for TimelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TimelineError {}

impl TimelineError {
    /// An error at a place in the text.
    #[must_use]
    pub fn at(file: &str, text: &str, place: usize, message: String, help: Option<String>) -> Self {
        let Place { line, column } = Reader::new(text).place(place);
        Self { file: file.to_owned(), line, column, message, help }
    }

    /// An error at what a path leads to.
    #[must_use]
    pub fn of(file: &str, text: &str, (path, half): (&[Part], Half), message: String, help: String) -> Self {
        Self::at(file, text, span_of(text, path, half).start, message, Some(help))
    }

    /// An error of the TOML parser, or of the types it fills.
    #[must_use]
    pub fn of_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let span = error.span().unwrap_or(0..0);
        match Unknown::parse(error.message()) {
            Some(unknown) => {
                let place = unknown.place(text, &span);
                Self::at(file, text, place, unknown.message(), Some(unknown.help()))
            }
            None => {
                let message = error.message().trim_end().replace('\n', ", ");
                let help = remedy(text, &span, &message).map(str::to_owned);
                Self::at(file, text, span.start, message, help)
            }
        }
    }
}

/// What to do about some of what TOML complains of.
fn remedy(text: &str, span: &Range<usize>, message: &str) -> Option<&'static str> {
    let before = text.get(..span.start).unwrap_or_default();
    let in_escape = before.rfind('\n').map_or(before, |newline| &before[newline..]).contains("\\u");
    let there = text.get(span.start..).unwrap_or_default();
    if message.starts_with("duplicate key") {
        Some("a step holds each word once; what happens or is expected again stands in another [[step]]")
    } else if message.contains("unicode hexadecimal value") && in_escape {
        Some("a lone surrogate is written { utf16 = [0xD800] }")
    } else if message.starts_with("invalid type: map, expected a sequence") {
        if there.starts_with("[worker") { Some("write [[worker]]") } else { Some("write [[step]] or [[worker]]") }
    } else {
        None
    }
}

/// A word that the file may not use there: serde's "unknown field" and "unknown variant", taken apart.
struct Unknown<'a> {
    kind: &'a str,
    word: &'a str,
    known: Vec<&'a str>,
}

impl<'a> Unknown<'a> {
    fn parse(message: &'a str) -> Option<Self> {
        let rest = message.strip_prefix("unknown ")?;
        let (kind, rest) = rest.split_once(" `")?;
        let (word, rest) = rest.split_once('`')?;
        let known = rest.split('`').skip(1).step_by(2).collect();
        Some(Self { kind, word, known })
    }

    /// The span is that of a value when a word was judged after its value had been seen; the word itself
    /// stands before it.
    fn place(&self, text: &str, span: &Range<usize>) -> usize {
        let here = text.get(span.clone()).is_some_and(|found| found.trim_matches('"') == self.word);
        if here { span.start } else { text.get(..span.start).and_then(|t| t.rfind(self.word)).unwrap_or(span.start) }
    }

    fn message(&self) -> String {
        let kind = if self.kind == "field" { "field" } else { "word" };
        format!("unknown {kind} `{}`", self.word)
    }

    fn help(&self) -> String {
        match self.nearest() {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.known.is_empty() => "nothing is expected here".to_owned(),
            None => format!("known here: {}", self.known.join(", ")),
        }
    }

    fn nearest(&self) -> Option<&'a str> {
        nearest(self.word, self.known.iter().copied())
    }
}

/// The one of `known` that somebody who wrote `word` most likely meant.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |known: &str| strsim::damerau_levenshtein(known, word);
    let near = known.filter(|known| distance(known) <= 1 + word.chars().count() / 4);
    near.min_by(|a, b| {
        let likeness = |known: &str| strsim::jaro_winkler(known, word);
        distance(a).cmp(&distance(b)).then(likeness(b).total_cmp(&likeness(a)))
    })
}
