use background_sync::registration::{Now, StoredRegistration};
use background_sync::scheduler::ValidParameters;
use background_sync::{Input, Machine, Output};

use crate::{Broken, Oracle};

/// The oracle, over the lives of several processes.
///
/// What the store really held when a process died shows only when the next one reads it. So what happens at the beginning
/// of a life is kept until then.
pub(super) struct Lives {
    oracle: Oracle,
    beginning: Option<Vec<(Now, Input, Vec<Output>)>>,
    /// It found something and is not to be trusted any more.
    spent: bool,
}

impl Lives {
    pub(super) fn new(parameters: ValidParameters) -> Self {
        Self { oracle: Oracle::new(parameters), beginning: None, spent: false }
    }

    pub(super) fn process_died(&mut self) {
        self.beginning = Some(Vec::new());
    }

    pub(super) fn see(
        &mut self,
        now: Now,
        input: &Input,
        outputs: &[Output],
        stored: impl Fn() -> Vec<StoredRegistration>,
    ) -> Result<(), Broken> {
        if let Some(beginning) = &mut self.beginning {
            beginning.push((now, input.clone(), outputs.to_vec()));
            let Input::Loaded(loaded) = input else { return Ok(()) };
            let beginning = std::mem::take(beginning);
            self.beginning = None;
            let mut verdict = self.oracle.process_died(&loaded.registrations);
            for (now, input, outputs) in beginning {
                verdict = verdict.and_then(|()| self.look(now, &input, &outputs, &stored));
            }
            return self.once(verdict);
        }
        let verdict = self.look(now, input, outputs, &stored);
        self.once(verdict)
    }

    pub(super) fn at_rest(&mut self, machine: &Machine, waits: bool) -> Result<(), Broken> {
        let own = machine.check_invariants().map_err(|what| Broken { invariant: "check", what });
        let shown = || if self.beginning.is_some() { Ok(()) } else { self.oracle.compare(machine) };
        let ended = || if self.beginning.is_some() || waits { Ok(()) } else { self.oracle.check_end(machine) };
        let verdict = own.and_then(|()| shown()).and_then(|()| ended());
        self.once(verdict)
    }

    fn look(
        &mut self,
        now: Now,
        input: &Input,
        outputs: &[Output],
        stored: &impl Fn() -> Vec<StoredRegistration>,
    ) -> Result<(), Broken> {
        self.oracle.observe(now, input, outputs)?;
        self.oracle.gone_as_said(outputs, stored)
    }

    /// After the first thing that must not be, an oracle sees more of the same.
    fn once(&mut self, verdict: Result<(), Broken>) -> Result<(), Broken> {
        if self.spent {
            return Ok(());
        }
        self.spent = verdict.is_err();
        verdict
    }
}
