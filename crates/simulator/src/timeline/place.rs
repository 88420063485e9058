//! Where in a file something stands.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A line and a column, both from 1; zeroes stand for what was not read from a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Finds places in the order in which they stand, and reads the text once for all of them.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    place: Place,
    /// Bytes that were looked at, again or for the first time.
    pub(super) read: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, place: Place { line: 1, column: 1 }, read: 0 }
    }

    /// The place of a byte. One before the last is found from the start again.
    pub(super) fn place(&mut self, byte: usize) -> Place {
        if byte < self.at {
            (self.at, self.place) = (0, Place { line: 1, column: 1 });
        }
        for c in self.text.get(self.at..byte).unwrap_or_default().chars() {
            self.read += c.len_utf8();
            self.place = match c {
                '\n' => Place { line: self.place.line + 1, column: 1 },
                _ => Place { column: self.place.column + 1, ..self.place },
            };
        }
        self.at = byte.max(self.at);
        self.place
    }
}

/// A step on the way to something in a file: a word, or a number in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// What stands behind this word.
    Word(Cow<'static, str>),
    /// The one with this number, from 0.
    Number(usize),
}

impl From<&'static str> for Part {
    fn from(word: &'static str) -> Self {
        Self::Word(Cow::Borrowed(word))
    }
}

impl From<usize> for Part {
    fn from(number: usize) -> Self {
        Self::Number(number)
    }
}

/// Which half of `word = value` is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The word.
    Word,
    /// The value.
    Value,
}

/// Where the end of a path stands, or of as much of it as is written.
pub(super) fn span_of(text: &str, path: &[Part], half: Half) -> Range<usize> {
    let Ok(table) = DeTable::parse(text) else { return 0..0 };
    let (mut word, mut value) = (0..0, 0..0);
    let mut rest = path.iter();
    let mut inside = match rest.next() {
        Some(Part::Word(name)) => entry(table.get_ref(), name, &mut word, &mut value),
        Some(Part::Number(_)) | None => None,
    };
    for part in rest {
        inside = match (inside, part) {
            (Some(DeValue::Table(table)), Part::Word(name)) => entry(table, name, &mut word, &mut value),
            (Some(DeValue::Array(list)), Part::Number(number)) => list.get(*number).map(|found| {
                (word, value) = (found.span(), found.span());
                found.get_ref()
            }),
            _ => None,
        };
    }
    match half {
        Half::Word => word,
        Half::Value => value,
    }
}

fn entry<'a, 'i>(
    table: &'a DeTable<'i>,
    name: &str,
    word: &mut Range<usize>,
    value: &mut Range<usize>,
) -> Option<&'a DeValue<'i>> {
    let (key, found) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    (*word, *value) = (key.span(), found.span());
    Some(found.get_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_their_order_cost_one_pass() {
        let text = "[[step]]\nat = \"1s\"\n".repeat(5_000);
        let mut reader = Reader::new(&text);
        let places: Vec<_> = text.match_indices("at").map(|(byte, _)| reader.place(byte)).collect();
        assert_eq!(places.last(), Some(&Place { line: 10_000, column: 1 }));
        assert!(reader.read <= text.len(), "{} bytes of {}", reader.read, text.len());
        assert_eq!(reader.place(text.find("1s").unwrap()), Place { line: 2, column: 7 });
    }

    #[test]
    fn a_path_leads_to_a_word_and_its_value() {
        let text = "title = \"t\"\n[[step]]\nat = \"1s\"\n[[step]]\nexpect.registered = { tags = [\"a\", \"b\"] }\n";
        let path = ["step".into(), 1.into(), "expect".into(), "registered".into(), "tags".into(), 1.into()];
        assert_eq!(&text[span_of(text, &path, Half::Value)], "\"b\"");
        assert_eq!(&text[span_of(text, &path[..5], Half::Word)], "tags");
        assert_eq!(&text[span_of(text, &path[..4], Half::Word)], "registered");
    }
}
