use std::collections::BTreeSet;

use background_sync::{AttemptId, Output, TxnId};

use super::{Verdict, broken};

/// The names of attempts and commits, over all lives of the process.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    attempts: BTreeSet<AttemptId>,
    commits: BTreeSet<TxnId>,
    earlier_attempts: BTreeSet<AttemptId>,
    earlier_commits: BTreeSet<TxnId>,
}

impl Ids {
    /// I9: a word about an attempt or a commit of an earlier life must not mean one of this.
    pub(super) fn see(&mut self, output: &Output) -> Verdict {
        let again = match output {
            Output::Start { attempt, .. } | Output::AskUser { attempt, .. } => {
                self.attempts.insert(*attempt);
                self.earlier_attempts.contains(attempt).then(|| format!("{attempt:?}"))
            }
            Output::Commit { txn, .. } | Output::Rewrite { txn, .. } => {
                self.commits.insert(*txn);
                self.earlier_commits.contains(txn).then(|| format!("{txn:?}"))
            }
            _ => None,
        };
        match again {
            Some(name) => broken("I9", format!("{name} is the name of something of an earlier life too")),
            None => Ok(()),
        }
    }

    pub(super) fn died(&mut self) {
        self.earlier_attempts.append(&mut self.attempts);
        self.earlier_commits.append(&mut self.commits);
    }
}
