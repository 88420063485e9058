//! Taking up what a previous session left.

use std::collections::HashMap;
use std::time::Duration;

use background_sync_policy::RegistrationKey;
use background_sync_registration::{Charge, RegistrationState, Sequence, StoredRegistration, SyncRegistration, Wait};
use background_sync_scheduler::Budget;

use super::Machine;
use super::log::About;
use super::state::{Phase, WorkerIx};
use crate::input::Unavailable;
use crate::{EventName, Input, Loaded, MetadataName, WorkerState};

/// No profile lives long enough to count this far. Where a number like this is found, all are given anew, or the
/// next ones would have nowhere to go.
const FAR: Sequence = Sequence(1 << 61);

impl Machine {
    /// A request waits for the store, if its queue and its origin's share of that have room.
    pub(super) fn request_while_loading(&mut self, request: Input) {
        let now = self.wall();
        let Phase::Loading { waiting, .. } = &mut self.phase else { return };
        let Some(key) = request.key_of_request().cloned() else { return };
        let of_origin = waiting.requests_of(key.partition(), key.origin());
        if waiting.requests() < self.params.max_queued_requests
            && of_origin < self.params.max_queued_requests_per_origin
        {
            waiting.push_request(now, &key, request);
        } else {
            self.reject(&request, Unavailable::QueueFull);
        }
    }

    pub(super) fn notice_while_loading(&mut self, notice: Input) {
        let now = self.wall();
        if let Phase::Loading { waiting, .. } = &mut self.phase {
            waiting.push_notice(now, notice);
        }
    }

    /// Some of what the store holds.
    pub(super) fn rows(&mut self, more: Vec<StoredRegistration>) {
        if let Phase::Loading { rows, .. } = &mut self.phase {
            rows.extend(more);
        }
    }

    pub(super) fn loaded(&mut self, loaded: Loaded) {
        let Phase::Loading { waiting, rows, .. } = std::mem::replace(&mut self.phase, Phase::Running) else { return };
        let states: HashMap<_, _> = loaded.worker_states.into_iter().collect();
        let mut registrations = rows;
        registrations.extend(loaded.registrations);
        registrations.sort_by_key(|stored| stored.sequence);
        let numbered = Numbered::of(&registrations, loaded.profile.map(|profile| profile.next_sequence));
        self.resume_profile(loaded.profile, numbered.next);
        for stored in &loaded.budgets {
            if !stored.partition.is_private() {
                let ix = self.origin_for(stored.partition, &stored.origin);
                let budget = Budget::restored(stored, self.wall());
                if let Some(origin) = self.origins.get_mut(&ix) {
                    origin.budget = budget;
                    origin.budget_stored = true;
                }
            }
        }
        let count = registrations.len();
        for (mut stored, sequence) in registrations.into_iter().zip(numbered.numbers) {
            let state = states.get(&stored.key).copied().unwrap_or(WorkerState::NotLoaded);
            let in_store = std::mem::replace(&mut stored.sequence, sequence);
            let (ix, tag) = (self.worker_for(&stored.key, state), stored.tag.clone());
            self.restore(ix, stored, state);
            if numbered.anew {
                // Under its new number it is written, and under the old one only what has that number now.
                self.journal.registrations.entry(in_store).or_insert_with(|| (ix, tag.clone()));
                self.journal.registrations.insert(sequence, (ix, tag));
                self.write_lazily();
            }
        }
        for (partition, origin, windows) in loaded.windows {
            self.note_windows(partition, &origin, windows);
        }
        for origin in self.origins.values_mut() {
            origin.spread_epoch = 0;
        }
        let metadata = vec![(MetadataName::Count, count.to_string()), (MetadataName::Lost, loaded.lost.to_string())];
        self.report_general(EventName::StoreLoaded, metadata);
        for ix in self.origins.keys().copied().collect::<Vec<_>>() {
            self.forget_origin(ix);
        }
        for (said_at, input) in waiting.into_inputs() {
            self.route_running(input, said_at);
        }
    }

    fn resume_profile(&mut self, profile: Option<crate::StoredProfile>, next: Sequence) {
        self.next_sequence = next;
        match profile {
            Some(profile) => {
                self.network_secret = profile.network_secret;
                self.clock.resume_running(profile.running);
            }
            None => self.network_secret = [self.jitter.next_u64(), self.jitter.next_u64()],
        }
        // What was reserved before may be used up: the first commit reserves anew.
        self.journal.reserved.0 = self.next_sequence.0.saturating_sub(1);
    }

    fn restore(&mut self, ix: WorkerIx, stored: StoredRegistration, state: WorkerState) {
        let (key, tag, sequence) = (stored.key.clone(), stored.tag.clone(), stored.sequence);
        let orphan = match state {
            WorkerState::NoSuchRegistration => true,
            WorkerState::NotLoaded | WorkerState::None | WorkerState::Activating | WorkerState::Active => false,
        };
        let mut registration = SyncRegistration::from_stored(stored, self.now());
        let possible = !key.partition().is_private();
        let was_firing = registration.state().is_firing();
        let kept = !orphan && possible && self.resume_attempt(&mut registration, &key);
        let restored = kept && self.workers.get_mut(&ix).is_some_and(|worker| worker.list.restore(registration));
        if restored {
            self.count_registration(ix, &tag, 1);
            if was_firing {
                // Its series and its wait are others now.
                self.dirty(ix, &tag, sequence, false);
            }
        } else {
            // A private one, which should never have been there, is taken out as well.
            self.journal.registrations.insert(sequence, (ix, tag.clone()));
            self.write_lazily();
            if orphan {
                let status = vec![(MetadataName::Status, "unregistered".to_owned())];
                self.report(About { key: &key, tag: &tag, instance: Some(sequence) }, EventName::SyncCompleted, status);
            }
        }
        self.place(ix, sequence);
        self.forget_worker_later(ix);
    }

    /// An attempt was running, or about to, when the process died. `false` when that was the end.
    fn resume_attempt(&mut self, registration: &mut SyncRegistration, key: &RegistrationKey) -> bool {
        let RegistrationState::Firing { last_chance } = *registration.state() else { return true };
        let about_tag = registration.tag().clone();
        let about = About { key, tag: &about_tag, instance: Some(registration.sequence()) };
        if last_chance {
            // I6: it counts as told, so nothing follows.
            let status = vec![(MetadataName::Status, "the process died in the last attempt".to_owned())];
            self.report(about, EventName::SyncCompleted, status);
            return false;
        }
        // I5: free a few times, so that no crash loop goes on for ever.
        let charge = self.params.charge(registration.series(), true);
        let delay = match charge {
            Charge::Free => Duration::ZERO,
            Charge::Charged => self.params.back_off(registration.series().attempts.saturating_add(1), &mut self.jitter),
        };
        registration.resume_after_crash(charge, Wait::starting(self.now(), delay));
        let metadata = vec![
            (MetadataName::FailureReason, "the process died".to_owned()),
            (MetadataName::NextAttemptDelay, delay.as_millis().to_string()),
            (MetadataName::Charge, format!("{charge:?}")),
        ];
        self.report(about, EventName::SyncEventFailed, metadata);
        true
    }

    /// The store could not be read: nobody waits for ever, and it is tried again.
    pub(super) fn load_failed(&mut self) {
        let now = self.monotonic();
        let Phase::Loading { waiting, rows, retry_at, failures } = &mut self.phase else { return };
        // The next load begins anew.
        rows.clear();
        *failures = failures.saturating_add(1);
        let delay =
            Duration::from_secs(2_u64.saturating_pow(failures.saturating_sub(1).min(6))).min(Duration::from_secs(60));
        *retry_at = Some(now.after(delay));
        for request in waiting.take_those_that_give_up() {
            self.reject(&request, Unavailable::Store);
        }
        self.report_general(EventName::StoreFailed, Vec::new());
    }
}

/// The numbers that records of the store go by from now on.
struct Numbered {
    /// Some of them are not the ones in the store.
    anew: bool,
    /// One for each record, in their order: its own, unless that is taken or far off.
    numbers: Vec<Sequence>,
    /// Larger than all of them, and than what was reserved.
    next: Sequence,
}

impl Numbered {
    /// `records` in the order of their numbers. A number that occurs twice goes to the first one, and the second
    /// gets a new one: it is another promise all the same.
    fn of(records: &[StoredRegistration], reserved: Option<Sequence>) -> Self {
        let last = records.last().map_or(Sequence(0), |record| record.sequence);
        if last >= FAR {
            let count = records.len() as u64;
            return Self { anew: true, numbers: (1..=count).map(Sequence).collect(), next: Sequence(count + 1) };
        }
        let reserved = reserved.filter(|reserved| *reserved < FAR);
        let mut next = Sequence(last.0 + 1).max(reserved.unwrap_or_default());
        let mut before = None;
        let numbers = records.iter().map(|record| {
            if before.replace(record.sequence) == Some(record.sequence) {
                let given = next;
                next.0 += 1;
                return given;
            }
            record.sequence
        });
        let numbers: Vec<_> = numbers.collect();
        let anew = numbers.iter().zip(records).any(|(number, record)| *number != record.sequence);
        Self { anew, numbers, next }
    }
}
