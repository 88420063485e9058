use super::Machine;
use super::state::AttemptPhase;

impl Machine {
    /// Says what is wrong with the machine, if anything is: the invariants of its own structures. For
    /// tests and fuzzing; looks at everything.
    ///
    /// # Errors
    /// The first broken invariant, in words.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.check_workers()?;
        self.check_origins()?;
        self.check_attempts()?;
        self.check_that_nothing_waits_for_nothing()
    }

    /// I15: what nothing holds was started in the turn that has just ended, so whatever is there has a reason.
    fn check_that_nothing_waits_for_nothing(&self) -> Result<(), String> {
        match self.registrations().find(|view| view.why_not.is_empty()) {
            Some(view) => Err(format!("nothing holds {:?} of {:?}, and it is not started", view.tag, view.key)),
            None => Ok(()),
        }
    }

    fn check_workers(&self) -> Result<(), String> {
        if self.worker_by_key.len() != self.workers.len() {
            return Err("a worker without a name, or a name without a worker".to_owned());
        }
        for (ix, worker) in &self.workers {
            worker.list.check_invariants()?;
            let unborn =
                worker.activities.iter().filter(|(tag, a)| !a.asks.is_empty() && worker.list.get(tag).is_none());
            let registrations = worker.list.len() + unborn.count();
            if worker.registrations != registrations {
                return Err(format!("{ix:?} counts {} registrations and has {registrations}", worker.registrations));
            }
            for (tag, activity) in &worker.activities {
                if activity.is_over() {
                    return Err(format!("nothing goes on with {tag:?} of {ix:?}"));
                }
                // I2: one attempt at a time per tag.
                let running = self.attempts.iter().filter(|(_, a)| a.worker == *ix && a.tag == *tag);
                if running.map(|(id, _)| *id).collect::<Vec<_>>() != activity.attempt.into_iter().collect::<Vec<_>>() {
                    return Err(format!("{tag:?} of {ix:?} has another attempt than {:?}", activity.attempt));
                }
            }
        }
        Ok(())
    }

    fn check_origins(&self) -> Result<(), String> {
        for (ix, origin) in &self.origins {
            let workers = self.workers.values().filter(|worker| worker.origin == *ix);
            let registrations: usize = workers.clone().map(|worker| worker.registrations).sum();
            if origin.registrations != registrations || origin.workers != workers.clone().count() {
                return Err(format!("{ix:?} counts {} registrations and has {registrations}", origin.registrations));
            }
            let queued: usize = workers.clone().map(|worker| worker.replies.len()).sum();
            if origin.queued != queued {
                return Err(format!("{ix:?} counts {} requests and {queued} wait", origin.queued));
            }
            let tags = workers.clone().flat_map(|worker| {
                let unborn =
                    worker.activities.iter().filter(|(tag, a)| !a.asks.is_empty() && worker.list.get(tag).is_none());
                worker.list.iter().map(|registration| registration.tag()).chain(unborn.map(|(tag, _)| tag))
            });
            let tag_bytes: usize = tags.map(|tag| 2 * tag.len_utf16()).sum();
            if origin.tag_bytes != tag_bytes {
                return Err(format!("{ix:?} counts {} bytes of tags and has {tag_bytes}", origin.tag_bytes));
            }
            let attempts = self.attempts.values().filter(|attempt| attempt.origin == *ix).count();
            if origin.attempts != attempts {
                return Err(format!("{ix:?} counts {} attempts and has {attempts}", origin.attempts));
            }
            for (sequence, worker) in origin.ready.iter().chain(&origin.waiting).chain(&origin.elsewhere) {
                let there = self.workers.get(worker).is_some_and(|w| w.list.get_by_sequence(*sequence).is_some());
                if !there {
                    return Err(format!("{sequence:?} is filed in {ix:?} and is gone"));
                }
            }
        }
        Ok(())
    }

    fn check_attempts(&self) -> Result<(), String> {
        for (id, attempt) in &self.attempts {
            let busy = self.workers.get(&attempt.worker).and_then(|w| w.activities.get(&attempt.tag)?.attempt);
            if busy != Some(*id) {
                return Err(format!("{id:?} runs and its tag does not know"));
            }
            if let AttemptPhase::Running { .. } = attempt.phase
                && self.registration_of(attempt).is_some_and(|registration| !registration.state().is_firing())
            {
                return Err(format!("{id:?} runs and its registration is not firing"));
            }
        }
        Ok(())
    }
}
