//! What a store has to hold.

use background_sync::registration::StoredRegistration;
use background_sync::{MemoryStore, StoreContents, StoreFailure, StoreOp};

use crate::Rule;
use crate::findings::Findings;

/// What a store was given, and what it said of it.
#[derive(Default)]
pub(super) struct Mirror {
    /// What it acknowledged.
    durable: MemoryStore,
    /// What it held before each batch that it acknowledged, oldest first, and the batch.
    past: Vec<(MemoryStore, Batch)>,
    /// What may be there or not: it was given, and nothing was said of it, or that it failed.
    in_doubt: Option<Batch>,
    /// It said that it has lost something.
    has_lost: bool,
    findings: Findings,
}

/// What a commit writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Changes of what is there.
    Changes,
    /// All there will be.
    Everything,
}

#[derive(Clone)]
struct Batch {
    ops: Vec<StoreOp>,
    what: Written,
}

impl Batch {
    fn onto(&self, store: &MemoryStore) -> MemoryStore {
        let mut store = match self.what {
            Written::Changes => store.clone(),
            Written::Everything => MemoryStore::default(),
        };
        self.ops.iter().cloned().for_each(|op| store.apply(op));
        store
    }

    /// How many of the operations show in `found`.
    fn shown_in(&self, found: &MemoryStore) -> usize {
        let shows = |op: &&StoreOp| {
            let mut with = found.clone();
            with.apply((*op).clone());
            with == *found
        };
        self.ops.iter().filter(shows).count()
    }
}

impl Mirror {
    pub(super) fn registrations(&self) -> Vec<StoredRegistration> {
        self.durable.contents().registrations
    }

    pub(super) fn take_findings(&mut self) -> Vec<(Rule, String)> {
        self.findings.take()
    }

    pub(super) fn begin(&mut self, ops: Vec<StoreOp>, what: Written) {
        self.in_doubt = Some(Batch { ops, what });
    }

    pub(super) fn ended(&mut self, result: &Result<(), StoreFailure>) {
        match result {
            Ok(()) => {
                let Some(batch) = self.in_doubt.take() else { return };
                let after = batch.onto(&self.durable);
                self.has_lost &= batch.what == Written::Changes;
                self.past.push((std::mem::replace(&mut self.durable, after), batch));
            }
            Err(StoreFailure::ContentsLost(_)) => self.has_lost = true,
            // It may be there all the same.
            Err(_) => {}
        }
    }

    pub(super) fn loaded(&mut self, contents: &StoreContents) {
        let mut found = MemoryStore::default();
        contents.registrations.iter().cloned().for_each(|row| found.apply(StoreOp::PutRegistration(row)));
        contents.budgets.iter().cloned().for_each(|row| found.apply(StoreOp::PutBudget(row)));
        contents.profile.clone().into_iter().for_each(|row| found.apply(StoreOp::PutProfile(row)));
        let rows = contents.registrations.len();
        let different = found.contents().registrations.len();
        if different < rows {
            self.findings.add(Rule::StoreInvents, format!("of {rows} rows {} are there twice", rows - different));
        }
        let in_doubt = self.in_doubt.take();
        let as_given = found == self.durable || in_doubt.iter().any(|batch| found == batch.onto(&self.durable));
        if !as_given && !self.has_lost {
            let (rule, what) = self.what_is_wrong(&found, in_doubt.as_ref());
            self.findings.add(rule, what);
        }
        // What is there is what counts from now on.
        self.durable = found;
        self.past.clear();
        self.has_lost = false;
    }

    /// The worst that can be said of a store that holds `found`.
    fn what_is_wrong(&self, found: &MemoryStore, in_doubt: Option<&Batch>) -> (Rule, String) {
        if let Some(row) = found.contents().registrations.iter().find(|row| !self.was_given(row, in_doubt)) {
            return (Rule::StoreInvents, format!("nobody gave it {row:?}"));
        }
        if let Some(gone) = self.past.iter().rev().position(|(before, _)| before == found) {
            return (Rule::StoreForgets, format!("of what it acknowledged the last {} batches are gone", gone + 1));
        }
        let newest = in_doubt.map(|batch| (&self.durable, batch));
        let newest = newest.or_else(|| self.past.last().map(|(before, batch)| (before, batch)));
        if let Some((before, batch)) = newest {
            let shown = batch.shown_in(found);
            if batch.shown_in(before) < shown && shown < batch.ops.len() {
                return (Rule::StoreHalves, format!("of a batch of {} operations {shown} are there", batch.ops.len()));
            }
        }
        (Rule::StoreOld, "what it holds is what it was given, and not as it was given last".to_owned())
    }

    fn was_given(&self, row: &StoredRegistration, in_doubt: Option<&Batch>) -> bool {
        let put = |op: &StoreOp| matches!(op, StoreOp::PutRegistration(put) if put == row);
        let since = self.past.iter().map(|(_, batch)| batch).chain(in_doubt);
        let at_first = self.past.first().map_or(&self.durable, |(before, _)| before);
        since.flat_map(|batch| &batch.ops).any(put) || at_first.contents().registrations.contains(row)
    }
}
