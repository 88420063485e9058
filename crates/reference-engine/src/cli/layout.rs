//! A happening as a person reads it.

use std::io::{IsTerminal as _, stdout};
use std::time::Duration;

use anstyle::{AnsiColor, Color, Style};
use background_sync::registration::Tag;

use crate::engine::{Happening, Who};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const RED: Style = Style::new().bold().fg_color(Some(Color::Ansi(AnsiColor::Red)));

/// Columns before the text: the time and who.
pub(crate) const INDENT: usize = 26;
/// More of a text than this says nothing to a person; programs get all of it.
pub(crate) const LONGEST: usize = 160;
/// Errors are shown whole, unless they are absurd.
const LONGEST_ERROR: usize = 2_000;

/// Lays out lines for one width.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// None where lines are not to be broken: a file, or another program.
    width: Option<usize>,
}

impl Layout {
    /// For the standard output of this process.
    pub(crate) fn of_stdout() -> Self {
        Self { width: stdout().is_terminal().then(textwrap::termwidth) }
    }

    pub(crate) fn happening(self, happening: &Happening) -> String {
        let time = clock_face(happening.at);
        if happening.who == Who::Narrator {
            let text = shown(&happening.what, LONGEST_ERROR);
            return self.wrap(&format!("{DIM}{time}{DIM:#}  {BOLD}{text}{BOLD:#}"), 14);
        }
        let longest = if happening.who == Who::Trouble { LONGEST_ERROR } else { LONGEST };
        let (style, name) = (style_of(&happening.who), shown(happening.who.name(), 10));
        let why = match happening.why.as_str() {
            "" => String::new(),
            why => format!("  {DIM}({}){DIM:#}", shown(why, longest)),
        };
        let what = shown(&happening.what, longest);
        self.wrap(&format!("{DIM}{time}{DIM:#}  {style}{name:>10}{style:#}  {what}{why}"), INDENT)
    }

    /// Breaks a text into lines, all but the first indented.
    pub(crate) fn wrap(self, text: &str, indent: usize) -> String {
        let indent = " ".repeat(indent);
        match self.width {
            None => text.replace('\n', &format!("\n{indent}")),
            Some(width) => {
                // Tags, addresses and code are not prose: a hyphen in them is no place for a break.
                let options = textwrap::Options::new(width.max(40))
                    .subsequent_indent(&indent)
                    .word_separator(textwrap::WordSeparator::AsciiSpace)
                    .word_splitter(textwrap::WordSplitter::NoHyphenation);
                textwrap::fill(text, options)
            }
        }
    }
}

fn style_of(who: &Who) -> Style {
    let color = match who {
        Who::Narrator => return BOLD,
        Who::Trouble => return RED,
        Who::User => AnsiColor::Magenta,
        Who::Page(_) | Who::PageWorker => AnsiColor::Cyan,
        Who::Notification => AnsiColor::BrightMagenta,
        Who::Worker => AnsiColor::BrightBlue,
        Who::Server(_) => AnsiColor::Green,
        Who::Network | Who::Engine => AnsiColor::White,
        Who::Sync => AnsiColor::Yellow,
    };
    Style::new().fg_color(Some(Color::Ansi(color)))
}

/// Scripts write what they like: their control characters must not reach a terminal, their novels not a person.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    for c in text.trim_end().chars().take(longest) {
        match c {
            '\n' => shown.push('\n'),
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    if text.trim_end().chars().nth(longest).is_some() {
        shown.push('…');
    }
    shown
}

/// A tag as a word, also the one without any letters.
pub(crate) fn of_tag(tag: &Tag, longest: usize) -> String {
    match shown(&tag.to_string(), longest) {
        tag if tag.is_empty() => "(the empty tag)".to_owned(),
        tag => tag,
    }
}

/// Hours, minutes, seconds and milliseconds since the start.
pub(crate) fn clock_face(at: Duration) -> String {
    let s = at.as_secs();
    format!("{:>3}:{:02}:{:02}.{:03}", s / 3_600, s / 60 % 60, s % 60, at.subsec_millis())
}

#[cfg(test)]
mod tests {
    use background_sync::registration::WallTime;

    use super::*;

    fn printed(width: Option<usize>, what: &str, why: &str) -> String {
        let (at, wall) = (Duration::from_secs(61), WallTime::from_unix_ms(0));
        let happening =
            Happening { at, wall, who: Who::Worker, what: what.to_owned(), why: why.to_owned(), entry: None };
        anstream::adapter::strip_str(&Layout { width }.happening(&happening)).to_string()
    }

    #[test]
    fn a_clock_face_reads_like_one() {
        assert_eq!(clock_face(Duration::from_millis(3_723_004)), "  1:02:03.004");
    }

    #[test]
    fn long_lines_are_broken_for_a_terminal_only() {
        let what = "one two three four five six seven eight nine ten";
        assert_eq!(printed(None, what, "x"), format!("  0:01:01.000      worker  {what}  (x)"));
        let lines = printed(Some(60), what, "x");
        let lines: Vec<_> = lines.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{lines:?}");
        assert!(lines[1].starts_with(&" ".repeat(INDENT)), "{lines:?}");
    }

    #[test]
    fn a_tag_is_broken_nowhere() {
        let lines = printed(Some(60), "Registered sync tag photo-of-the-harbour", "");
        assert_eq!(lines.lines().nth(1).map(str::trim), Some("photo-of-the-harbour"), "{lines}");
    }

    #[test]
    fn scripts_cannot_write_to_the_terminal() {
        assert!(printed(None, "red \u{1b}[31m", "").ends_with("red \\u{1b}[31m"));
        let long = printed(None, "kept", &"x".repeat(1_000));
        assert!(long.ends_with(&format!("({}…)", "x".repeat(LONGEST))), "{long}");
    }
}
