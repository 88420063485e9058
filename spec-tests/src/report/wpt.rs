use serde::{Deserialize, Serialize};

use super::Conformance;
use crate::{Fixture, Played};

/// A report in the form that the tools around the Web Platform Tests read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WptReport {
    /// What was tested.
    pub run_info: RunInfo,
    /// When it began, in milliseconds since 1970.
    pub time_start: u64,
    /// When it ended.
    pub time_end: u64,
    /// One for each fixture.
    pub results: Vec<WptResult>,
}

/// What was tested.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunInfo {
    /// The subject.
    #[serde(default)]
    pub product: String,
}

/// How one fixture went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WptResult {
    /// The fixture's name, with a slash before it.
    pub test: String,
    /// `OK` when it could be played to its end.
    pub status: String,
    /// What went wrong with it as a whole.
    pub message: Option<String>,
    /// Milliseconds.
    #[serde(default)]
    pub duration: u64,
    /// What it is made of: here one, by its title.
    pub subtests: Vec<WptSubtest>,
}

/// How a part of a fixture went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WptSubtest {
    /// What it shows.
    pub name: String,
    /// `PASS` or `FAIL`.
    pub status: String,
    /// What was found instead.
    pub message: Option<String>,
}

impl WptReport {
    /// What a subject did, begun and ended at these milliseconds since 1970.
    #[must_use]
    pub fn of(subject: &str, results: Vec<WptResult>, (time_start, time_end): (u64, u64)) -> Self {
        Self { run_info: RunInfo { product: subject.to_owned() }, time_start, time_end, results }
    }
}

impl WptResult {
    /// How a fixture went.
    #[must_use]
    pub fn of(fixture: &Fixture, played: &Played) -> Self {
        let message = played.outcome.as_ref().err().cloned();
        let status = if message.is_none() { "PASS" } else { "FAIL" }.to_owned();
        let name = fixture.title().unwrap_or_else(|| fixture.name.clone());
        Self {
            test: format!("/{}", fixture.name),
            status: "OK".to_owned(),
            message: None,
            duration: u64::try_from(played.took.as_millis()).unwrap_or(u64::MAX),
            subtests: vec![WptSubtest { name, status, message }],
        }
    }

    /// As expected, or what was found instead. One without a part passes only if it says so itself.
    ///
    /// # Errors
    /// What was found.
    pub fn outcome(&self) -> Result<(), String> {
        let failed = self.subtests.iter().find(|part| part.status != "PASS");
        let whole = if self.subtests.is_empty() { self.status == "PASS" } else { self.status == "OK" };
        match failed {
            Some(part) => Err(part.message.clone().unwrap_or_else(|| part.status.clone())),
            None if whole => Ok(()),
            None => Err(self.message.clone().unwrap_or_else(|| self.status.clone())),
        }
    }
}

impl Conformance<'_> {
    /// What one subject did, the one with this name, begun and ended at these milliseconds since 1970.
    #[must_use]
    pub fn wptreport(&self, subject: &str, times: (u64, u64)) -> Option<WptReport> {
        let column = self.subjects.iter().find(|column| column.name == subject)?;
        let results = self.fixtures.iter().filter_map(|fixture| {
            let played = column.played.get(&fixture.name)?;
            Some(WptResult::of(fixture, played))
        });
        Some(WptReport::of(&column.name, results.collect(), times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: &str, parts: &str) -> Result<(), String> {
        let text = format!(
            r#"{{"run_info":{{}},"time_start":1,"time_end":2,"results":[{{"test":"/a/b","status":"{status}","message":null,"subtests":[{parts}]}}]}}"#
        );
        serde_json::from_str::<WptReport>(&text).unwrap().results[0].outcome()
    }

    #[test]
    fn a_report_of_another_tool_is_read() {
        let part = |status| format!(r#"{{"name":"n","status":"{status}","message":null}}"#);
        assert_eq!(read("OK", &part("PASS")), Ok(()));
        assert_eq!(read("OK", &format!("{},{}", part("PASS"), part("FAIL"))), Err("FAIL".to_owned()));
        assert_eq!(read("TIMEOUT", &part("PASS")), Err("TIMEOUT".to_owned()));
        assert_eq!(read("OK", ""), Err("OK".to_owned()));
        assert_eq!(read("PASS", ""), Ok(()));
    }
}
