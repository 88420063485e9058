//! What happens in a step is compared with what was expected.

use std::fmt;

use background_sync_simulator::timeline::TimedStep;

use super::{Engine, EngineError, EngineStep, ExpectServer, Run};

/// Something is not as the timeline expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What was expected, as the timeline says it.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}\n   found {}", self.expected, self.found)
    }
}

impl Engine {
    /// Makes a whole step happen, at the engine's present moment, and compares.
    ///
    /// # Errors
    /// When the step can't happen, or nothing settles after it.
    pub fn perform(&mut self, step: &TimedStep<EngineStep>) -> Result<Vec<Mismatch>, EngineError> {
        let mut runs = Vec::new();
        for act in &step.acts {
            match act {
                EngineStep::Run(run) => {
                    let id = self.run_in_page(run)?;
                    runs.push((id, run));
                    self.settle()?;
                }
                act => self.apply(act)?,
            }
        }
        self.settle_with_the_disk()?;
        let mut mismatches: Vec<_> = runs.into_iter().filter_map(|(id, run)| self.check_run(id, run)).collect();
        for act in &step.acts {
            mismatches.extend(self.check_act(act));
        }
        mismatches.extend(self.check_expectations(&step.expect)?);
        Ok(mismatches)
    }

    fn check_act(&mut self, act: &EngineStep) -> Option<Mismatch> {
        match act {
            EngineStep::ExpectServer(expected) => self.check_server(expected),
            EngineStep::ExpectNotification(expected) => self.check_notification(expected),
            EngineStep::ExpectConsole(lines) => lines.parts().iter().find_map(|part| self.check_console(part)),
            EngineStep::Say(_)
            | EngineStep::Open(_)
            | EngineStep::Close(_)
            | EngineStep::Detach(_)
            | EngineStep::Run(_)
            | EngineStep::Network(_)
            | EngineStep::OriginNetwork(_)
            | EngineStep::Server(_)
            | EngineStep::Permission(_)
            | EngineStep::App(_)
            | EngineStep::Visit(_)
            | EngineStep::Engagement(_)
            | EngineStep::Pause(_)
            | EngineStep::Power(_)
            | EngineStep::Override(_)
            | EngineStep::UtcOffset(_)
            | EngineStep::Notifications(_)
            | EngineStep::ClickNotification(_)
            | EngineStep::CloseNotification(_)
            | EngineStep::BackgroundSync(_)
            | EngineStep::Limits(_)
            | EngineStep::Switch(_)
            | EngineStep::Restriction(_)
            | EngineStep::Clear(_)
            | EngineStep::System(_)
            | EngineStep::Process(_) => None,
        }
    }

    fn check_run(&mut self, id: u64, run: &Run) -> Option<Mismatch> {
        let came = self.runs.remove(&id).and_then(|(_, came)| came);
        let found = match &came {
            None => "it has not ended yet".to_owned(),
            Some(Ok(value)) => format!("it gives {value}"),
            Some(Err(error)) => format!("it fails with {error}"),
        };
        let fits = match (&run.gives, &run.fails, &came) {
            (None, None, Some(Err(_))) => false,
            (None, None, _) => true,
            (Some(wanted), _, Some(Ok(value))) => same_json(wanted, value),
            (_, Some(wanted), Some(Err(error))) => error.contains(wanted.as_str()),
            (Some(_), _, _) | (_, Some(_), _) => false,
        };
        let expected = match (&run.gives, &run.fails) {
            (Some(wanted), _) => format!("`{}` to give {wanted}", run.script),
            (None, Some(wanted)) => format!("`{}` to fail with {wanted}", run.script),
            (None, None) => format!("`{}` not to fail", run.script),
        };
        (!fits).then_some(Mismatch { expected, found })
    }

    fn check_server(&self, expected: &ExpectServer) -> Option<Mismatch> {
        let found = self.servers.borrow().check(expected).err()?;
        let expected = toml::Value::try_from(expected).map(|value| value.to_string()).unwrap_or_default();
        Some(Mismatch { expected: format!("expect_server = {expected}"), found })
    }

    fn check_console(&mut self, text: &str) -> Option<Mismatch> {
        let at = self.console.iter().position(|line| line.contains(text));
        match at {
            Some(at) => {
                self.console.drain(..=at);
                None
            }
            None => {
                let last = self.console.iter().skip(self.console.len().saturating_sub(5));
                let last: Vec<_> = last.map(|line| line.chars().take(100).collect::<String>()).collect();
                let found = format!("the last lines are {last:?}");
                Some(Mismatch { expected: format!("a line with {text:?}"), found })
            }
        }
    }
}

/// Spaces and the order of members do not matter.
fn same_json(wanted: &str, found: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text);
    matches!((parsed(wanted), parsed(found)), (Ok(wanted), Ok(found)) if wanted == found)
}
