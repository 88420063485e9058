//! Taking up what a previous session left.

use std::collections::HashMap;
use std::time::Duration;

use background_sync_policy::RegistrationKey;
use background_sync_registration::{
    Charge, RegistrationState, Sequence, StoredRegistration, SyncRegistration, Tag, TagId, Wait,
};

use crate::input::Unavailable;
use crate::machine::Machine;
use crate::machine::parts::Phase;
use crate::machine::parts::outbox::About;
use crate::machine::steps::numbered::Numbered;
use crate::{EventName, Input, Loaded, MetadataName, StoredProfile, WorkerState};

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

    pub(in crate::machine) fn notice_while_loading(&mut self, notice: Input) {
        let now = self.time.wall();
        if let Phase::Loading(loading) = &mut self.phase {
            loading.waiting().push_notice(now, notice);
        }
    }

    pub(in crate::machine) fn loaded(&mut self, loaded: Loaded) {
        let Phase::Loading(loading) = std::mem::replace(&mut self.phase, Phase::Running) else { return };
        let states: HashMap<_, _> = loaded.worker_states.into_iter().collect();
        let mut registrations = loaded.registrations;
        registrations.sort_by_key(|stored| stored.sequence);
        let numbered = Numbered::of(&registrations, loaded.profile.map(|profile| profile.next_sequence));
        self.resume_profile(loaded.profile, numbered.next);
        for stored in loaded.budgets.iter().filter(|stored| !stored.partition.is_private()) {
            let ix = self.origin_for(stored.partition, &stored.origin);
            if let Some(origin) = ix.and_then(|ix| self.origins.get_mut(ix)) {
                origin.restore_budget(stored, self.time.wall());
            }
        }
        let count = registrations.len();
        self.registry.reserve(count);
        for (mut stored, sequence) in registrations.into_iter().zip(numbered.numbers) {
            let state = states.get(&stored.key).copied().unwrap_or(WorkerState::NotLoaded);
            let in_store = std::mem::replace(&mut stored.sequence, sequence);
            let tag = self.restore(&stored, state);
            if let (true, Some(tag)) = (numbered.anew, tag) {
                // Under its new number it is written, and under the old one only what has that number now.
                self.journal.note_too(in_store, tag);
                self.journal.note(sequence, tag);
                self.write_lazily();
            }
        }
        for (partition, origin, windows) in loaded.windows {
            self.note_windows(partition, &origin, windows);
        }
        let all = self.origins.all();
        for ix in &all {
            if let Some(origin) = self.origins.get_mut(*ix) {
                origin.spread_anew();
            }
        }
        let metadata = vec![(MetadataName::Count, count.to_string()), (MetadataName::Lost, loaded.lost.to_string())];
        self.report_general(EventName::StoreLoaded, metadata);
        for ix in all {
            self.forget_origin(ix);
        }
        for (said_at, input) in loading.into_waiting().into_inputs() {
            self.route_running(input, said_at);
        }
    }

    fn resume_profile(&mut self, profile: Option<StoredProfile>, next: Sequence) {
        self.journal.numbers().resume(next);
        let secret = match profile {
            Some(profile) => {
                self.time.resume_running(profile.running);
                profile.network_secret
            }
            None => self.rules.secret(),
        };
        self.around.set_secret(secret);
    }

    fn restore(&mut self, stored: &StoredRegistration, state: WorkerState) -> Option<TagId> {
        let (key, name, sequence) = (&stored.key, &stored.tag, stored.sequence);
        let orphan = match state {
            WorkerState::NoSuchRegistration => true,
            WorkerState::NotLoaded | WorkerState::None | WorkerState::Activating | WorkerState::Active => false,
        };
        let ix = self.worker_for(key, state)?;
        let mut registration = SyncRegistration::from_stored(stored, self.time.now());
        let possible = !key.partition().is_private();
        let was_firing = registration.state().is_firing();
        let kept = !orphan && possible && self.resume_attempt(&mut registration, key, name);
        let tag = self.registry.hold_tag(ix, name)?;
        if kept && self.registry.restore(tag, registration) {
            self.count_registration(tag, 1);
            if was_firing {
                // Its series and its wait are others now.
                self.dirty(tag, sequence, false);
            }
            self.file(tag);
        } else {
            // A private one, which should never have been there, is taken out as well.
            self.journal.note(sequence, tag);
            self.write_lazily();
            if orphan {
                let status = vec![(MetadataName::Status, "unregistered".to_owned())];
                self.report(tag, Some(sequence), EventName::SyncCompleted, status);
            }
            self.look_again(tag);
        }
        self.forget_worker_later(ix);
        Some(tag)
    }

    /// An attempt was running, or about to, when the process died. `false` when that was the end.
    fn resume_attempt(&mut self, registration: &mut SyncRegistration, key: &RegistrationKey, tag: &Tag) -> bool {
        let RegistrationState::Firing { last_chance } = registration.state() else { return true };
        let about = About { key, tag, instance: Some(registration.sequence()) };
        let now = self.time.now();
        if last_chance {
            // I6: it counts as told, so nothing follows.
            let status = vec![(MetadataName::Status, "the process died in the last attempt".to_owned())];
            self.out.report(now.wall, about, EventName::SyncCompleted, status);
            return false;
        }
        // I5: free a few times, so that no crash loop goes on for ever.
        let charge = self.rules.params().charge(registration.series(), true);
        let delay = match charge {
            Charge::Free => Duration::ZERO,
            Charge::Charged => self.rules.back_off(registration.series().attempts.saturating_add(1)),
        };
        registration.resume_after_crash(charge, Wait::starting(now, delay));
        let metadata = vec![
            (MetadataName::FailureReason, "the process died".to_owned()),
            (MetadataName::NextAttemptDelay, delay.as_millis().to_string()),
            (MetadataName::Charge, format!("{charge:?}")),
        ];
        self.out.report(now.wall, about, EventName::SyncEventFailed, metadata);
        true
    }

    /// The store could not be read: nobody waits for ever, and it is tried again.
    pub(in crate::machine) fn load_failed(&mut self) {
        let now = self.time.monotonic();
        let Phase::Loading(loading) = &mut self.phase else { return };
        loading.failed(now);
        for request in loading.waiting().take_those_that_give_up() {
            self.reject(&request, Unavailable::Store);
        }
        self.report_general(EventName::StoreFailed, Vec::new());
    }
}
