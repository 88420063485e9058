use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use background_sync::{CommitCompletion, LoadCompletion, StoreContents, StoreFailure, StoreOp, SyncStore};

use super::StoreUnderTest;
use crate::Rule;
use crate::findings::Findings;
use crate::watched::StoreWatch;

/// How long an answer may take in real time.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a commit came to. `None`: there is no answer.
type Ended = Option<Result<(), StoreFailure>>;

/// A store over the lives of several processes.
pub(super) struct Session<S: StoreUnderTest> {
    under_test: S,
    watch: StoreWatch,
    store: Option<Box<dyn SyncStore>>,
    findings: Findings,
    patience: Duration,
}

impl<S: StoreUnderTest> Session<S> {
    /// A store that has just been made, in its first process, and read.
    pub(super) fn new(under_test: S) -> Self {
        let (watch, findings) = (StoreWatch::default(), Findings::default());
        let mut session = Self { under_test, watch, store: None, findings, patience: PATIENCE };
        session.open();
        session
    }

    /// A process begins, and reads it.
    pub(super) fn open(&mut self) {
        self.store = Some(Box::new(self.watch.around(Box::new(self.under_test.open()))));
        self.load();
    }

    /// The process ends as it should, and another one begins.
    pub(super) fn reopen(&mut self) {
        self.close();
        self.open();
    }

    /// The process dies while nothing is asked of the store, and another one begins.
    pub(super) fn crash(&mut self) {
        self.under_test.crash();
        self.reopen();
    }

    /// The process dies in the middle of a batch, of which nobody hears any more.
    pub(super) fn die_in(&mut self, batch: Batch) {
        drop(self.begin(batch));
        self.reopen();
    }

    /// The process ends.
    pub(super) fn close(&mut self) {
        self.store = None;
        self.watch.process_died();
    }

    /// Makes a batch durable, as it has to be possible.
    pub(super) fn write(&mut self, batch: Batch) {
        if let Some(Err(failure)) = self.try_to_write(batch) {
            self.found(Rule::StoreFailure, format!("a commit failed that nothing was wrong with: {failure}"));
        }
    }

    /// Makes a batch durable, or not.
    pub(super) fn try_to_write(&mut self, batch: Batch) -> Ended {
        let ended = self.begin(batch);
        self.wait();
        ended.try_recv().ok()
    }

    /// Reads everything. What is there is compared with what was acknowledged.
    pub(super) fn load(&mut self) -> Option<StoreContents> {
        let (answer, answered) = channel();
        let done = LoadCompletion::new(move |result| drop(answer.send(result)));
        self.store().load(done);
        self.wait();
        let contents = match answered.try_recv().ok()? {
            Ok(contents) => contents,
            Err(failure) => {
                self.found(Rule::StoreFailure, format!("it cannot be read: {failure}"));
                return None;
            }
        };
        if contents.lost > 0 {
            self.found(Rule::StoreForgets, format!("it says that {} rows are gone", contents.lost));
        }
        Some(contents)
    }

    /// Whether the medium can be made to take nothing. If so, from now on it takes nothing, or everything again.
    pub(super) fn refuse_writes(&mut self, refuse: bool) -> bool {
        self.under_test.refuse_writes(refuse)
    }

    /// Closed, and then made one of a newer version: whether it is refused.
    pub(super) fn refuses_what_is_newer(&mut self) -> Option<bool> {
        self.close();
        self.under_test.refuses_what_is_newer()
    }

    pub(super) fn found(&mut self, rule: Rule, what: impl Into<String>) {
        self.findings.add(rule, what);
    }

    /// What was found.
    pub(super) fn end(mut self) -> Vec<(Rule, String)> {
        self.store = None;
        let mut findings = self.findings.take();
        findings.extend(self.watch.take_findings());
        findings
    }

    fn store(&mut self) -> &mut dyn SyncStore {
        self.store.get_or_insert_with(|| Box::new(self.watch.around(Box::new(self.under_test.open())))).as_mut()
    }

    fn begin(&mut self, batch: Batch) -> Receiver<Result<(), StoreFailure>> {
        let (answer, answered) = channel();
        let done = CommitCompletion::new(move |result| drop(answer.send(result)));
        match batch {
            Batch::Changes(ops) => self.store().commit(ops, done),
            Batch::Everything(ops) => self.store().rewrite(ops, done),
        }
        answered
    }

    fn wait(&mut self) {
        if !self.watch.is_quiet(self.patience) {
            // It is not waited for again.
            self.patience = Duration::ZERO;
            self.found(Rule::StoreSilent, "a load or a commit has no answer");
        }
    }
}

/// What a store is given at once.
pub(super) enum Batch {
    /// Changes of what is there.
    Changes(Vec<StoreOp>),
    /// All there will be.
    Everything(Vec<StoreOp>),
}
