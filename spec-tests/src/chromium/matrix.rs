use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Differences;
use super::lanes::Verdict;

/// One fixture, on everything that can play it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) fixture: String,
    /// Whether the bare machine passes, which has no scripts.
    pub(super) machine: Option<bool>,
    pub(super) chromium: Cell,
}

/// A fixture in a browser.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    /// It was played.
    Played(Verdict),
    /// No page can observe it: why not.
    Unobservable(Vec<String>),
}

/// What came of all.
#[derive(Debug)]
pub(super) struct Matrix {
    pub(super) browser: String,
    pub(super) rows: Vec<Row>,
}

impl Matrix {
    /// What is wrong: differences that are not listed, and listed ones that are none.
    pub(super) fn complaints(&self, known: &Differences) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut seen = BTreeMap::new();
        for row in &self.rows {
            let fixture = row.fixture.as_str();
            let listed = known.of(fixture);
            seen.insert(fixture, ());
            if row.machine == Some(false) {
                complaints.push(format!("{fixture}: the machine fails it"));
            }
            match (&row.chromium, listed) {
                (Cell::Played(Verdict::Broken(problem)), _) => complaints.push(format!("{fixture}: {problem}")),
                (Cell::Played(Verdict::Observed(mismatches)), None) if !mismatches.is_empty() => {
                    complaints
                        .push(format!("{fixture} differs, and is not listed:\n    {}", mismatches.join("\n    ")));
                }
                (Cell::Played(Verdict::Observed(mismatches)), Some(_)) if mismatches.is_empty() => {
                    complaints.push(format!("{fixture} is listed as different, and passes: take it from the list"));
                }
                (Cell::Unobservable(_), Some(_)) => {
                    complaints.push(format!("{fixture} is listed as different, and cannot be observed"));
                }
                (Cell::Played(Verdict::Observed(_) | Verdict::AsPreset(_)) | Cell::Unobservable(_), _) => {}
            }
        }
        complaints
    }

    /// Listed names that no fixture has, when all were played.
    pub(super) fn strangers(&self, known: &Differences) -> Vec<String> {
        let is_there = |name: &&str| self.rows.iter().any(|row| row.fixture == **name);
        known
            .fixtures()
            .filter(|name| !is_there(name))
            .map(|name| format!("{name} is listed, and no fixture"))
            .collect()
    }

    /// As Markdown.
    pub(super) fn to_markdown(&self, known: &Differences) -> String {
        let played = || {
            self.rows.iter().filter_map(|row| match &row.chromium {
                Cell::Played(verdict) => Some(verdict),
                Cell::Unobservable(_) => None,
            })
        };
        let passing = played().filter(|verdict| **verdict == Verdict::Observed(Vec::new())).count();
        let is_unlisted = |row: &&Row| known.of(&row.fixture).is_none();
        let is_the_presets = |row: &&Row| matches!(row.chromium, Cell::Played(Verdict::AsPreset(_)));
        let as_preset = self.rows.iter().filter(is_unlisted).filter(is_the_presets).count();
        let mut text = format!(
            "# Fixtures on the machine and in a browser\n\n{}.\n\n{} fixtures; a web page can observe {} of them; {passing} of those pass, {as_preset} \
             go as the machine does under the preset `chromium`, {} differ as listed in \
             `chromium-differences.toml`.\n\n| fixture | machine | Chromium | |\n|---|---|---|---|\n",
            self.browser,
            self.rows.len(),
            played().count(),
            played().count() - passing - as_preset,
        );
        for row in &self.rows {
            let machine = match row.machine {
                None => "–",
                Some(true) => "✓",
                Some(false) => "✗",
            };
            let (chromium, remark) = match &row.chromium {
                Cell::Unobservable(reasons) => ("–", reasons.join("; ")),
                Cell::Played(Verdict::Broken(problem)) => ("?", problem.clone()),
                Cell::Played(Verdict::Observed(mismatches)) if mismatches.is_empty() => ("✓", String::new()),
                Cell::Played(Verdict::Observed(mismatches) | Verdict::AsPreset(mismatches)) => {
                    match (known.of(&row.fixture), is_the_presets(&row)) {
                        (Some(known), _) => ("differs", format!("{}: {}", known.category, known.observed)),
                        (None, true) => ("preset", mismatches.join("; ")),
                        (None, false) => ("✗", mismatches.join("; ")),
                    }
                }
            };
            let _ = writeln!(text, "| {} | {machine} | {chromium} | {} |", row.fixture, remark.replace('|', "\\|"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fixture: &str, chromium: Cell) -> Row {
        Row { fixture: fixture.to_owned(), machine: Some(true), chromium }
    }

    fn observed(mismatches: &[&str]) -> Cell {
        Cell::Played(Verdict::Observed(mismatches.iter().map(|&mismatch| mismatch.to_owned()).collect()))
    }

    fn known(fixture: &str) -> Differences {
        let text =
            format!("[[difference]]\nfixture = \"{fixture}\"\ncategory = \"choice\"\nobserved = \"It waits.\"\n");
        Differences::read(&text).unwrap()
    }

    fn matrix(rows: Vec<Row>) -> Matrix {
        Matrix { browser: "Chromium 1".to_owned(), rows }
    }

    #[test]
    fn differences_are_checked_both_ways() {
        let none = Differences::default();
        assert!(matrix(vec![row("a", observed(&[]))]).complaints(&none).is_empty());
        assert!(matrix(vec![row("a", observed(&["late"]))]).complaints(&known("a")).is_empty());
        let complaint = |row: Row, known: &Differences| matrix(vec![row]).complaints(known).join("");
        assert!(complaint(row("a", observed(&["late"])), &none).contains("not listed:\n    late"));
        assert!(complaint(row("a", observed(&[])), &known("a")).contains("take it from the list"));
        let preset = || Cell::Played(Verdict::AsPreset(vec!["late".to_owned()]));
        assert!(matrix(vec![row("a", preset())]).complaints(&none).is_empty());
        assert!(
            matrix(vec![row("a", preset())]).complaints(&known("a")).is_empty(),
            "somebody looked, and it is another"
        );
        assert!(complaint(row("a", Cell::Unobservable(Vec::new())), &known("a")).contains("cannot be observed"));
        let broken = Cell::Played(Verdict::Broken("it hangs".to_owned()));
        assert!(complaint(row("a", broken), &known("a")).contains("it hangs"), "a listed one may not hang either");
        assert!(matrix(vec![row("a", observed(&[]))]).strangers(&known("b"))[0].starts_with("b is listed"));
    }

    #[test]
    fn the_table_says_what_passes_and_why_the_rest_does_not() {
        let rows = vec![
            row("a", observed(&[])),
            row("b", observed(&["late"])),
            row("c", Cell::Unobservable(vec!["a | b".to_owned()])),
            row("d", Cell::Played(Verdict::AsPreset(vec!["early".to_owned()]))),
        ];
        let text = matrix(rows).to_markdown(&known("b"));
        assert!(text.contains("4 fixtures; a web page can observe 3 of them; 1 of those pass, 1 go as"), "{text}");
        assert!(text.contains("`chromium`, 1 differ"), "{text}");
        assert!(text.contains("| d | ✓ | preset | early |"), "{text}");
        assert!(
            text.contains("| a | ✓ | ✓ |  |") && text.contains("| b | ✓ | differs | choice: It waits. |"),
            "{text}"
        );
        assert!(text.contains("| c | ✓ | – | a \\| b |"), "{text}");
    }
}
