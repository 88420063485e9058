use std::fmt;

use crate::Rule;

/// A rule that an engine did not keep to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The scenario in which it was seen.
    pub scenario: &'static str,
    /// The rule.
    pub rule: Rule,
    /// What the host did.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, rule, what } = self;
        write!(f, "{scenario}: {rule} ({}): {what}", rule.sentence())
    }
}

/// What came of all scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    scenarios: Vec<&'static str>,
    findings: Vec<Finding>,
}

impl Report {
    pub(crate) fn add(&mut self, scenario: &'static str, findings: Vec<(Rule, String)>) {
        self.scenarios.push(scenario);
        self.findings.extend(findings.into_iter().map(|(rule, what)| Finding { scenario, rule, what }));
    }

    /// The same without findings of rules that the engine has reasons not to keep: an engine without permissions cannot
    /// follow them, and so on.
    #[must_use]
    pub fn leaving_out(mut self, rules: &[Rule]) -> Self {
        self.findings.retain(|finding| !rules.contains(&finding.rule));
        self
    }

    /// Whether every rule was kept in every scenario.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }

    /// What was not, in the order in which it was seen.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The scenarios that were run.
    #[must_use]
    pub fn scenarios(&self) -> &[&'static str] {
        &self.scenarios
    }
}

/// A line each.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} scenarios, {} findings", self.scenarios.len(), self.findings.len())?;
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}
