//! Taking up what a previous session left.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use background_sync_policy::RegistrationKey;
use background_sync_registration::{Charge, RegistrationState, Sequence, StoredRegistration, SyncRegistration, Wait};
use background_sync_scheduler::Budget;

use super::Machine;
use super::log::About;
use super::state::Phase;
use crate::input::Unavailable;
use crate::{EventName, Input, Loaded, MetadataName, WorkerState};

/// No profile lives long enough to count this far: a number like this is damage.
const IMPOSSIBLE: Sequence = Sequence(1 << 62);

impl Machine {
    pub(super) fn wait_for_load(&mut self, input: Input) {
        if let Phase::Loading { waiting, .. } = &mut self.phase {
            // The host says some things more than once; once is enough, and keeps this bounded.
            if let Input::ClientsChanged { partition, origin, .. } = &input {
                let same = |earlier: &Input| matches!(earlier, Input::ClientsChanged { partition: p, origin: o, .. } if p == partition && o == origin);
                waiting.retain(|earlier| !same(earlier));
            }
            if waiting.back() != Some(&input) {
                waiting.push_back(input);
            }
        }
    }

    /// Requests that wait for the store.
    pub(super) fn waiting_requests(&self) -> usize {
        match &self.phase {
            Phase::Loading { waiting, .. } => {
                waiting.iter().filter(|input| input.rejection(Unavailable::Store).is_some()).count()
            }
            Phase::Running | Phase::Stopping { .. } | Phase::Stopped => 0,
        }
    }

    pub(super) fn loaded(&mut self, loaded: Loaded) {
        let Phase::Loading { waiting, .. } = std::mem::replace(&mut self.phase, Phase::Running) else { return };
        let states: HashMap<_, _> = loaded.worker_states.into_iter().collect();
        self.resume_profile(loaded.profile, &loaded.registrations);
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
        let mut registrations = loaded.registrations;
        registrations.sort_by_key(|stored| stored.sequence);
        registrations.dedup_by_key(|stored| stored.sequence);
        let count = registrations.len();
        for stored in registrations {
            let state = states.get(&stored.key).copied().unwrap_or(WorkerState::NotLoaded);
            self.restore(stored, state);
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
        for input in waiting {
            self.route(input);
        }
    }

    fn resume_profile(&mut self, profile: Option<crate::StoredProfile>, registrations: &[StoredRegistration]) {
        let possible = registrations.iter().map(|stored| stored.sequence).filter(|sequence| *sequence < IMPOSSIBLE);
        let past_all = possible.map(|sequence| sequence.0.saturating_add(1)).max().unwrap_or(1);
        match profile {
            Some(profile) => {
                let reserved = Some(profile.next_sequence).filter(|next| *next < IMPOSSIBLE);
                self.next_sequence.0 = reserved.map_or(past_all, |next| next.0.max(past_all));
                self.network_secret = profile.network_secret;
                self.clock.resume_running(profile.running);
            }
            None => {
                self.next_sequence.0 = past_all;
                self.network_secret = [self.jitter.next_u64(), self.jitter.next_u64()];
            }
        }
        // What was reserved before may be used up: the first commit reserves anew.
        self.journal.reserved.0 = self.next_sequence.0.saturating_sub(1);
        if let Some(identity) = self.identity(self.connectivity.state()) {
            self.last_network = Some(identity);
        }
    }

    fn restore(&mut self, stored: StoredRegistration, state: WorkerState) {
        let (key, tag, sequence) = (stored.key.clone(), stored.tag.clone(), stored.sequence);
        let ix = self.worker_for(&key, state);
        let orphan = match state {
            WorkerState::NoSuchRegistration => true,
            WorkerState::NotLoaded | WorkerState::None | WorkerState::Activating | WorkerState::Active => false,
        };
        let mut registration = SyncRegistration::from_stored(stored, self.now());
        let possible = !key.partition().is_private() && sequence < IMPOSSIBLE;
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
            self.dirty(ix, &tag, sequence, false);
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
        let free = registration.series().free_in_a_row < self.params.max_free_outcomes;
        let charge = if free { Charge::Free } else { Charge::Charged };
        let attempts = registration.series().attempts.saturating_add(u32::from(!free));
        let delay = if free { Duration::ZERO } else { self.params.back_off(attempts, &mut self.jitter) };
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
        let Phase::Loading { waiting, retry_at, failures } = &mut self.phase else { return };
        *failures = failures.saturating_add(1);
        let delay =
            Duration::from_secs(2_u64.saturating_pow(failures.saturating_sub(1).min(6))).min(Duration::from_secs(60));
        *retry_at = Some(now.after(delay));
        // A cancellation is not forgotten, like everything else that takes registrations away.
        let gives_up = |input: &Input| match input {
            Input::Cancel { .. } => false,
            input => input.rejection(Unavailable::Store).is_some(),
        };
        let (requests, others): (VecDeque<_>, VecDeque<_>) = std::mem::take(waiting).into_iter().partition(gives_up);
        *waiting = others;
        for request in requests {
            self.reject(&request, Unavailable::Store);
        }
        self.report_general(EventName::StoreFailed, Vec::new());
    }
}
