//! What the harness reports: a status for each subtest.

use std::collections::BTreeSet;

use serde::Deserialize;

/// What a realm hands to Rust when all its tests are done.
pub(crate) const COLLECT: &str = include_str!("collect.js");

#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    /// Of the harness itself: whether the script was in order.
    status: u8,
    message: Option<String>,
    pub(crate) subtests: Vec<Subtest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Subtest {
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) message: Option<String>,
}

/// As `testharness.js` numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub(crate) enum Status {
    Pass,
    Fail,
    Timeout,
    NotRun,
    PreconditionFailed,
}

impl TryFrom<u8> for Status {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        [Self::Pass, Self::Fail, Self::Timeout, Self::NotRun, Self::PreconditionFailed]
            .get(usize::from(number))
            .copied()
            .ok_or_else(|| format!("testharness.js has no status {number}"))
    }
}

impl Report {
    /// Asserts that the harness is content with the script itself.
    #[track_caller]
    pub(crate) fn in_order(self) -> Self {
        assert_eq!(self.status, 0, "the harness: {:?}", self.message);
        self
    }

    /// The subtests' names, in the order in which they were made.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.subtests.iter().map(|subtest| subtest.name.as_str())
    }

    /// Asserts that exactly the subtests of a golden list ran, and that each has passed.
    #[track_caller]
    pub(crate) fn passes_exactly(self, golden: &str, count: usize) {
        self.runs_exactly(golden, count).passes();
    }

    /// Asserts that every subtest has passed.
    #[track_caller]
    pub(crate) fn passes(&self) {
        let failures: Vec<_> = self.subtests.iter().filter(|subtest| subtest.status != Status::Pass).collect();
        assert!(failures.is_empty(), "{} failed: {failures:#?}", failures.len());
    }

    /// Asserts that exactly the subtests of a golden list ran, however they ended.
    #[track_caller]
    fn runs_exactly(self, golden: &str, count: usize) -> Self {
        let expected: Vec<_> = golden.lines().collect();
        let found: Vec<_> = self.names().collect();
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let (missing, added) = (&set(&expected) - &set(&found), &set(&found) - &set(&expected));
        assert!(missing.is_empty() && added.is_empty(), "not run: {missing:#?}\nnot in the list: {added:#?}");
        assert_eq!(found.len(), count, "{found:#?}");
        self
    }
}
