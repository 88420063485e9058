use std::fmt::Write as _;

use super::{Column, Conformance};

/// A row of counts is closed by this.
const CELL: &str = " |";

impl Conformance<'_> {
    /// Tables in Markdown: each algorithm with its counts, then every step, invariant and decision with its fixtures.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::from("# Conformance\n\n");
        for edition in &self.catalogue.edition {
            let _ = writeln!(text, "{}, {} at {}, {}", edition.name, edition.source, edition.revision, edition.date);
        }
        let _ = writeln!(text, "\n{} fixtures.\n", self.fixtures.len());
        for subject in &self.subjects {
            let (played, failed) = (subject.played.len(), subject.failed());
            let _ = writeln!(text, "{}: {played} played, {} failed.", subject.name, failed.len());
        }
        text.push_str(&self.algorithms());
        let ids = [
            ("Steps", &self.catalogue.step),
            ("Invariants", &self.catalogue.invariant),
            ("Decisions", &self.catalogue.decision),
        ];
        for (title, ids) in ids {
            let _ = writeln!(text, "\n## {title}\n\n| id | meaning |{} fixtures | cited |", self.heads());
            let _ = writeln!(text, "|---|---|{}---|---|", "---|".repeat(self.subjects.len()));
            for (id, meaning) in ids {
                let by = self.fixtures_of(id);
                let marks: String = self.subjects.iter().map(|subject| mark(subject, by)).collect();
                let instead =
                    self.catalogue.replaced.get(id).map(|by| format!(" Replaced by `{by}`.")).unwrap_or_default();
                let cited = if self.citations.has(id) { "yes" } else { "" };
                let _ = writeln!(text, "| {id} | {meaning}{instead} |{marks} {} | {cited} |", by.join(", "));
            }
        }
        text
    }

    /// How many steps each algorithm has, and how many are cited, exercised, and pass.
    fn algorithms(&self) -> String {
        let mut text = format!("\n## Algorithms\n\n| algorithm | steps | cited | exercised |{}\n", self.heads());
        let _ = writeln!(text, "|---|---|---|---|{}", "---|".repeat(self.subjects.len()));
        for part in self.parts() {
            let cited = part.steps.iter().filter(|id| self.citations.has(id)).count();
            let exercised = part.steps.iter().filter(|id| !self.fixtures_of(id).is_empty()).count();
            let passing = self.subjects.iter().map(|subject| {
                let passes = |id: &&&str| subject.passes(self.fixtures_of(id)) == Some(true);
                format!(" {}{CELL}", part.steps.iter().filter(passes).count())
            });
            let passing: String = passing.collect();
            let _ = writeln!(text, "| {} | {} | {cited} | {exercised} |{passing}", part.name, part.steps.len());
        }
        text
    }

    fn heads(&self) -> String {
        self.subjects.iter().map(|subject| format!(" {}{CELL}", subject.name)).collect()
    }
}

fn mark(subject: &Column, fixtures: &[&str]) -> String {
    let mark = match subject.passes(fixtures) {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "",
    };
    format!(" {mark}{CELL}")
}
