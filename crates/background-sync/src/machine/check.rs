use background_sync_policy::SyncKind;
#[cfg(feature = "periodic")]
use background_sync_registration::SyncRegistration;
use background_sync_registration::TagId;
#[cfg(feature = "periodic")]
use background_sync_scheduler::{PeriodicHold, PeriodicOrigin, PeriodicPlan};

use super::Machine;
use super::parts::attempts::AttemptPhase;
#[cfg(feature = "periodic")]
use super::parts::origins::{Lane, Origin};
#[cfg(feature = "periodic")]
use super::parts::registry::Record;
use super::parts::registry::{Activity, Worker, WorkerIx};

impl Machine {
    /// Says what is wrong with the machine, if anything is: the invariants of its own structures. For
    /// tests and fuzzing; looks at everything.
    ///
    /// # Errors
    /// The first broken invariant, in words.
    pub fn check_invariants(&self) -> Result<(), String> {
        self.registry.lists().check_invariants()?;
        if self.phase.is_loading() {
            // Rows are counted when all are there.
            return Ok(());
        }
        self.check_workers()?;
        self.check_origins()?;
        self.check_attempts()?;
        self.places.check(self.registry.lists())?;
        self.check_that_all_agree()?;
        self.check_that_nothing_waits_for_nothing()
    }

    /// I15: what nothing holds was started in the turn that has just ended, so whatever is there has a reason.
    fn check_that_nothing_waits_for_nothing(&self) -> Result<(), String> {
        if !self.phase.is_running() || !self.general_holds().is_empty() {
            return Ok(());
        }
        for (ix, worker) in self.registry.workers() {
            let origin = self.origins.get(worker.origin());
            for (tag, name, registration) in self.registry.registrations_of(ix) {
                let kind = self.registry.kind_of(tag).unwrap_or(SyncKind::OneShot);
                let holds = origin.map(|origin| self.origin_holds(worker.origin().lane(kind), origin));
                if holds.is_some_and(|holds| holds.iter().next().is_some()) {
                    continue;
                }
                let record = self.registry.record(tag);
                if record.is_some_and(|record| self.own_holds(&record, registration).iter().next().is_none()) {
                    return Err(format!("nothing holds {name:?} of {:?}, and it is not started", worker.key()));
                }
            }
        }
        Ok(())
    }

    /// Where a registration stands is computed in one place; queues, starts and wake-ups go by the same.
    fn check_that_all_agree(&self) -> Result<(), String> {
        for (ix, worker) in self.registry.workers() {
            for (tag, name, registration) in self.registry.registrations_of(ix) {
                let Some(record) = self.registry.record(tag) else { continue };
                let kind = record.kind;
                if !self.rules.params().runs(kind) {
                    continue;
                }
                let standing = self.own_holds(&record, registration).standing();
                if !self.places.agree_with(tag, kind, worker.is_private(), standing) {
                    return Err(format!("{name:?} of {ix:?} is filed as something else than {standing:?}"));
                }
                #[cfg(feature = "periodic")]
                self.check_line_of(&record, registration)?;
            }
        }
        for (ix, origin) in self.origins.iter() {
            for lane in ix.lanes() {
                let holds = self.origin_holds(lane, origin);
                let could_start = self.places.has_ready(lane) && !holds.full && !holds.is_refused();
                #[cfg(feature = "periodic")]
                let could_start = could_start || self.planned_wake_up(lane, origin).is_some();
                let is_filed = self.wake.knows(lane, origin.is_private());
                // That a user stays away is noticed when the time comes that was planned before.
                #[cfg(feature = "periodic")]
                let could_start = could_start || (is_filed && self.waits_for_its_reader(lane, origin));
                if is_filed != could_start {
                    let how = if could_start { "not" } else { "still" };
                    return Err(format!("{lane:?} is {how} filed to be woken for"));
                }
            }
        }
        Ok(())
    }

    #[cfg(feature = "periodic")]
    fn waits_for_its_reader(&self, lane: Lane, origin: &Origin) -> bool {
        lane.kind == SyncKind::Periodic
            && self.periodic_plan(origin) == Some(PeriodicPlan::Never(PeriodicHold::ReaderAway))
    }

    /// A periodic registration has its turn, or stands in line where its interval is over.
    #[cfg(feature = "periodic")]
    fn check_line_of(&self, record: &Record<'_>, registration: &SyncRegistration) -> Result<(), String> {
        let (Some(schedule), Some(origin)) = (registration.schedule(), self.origins.get(record.worker.origin())) else {
            return Ok(());
        };
        let over = PeriodicOrigin::interval_over(&schedule, &self.rules.params().periodic);
        if origin.periodic().agrees(record.tag, registration.sequence(), over) {
            return Ok(());
        }
        Err(format!("{:?} stands in line as if its interval were over at another time than {over:?}", record.name))
    }

    /// What a worker has, registered or on its way.
    fn counted(&self, ix: WorkerIx) -> impl Iterator<Item = TagId> {
        let activities = self.registry.worker(ix).into_iter().flat_map(Worker::activities);
        let on_their_way =
            activities.filter(|(tag, activity)| activity.has_asks() && self.registry.registration(*tag).is_none());
        self.registry.registrations_of(ix).map(|(tag, ..)| tag).chain(on_their_way.map(|(tag, _)| tag))
    }

    fn check_workers(&self) -> Result<(), String> {
        let (workers, names) = self.registry.worker_count();
        if workers != names {
            return Err("a worker without a name, or a name without a worker".to_owned());
        }
        for (ix, worker) in self.registry.workers() {
            for kind in SyncKind::ALL {
                let of_kind = self.counted(ix).filter(|tag| self.registry.kind_of(*tag) == Some(kind)).count();
                if worker.registrations(kind) != of_kind {
                    let counted = worker.registrations(kind);
                    return Err(format!("{ix:?} counts {counted} {} syncs and has {of_kind}", kind.name()));
                }
            }
            for (tag, activity) in worker.activities() {
                if activity.is_over() {
                    return Err(format!("nothing goes on with {tag:?} of {ix:?}"));
                }
                // I2: one attempt at a time per tag.
                let mut running = self.attempts.iter().filter(|(_, attempt)| attempt.subject().tag == tag);
                if running.next().map(|(id, _)| id) != activity.attempt() || running.next().is_some() {
                    return Err(format!("{tag:?} of {ix:?} has another attempt than {:?}", activity.attempt()));
                }
            }
        }
        Ok(())
    }

    fn check_origins(&self) -> Result<(), String> {
        let mut found = 0;
        for private in [false, true] {
            let with: Vec<_> = self.origins.iter().filter(|(_, it)| it.partition().is_private() == private).collect();
            let Some((_, first)) = with.first() else { continue };
            let has: usize = with.iter().map(|(_, it)| it.tag_bytes()).sum();
            let says = self.origins.tag_bytes_with(first.partition());
            if says != has {
                return Err(format!("{says} bytes of tags are counted, private: {private}, and there are {has}"));
            }
        }
        for (ix, origin) in self.origins.iter() {
            let workers = self.registry.workers_of(ix);
            let is_its_own = |ix_of_worker: &WorkerIx| {
                self.registry.worker(*ix_of_worker).is_some_and(|worker| worker.origin() == ix)
            };
            if !workers.is_sorted() || !workers.iter().all(is_its_own) {
                return Err(format!("of {ix:?} {workers:?} are found, and not all are its own"));
            }
            found += workers.len();
            let counted = || workers.iter().flat_map(|worker| self.counted(*worker));
            if origin.registrations() != counted().count() || origin.workers() != workers.len() {
                let (says, has) = (origin.registrations(), counted().count());
                return Err(format!("{ix:?} counts {says} registrations and has {has}"));
            }
            let queued: usize = workers.iter().map(|worker| self.replies.len_of(*worker)).sum();
            if self.replies.queued_of(ix) != queued {
                return Err(format!("{ix:?} counts {} requests and {queued} wait", self.replies.queued_of(ix)));
            }
            let names = counted().filter_map(|tag| self.registry.tag(tag));
            let tag_bytes: usize = names.map(|tag| 2 * tag.len_utf16()).sum();
            if origin.tag_bytes() != tag_bytes {
                return Err(format!("{ix:?} counts {} bytes of tags and has {tag_bytes}", origin.tag_bytes()));
            }
            let attempts = self.attempts.iter().filter(|(_, attempt)| attempt.subject().origin == ix).count();
            if self.attempts.of_origin(ix) != attempts {
                return Err(format!("{ix:?} counts {} attempts and has {attempts}", self.attempts.of_origin(ix)));
            }
        }
        if found != self.registry.worker_count().0 {
            return Err(format!("{found} workers are found by their origins, and there are others"));
        }
        Ok(())
    }

    fn check_attempts(&self) -> Result<(), String> {
        for (id, attempt) in self.attempts.iter() {
            let busy = self.registry.activity(attempt.subject().tag).and_then(Activity::attempt);
            if busy != Some(id) {
                return Err(format!("{id:?} runs and its tag does not know"));
            }
            if let AttemptPhase::Running(_) = attempt.phase()
                && self.registration_of(attempt).is_some_and(|registration| !registration.state().is_firing())
            {
                return Err(format!("{id:?} runs and its registration is not firing"));
            }
        }
        Ok(())
    }
}
