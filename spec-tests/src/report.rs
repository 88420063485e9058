use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::{Catalogue, Citations, Fixture};

/// A table in Markdown: every step, invariant and decision, whether its fixtures pass, and which they are.
///
/// # Errors
/// When a fixture cannot be read.
pub fn report(catalogue: &Catalogue, citations: &Citations, fixtures: &[Fixture]) -> Result<String, String> {
    let mut text = String::from("# Conformance\n\n");
    for edition in &catalogue.edition {
        let _ = writeln!(text, "{}, {} at {}, {}", edition.name, edition.source, edition.revision, edition.date);
    }
    let mut covered: BTreeMap<String, Vec<(bool, &str)>> = BTreeMap::new();
    let mut failed = 0_u32;
    for fixture in fixtures {
        let passes = fixture.run().is_ok();
        failed += u32::from(!passes);
        for id in fixture.timeline().map_err(|error| error.to_string())?.covers {
            covered.entry(id).or_default().push((passes, &fixture.name));
        }
    }
    let _ = writeln!(text, "\n{} fixtures, {failed} failed.", fixtures.len());
    let parts = [("Steps", &catalogue.step), ("Invariants", &catalogue.invariant), ("Decisions", &catalogue.decision)];
    for (title, ids) in parts {
        let _ = writeln!(text, "\n## {title}\n");
        if title == "Steps" {
            text.push_str(&counts(catalogue, citations, &covered));
        }
        let _ = writeln!(text, "| id | meaning | | fixtures | cited |\n|---|---|---|---|---|");
        for (id, meaning) in ids {
            let by = covered.get(id).map(Vec::as_slice).unwrap_or_default();
            let mark = if !by.is_empty() && by.iter().all(|(passes, _)| *passes) { "✓" } else { "✗" };
            let names: Vec<_> = by.iter().map(|(_, name)| *name).collect();
            let cited = if citations.has(id) { "yes" } else { "" };
            let _ = writeln!(text, "| {id} | {meaning} | {mark} | {} | {cited} |", names.join(", "));
        }
    }
    Ok(text)
}

/// How many steps each specification has, and how many of them are shown and cited.
fn counts(catalogue: &Catalogue, citations: &Citations, covered: &BTreeMap<String, Vec<(bool, &str)>>) -> String {
    let mut text = String::new();
    for (prefix, name) in [("sync.", "One-shot"), ("periodic.", "Periodic")] {
        let steps: Vec<_> = catalogue.step.keys().filter(|id| id.starts_with(prefix)).collect();
        let shown = steps.iter().filter(|id| covered.contains_key(id.as_str())).count();
        let cited = steps.iter().filter(|id| citations.has(id)).count();
        let _ = writeln!(text, "{name}: {} steps, {shown} shown by fixtures, {cited} cited.\n", steps.len());
    }
    text
}
