//! Taking up what a previous session left.

use std::collections::HashMap;
use std::time::Duration;

use background_sync_policy::{RegistrationKey, SyncKind, UserSwitch};
use background_sync_registration::{
    Charge, RegistrationState, Sequence, StoredRegistration, SyncRegistration, TagId, Wait,
};
use background_sync_scheduler::StoredBudget;

use crate::input::Unavailable;
use crate::machine::Machine;
use crate::machine::parts::intake::{Intake, Numbered, next_after};
use crate::machine::parts::registry::{Worker, WorkerIx};
use crate::machine::parts::{Origins, Phase, Registry};
use crate::machine::steps::removal::Removal;
use crate::taken::Taken;
use crate::{
    Detail, EventName, FailureReason, Ignored, Input, Loaded, OriginFacts, RemovalError, RemovalReason, RequestId,
    Status, StoredProfile, WorkerState,
};

impl Machine {
    /// A request waits for the store, if its queue and its origin's share of that have room.
    pub(in crate::machine) fn request_while_loading(&mut self, request: Input) {
        let now = self.time.wall();
        let Phase::Loading(loading) = &mut self.phase else { return };
        let Some(key) = request.key_of_request().cloned() else { return };
        let (waiting, params) = (loading.waiting(), self.rules.params());
        let of_origin = waiting.requests_of(key.partition(), key.origin());
        if waiting.requests() < params.max_queued_requests && of_origin < params.max_queued_requests_per_origin {
            waiting.push_request(now, &key, request);
        } else {
            self.reject(&request, Unavailable::QueueFull);
        }
    }

    /// A notice waits for the store, if it has room. So does whoever wants to hear of what it takes away.
    pub(in crate::machine) fn notice_while_loading(&mut self, notice: Input, removal: Option<(RequestId, Taken)>) {
        let (now, most) = (self.time.wall(), self.rules.params().max_queued_requests);
        if let (Input::WorkerChanged { state: WorkerState::NoSuchRegistration, .. }, false) =
            (&notice, self.around.knows_workers())
        {
            // The host cannot know that yet, and with `Loaded` it says what it knows.
            return;
        }
        let Phase::Loading(loading) = &mut self.phase else { return };
        let waiting = loading.waiting();
        let (asked, answer) = match removal {
            Some((request, Taken::Nothing)) => (None, Some((request, Ok(())))),
            Some((request, _)) if waiting.asked() >= most => (None, Some((request, Err(RemovalError::QueueFull)))),
            asked => (asked, None),
        };
        let kept = waiting.push_notice(now, notice, asked.into_iter().collect());
        let dropped = asked.filter(|_| !kept).map(|(request, _)| (request, Err(RemovalError::QueueFull)));
        match answer.or(dropped) {
            Some((request, answer)) => self.say_gone(request, answer),
            None if !kept => self.ignore(Ignored::TooMuchWaits),
            None => {}
        }
    }

    /// Some of what the store holds: it goes into the lists as it comes.
    pub(in crate::machine) fn rows(&mut self, rows: Vec<StoredRegistration>) {
        self.registry.reserve(rows.len());
        let mut last = None;
        // They are let go of together: a store's thread counts clones of the same keys meanwhile.
        for row in &rows {
            let Phase::Loading(loading) = &mut self.phase else { return };
            if !loading.intake().is_in_order(row.sequence) {
                loading.intake().put_off(row.clone());
                continue;
            }
            let restored = self.restore_row(row, last);
            let Phase::Loading(loading) = &mut self.phase else { return };
            match restored {
                Some((ix, tag)) => {
                    last = Some(ix);
                    loading.intake().took(row, tag);
                }
                None => loading.intake().put_off(row.clone()),
            }
        }
    }

    /// Puts a row into its list. `None`, and it is not there, when its tag is registered already or its partition is
    /// private. Most rows are of the worker that the `last` one was of.
    fn restore_row(&mut self, row: &StoredRegistration, last: Option<WorkerIx>) -> Option<(WorkerIx, TagId)> {
        if row.key.partition().is_private() {
            return None;
        }
        let is_its = |ix: &WorkerIx| self.registry.worker(*ix).is_some_and(|worker| worker.has_key(&row.key));
        let ix = match last.filter(is_its) {
            Some(ix) => ix,
            None => self.worker_for(&row.key, WorkerState::NotLoaded)?,
        };
        let tag = self.registry.hold_tag(ix, row.kind, row.tag.clone())?;
        let registration = SyncRegistration::from_stored(row, self.time.now());
        self.registry.restore(tag, registration).then_some((ix, tag))
    }

    /// The load begins anew, or is given up: what came of it is forgotten.
    pub(in crate::machine) fn forget_rows(&mut self) {
        self.registry = Registry::default();
        self.origins = Origins::default();
    }

    pub(in crate::machine) fn loaded(&mut self, loaded: Loaded) {
        let states: HashMap<_, _> = loaded.worker_states.into_iter().collect();
        let reserved = loaded.profile.as_ref().map(|profile| profile.next_sequence);
        self.restore_budgets(&loaded.budgets);
        self.rows(loaded.registrations);
        let Phase::Loading(loading) = std::mem::replace(&mut self.phase, Phase::Running) else { return };
        let (intake, waiting) = loading.into_parts();
        let session = self.rules.session(self.time.wall());
        self.attempts.begin(session);
        self.journal.begin(session);
        let count = intake.len();
        if intake.is_all_in_order() {
            self.resume_profile(loaded.profile, next_after(intake.last(), reserved), intake.running());
            self.take_up_rows(&intake, &states);
        } else {
            let running = intake.running();
            let rows = self.take_rows_back(intake);
            let numbered = Numbered::of(&rows, reserved);
            self.resume_profile(loaded.profile, numbered.next, running);
            self.restore_budgets(&loaded.budgets);
            self.restore_anew(rows, numbered, &states);
        }
        self.file_all_for_wake();
        self.report_loaded(count, loaded.lost, &loaded.origins);
        self.remove_what_is_not_allowed(&loaded.origins);
        for entry in waiting.into_entries() {
            self.route_running(entry.input, entry.said_at);
            for (request, taken) in entry.asked {
                self.confirm(request, taken);
            }
        }
    }

    fn restore_budgets(&mut self, budgets: &[StoredBudget]) {
        for stored in budgets.iter().filter(|stored| !stored.partition.is_private()) {
            let ix = self.origin_for(stored.partition, &stored.origin);
            if let Some(origin) = ix.and_then(|ix| self.origins.get_mut(ix)) {
                origin.restore_budget(stored, self.time.wall());
            }
        }
    }

    /// All rows, sorted, and the lists empty again.
    fn take_rows_back(&mut self, intake: Intake) -> Vec<StoredRegistration> {
        let taken = intake.taken().iter().filter_map(|tag| {
            let registration = self.registry.registration(*tag)?;
            let worker = self.registry.worker(self.registry.worker_of(*tag)?)?;
            let name = (worker.key(), self.registry.kind_of(*tag)?, self.registry.tag(*tag)?);
            Some(registration.to_stored(name, None))
        });
        let mut rows: Vec<_> = taken.collect();
        rows.extend(intake.into_rest());
        rows.sort_by_key(|stored| stored.sequence);
        self.forget_rows();
        rows
    }

    fn restore_anew(
        &mut self,
        rows: Vec<StoredRegistration>,
        numbered: Numbered,
        states: &HashMap<RegistrationKey, WorkerState>,
    ) {
        for (mut row, sequence) in rows.into_iter().zip(numbered.numbers) {
            let state = states.get(&row.key).copied().unwrap_or(WorkerState::NotLoaded);
            let in_store = std::mem::replace(&mut row.sequence, sequence);
            let ix = self.worker_for(&row.key, WorkerState::NotLoaded);
            if let Some(ix) = ix {
                self.note_worker_state(ix, state);
            }
            let Some(tag) = ix.and_then(|ix| self.registry.hold_tag(ix, row.kind, row.tag.clone())) else { continue };
            if !row.key.partition().is_private() {
                self.registry.restore(tag, SyncRegistration::from_stored(&row, self.time.now()));
            }
            self.take_up_row(tag, sequence);
            if numbered.anew {
                // Under its new number it is written, and under the old one only what has that number now.
                self.journal.note_too(in_store, tag);
                self.journal.note(sequence, tag);
                self.write_lazily();
            }
        }
    }

    fn take_up_rows(&mut self, intake: &Intake, states: &HashMap<RegistrationKey, WorkerState>) {
        for ix in self.registry.workers_where(|_| true) {
            let Some(worker) = self.registry.worker(ix) else { continue };
            let state = states.get(worker.key()).copied().unwrap_or(WorkerState::NotLoaded);
            self.note_worker_state(ix, state);
        }
        for tag in intake.taken() {
            if let Some(sequence) = self.registry.registration(*tag).map(SyncRegistration::sequence) {
                self.take_up_row(*tag, sequence);
            }
        }
    }

    /// Goes on with a registration that is in its list, or says that it is not.
    fn take_up_row(&mut self, tag: TagId, sequence: Sequence) {
        let Some(ix) = self.registry.worker_of(tag) else { return };
        let orphan = self.registry.worker(ix).is_some_and(Worker::is_unregistered);
        let Some(registration) = self.registry.of_sequence(tag, sequence) else {
            return self.drop_row(ix, tag, sequence, orphan);
        };
        let is_run = self.registry.kind_of(tag).is_some_and(|kind| self.rules.params().runs(kind));
        let was_firing = is_run && registration.schedule().is_none() && registration.state().is_firing();
        if orphan || (was_firing && !self.resume_attempt(tag)) {
            self.registry.take(tag);
            return self.drop_row(ix, tag, sequence, orphan);
        }
        self.count_registration(tag, 1);
        #[cfg(feature = "periodic")]
        if is_run {
            self.take_up_periodic(tag);
        }
        if was_firing {
            // Its series and its wait are others now.
            self.dirty(tag, sequence, false);
        }
        self.place(tag, false);
    }

    /// A row of which nothing comes is taken out of the store.
    fn drop_row(&mut self, ix: WorkerIx, tag: TagId, sequence: Sequence, orphan: bool) {
        self.journal.note(sequence, tag);
        self.write_lazily();
        // I12: what was in a private partition is not spoken of.
        if orphan && self.registry.worker(ix).is_some_and(|worker| !worker.is_private()) {
            let status = vec![Detail::Status(Status::Removed(RemovalReason::Unregistered))];
            self.report(tag, Some(sequence), EventName::SyncCompleted, status);
        }
        self.look_again(tag);
        self.forget_worker_later(ix);
    }

    fn report_loaded(&mut self, count: usize, lost: u64, origins: &[OriginFacts]) {
        for facts in origins {
            self.note_windows(facts.partition, &facts.origin, facts.windows);
            #[cfg(feature = "periodic")]
            {
                self.engagement_changed(facts.partition, &facts.origin, facts.engagement);
                self.pause_changed(facts.partition, &facts.origin, facts.paused);
            }
        }
        let all = self.origins.all();
        for ix in &all {
            if let Some(origin) = self.origins.get_mut(*ix) {
                origin.spread_anew();
            }
        }
        let metadata = vec![Detail::Count(count as u64), Detail::Lost(lost)];
        self.report_general(EventName::StoreLoaded, metadata);
        for ix in all {
            self.forget_origin(ix);
        }
        #[cfg(feature = "periodic")]
        self.forget_availability_of_nobody();
    }

    /// A permission that was taken away, or a switch that was moved, while nobody told us: no worker of such an origin
    /// is started.
    fn remove_what_is_not_allowed(&mut self, origins: &[OriginFacts]) {
        for facts in origins {
            let Some(ix) = self.origins.find(facts.partition, &facts.origin) else { continue };
            for kind in SyncKind::ALL {
                let why = match facts.switch.of(kind) {
                    UserSwitch::Off => Some(Removal::SwitchedOff),
                    UserSwitch::On => (!kind.is_allowed(*facts.permission.of(kind))).then_some(Removal::Revoked),
                };
                if let Some(why) = why {
                    self.remove_origin(ix, kind, why);
                }
            }
        }
    }

    /// `of_rows` is the running time at which the last row was registered: what the profile's record says may be
    /// older, or be lost.
    fn resume_profile(&mut self, profile: Option<StoredProfile>, next: Sequence, of_rows: Duration) {
        let written = profile.as_ref().map_or(Duration::ZERO, |profile| profile.running);
        let periodic = profile.as_ref().map_or(&[][..], |profile| &profile.periodic);
        self.around.restore_periodic(periodic, self.time.wall(), self.rules.params());
        self.journal.resume(next, written);
        self.time.resume_running(written.max(of_rows));
        self.around.set_secret(profile.map_or_else(|| self.rules.secret(), |profile| profile.network_secret));
    }

    /// An attempt was running, or about to, when the process died. `false` when that was the end.
    fn resume_attempt(&mut self, tag: TagId) -> bool {
        let now = self.time.now();
        let Some(registration) = self.registry.registration(tag) else { return false };
        let (sequence, series) = (registration.sequence(), registration.series());
        let RegistrationState::Firing { last_chance } = registration.state() else { return true };
        if last_chance {
            // I6: it counts as told, so nothing follows.
            let status = vec![Detail::Status(Status::Removed(RemovalReason::ProcessDied))];
            self.report(tag, Some(sequence), EventName::SyncCompleted, status);
            return false;
        }
        // I5: free a few times, so that no crash loop goes on for ever.
        let charge = self.rules.params().charge(series, true);
        let delay = match charge {
            Charge::Free => Duration::ZERO,
            Charge::Charged => self.rules.back_off(series.attempts.saturating_add(1)),
        };
        if let Some(registration) = self.registry.registration_mut(tag) {
            registration.resume_after_crash(charge, Wait::starting(now, delay));
        }
        let metadata = vec![
            Detail::FailureReason(FailureReason::ProcessDied),
            Detail::NextAttemptDelay(delay),
            Detail::Charge(charge),
        ];
        self.report(tag, Some(sequence), EventName::SyncEventFailed, metadata);
        true
    }

    /// The store could not be read: nobody waits for ever, and it is tried again.
    pub(in crate::machine) fn load_failed(&mut self) {
        let now = self.time.monotonic();
        self.forget_rows();
        let Phase::Loading(loading) = &mut self.phase else { return };
        loading.failed(now);
        for request in loading.waiting().take_those_that_give_up() {
            self.reject(&request, Unavailable::Store);
        }
        self.report_general(EventName::StoreFailed, Vec::new());
    }
}
