//! The blocks of a page: files to write, and commands with what they print.

/// A block between fences.
pub(crate) enum Block {
    /// A file. The line before the block ends with its name in backticks, or with a word after it, and a colon.
    File { path: String, text: String },
    /// What is typed, and what comes.
    Sessions(Vec<Session>),
}

/// A command, the lines that are shown of its output, and its exit code: 0 unless `echo $?` shows another.
pub(crate) struct Session {
    /// Of the page.
    pub(crate) line: usize,
    pub(crate) command: String,
    shown: Vec<String>,
    pub(crate) code: i32,
}

/// The blocks in the order of the page. Panics at a block that nothing would be done with.
pub(crate) fn blocks_of(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        match line.strip_prefix("```") {
            Some(kind) => {
                let block: Vec<_> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
                blocks.push(match kind {
                    "console" => Block::Sessions(sessions_of(&block, at + 2)),
                    "html" | "js" | "json" | "toml" | "yaml" => {
                        let name = before.strip_suffix(':').and_then(|before| before.rsplit('`').nth(1));
                        let path = name.unwrap_or_else(|| panic!("line {}: a file without a name", at + 1)).to_owned();
                        Block::File { path, text: block.join("\n") + "\n" }
                    }
                    kind => panic!("line {}: nothing is done with `{kind}`", at + 1),
                });
            }
            None if line.is_empty() => {}
            None => before = line,
        }
    }
    blocks
}

fn sessions_of(block: &[&str], first: usize) -> Vec<Session> {
    let mut sessions: Vec<Session> = Vec::new();
    let mut lines = block.iter().enumerate();
    while let Some((at, line)) = lines.next() {
        match (line.strip_prefix("$ "), sessions.last_mut()) {
            (Some("echo $?"), Some(session)) => session.code = lines.next().unwrap().1.parse().unwrap(),
            (Some(command), _) => {
                sessions.push(Session { line: first + at, command: command.to_owned(), shown: Vec::new(), code: 0 })
            }
            (None, Some(session)) => session.shown.push((*line).to_owned()),
            (None, None) => panic!("line {}: output before a command", first + at),
        }
    }
    sessions
}

impl Session {
    /// Compares what is shown with what was printed. A line `…` stands for any lines, a `…` in a line for any text,
    /// and everything for nothing at all being shown.
    pub(crate) fn compare(&self, printed: &str) -> Result<(), String> {
        if self.shown.is_empty() {
            return Ok(());
        }
        let printed: Vec<_> = printed.lines().collect();
        let parts: Vec<_> = self.shown.split(|line| line == "…").collect();
        let mut at = 0;
        for (number, part) in parts.iter().enumerate() {
            let first = if number == 0 { 0..=0 } else { at..=printed.len().saturating_sub(part.len()).max(at) };
            let last = number + 1 == parts.len();
            let mut starts = first.filter(|start| !last || part.is_empty() || start + part.len() == printed.len());
            let fits = |start: &usize| {
                let lines = printed.get(*start..start + part.len());
                lines.is_some_and(|lines| part.iter().zip(lines).all(|(shown, line)| line_fits(shown, line)))
            };
            at = starts.find(fits).ok_or_else(|| part.join("\n"))? + part.len();
        }
        Ok(())
    }
}

fn line_fits(shown: &str, line: &str) -> bool {
    let Some((head, rest)) = shown.split_once('…') else { return shown == line };
    let Some(line) = line.strip_prefix(head) else { return false };
    line.char_indices().map(|(at, _)| at).chain([line.len()]).any(|at| line_fits(rest, &line[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(shown: &str, printed: &str) -> bool {
        let shown = shown.lines().map(str::to_owned).collect();
        Session { line: 1, command: String::new(), shown, code: 0 }.compare(printed).is_ok()
    }

    #[test]
    fn what_is_shown_is_what_is_printed() {
        assert!(
            compare("", "a") && compare("a\nb", "a\nb") && compare("a\n…", "a\nb\nc") && compare("…\nc", "a\nb\nc")
        );
        assert!(compare("…\nb\nc\n…\ne", "a\nb\nx\nb\nc\nd\ne") && compare("a … c …", "a b c d"));
        assert!(
            !compare("a", "a\nb")
                && !compare("b", "a\nb")
                && !compare("…\nb", "a\nb\nc")
                && !compare("…\na\nc\n…", "a\nb\nc")
        );
        assert!(!compare("…\nb\n…\na\n…", "a\nb") && !compare("a … c", "a b") && !compare("…\nx\n…", ""));
    }

    #[test]
    fn a_page_is_read_whole() {
        let page = "Text\n\n`a/b.js`, again:\n\n```js\nx\n```\n\n```console\n$ one\nout\n$ two\n$ echo $?\n3\n```\n";
        let blocks = blocks_of(page);
        assert!(matches!(&blocks[0], Block::File { path, text } if path == "a/b.js" && text == "x\n"));
        let Block::Sessions(sessions) = &blocks[1] else { panic!("no commands") };
        let read: Vec<_> = sessions.iter().map(|s| (s.line, s.command.as_str(), s.shown.len(), s.code)).collect();
        assert_eq!(read, [(10, "one", 1, 0), (12, "two", 0, 3)]);
    }
}
