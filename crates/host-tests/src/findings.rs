use crate::Rule;

/// What was found in a scenario, each once.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<(Rule, String)>);

impl Findings {
    pub(crate) fn add(&mut self, rule: Rule, what: impl Into<String>) {
        let finding = (rule, what.into());
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    pub(crate) fn take(&mut self) -> Vec<(Rule, String)> {
        std::mem::take(&mut self.0)
    }
}
