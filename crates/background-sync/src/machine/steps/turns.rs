//! Who starts next: origins take turns, within each the first registration goes first.

use std::time::Duration;

#[cfg(feature = "periodic")]
use background_sync_policy::SyncKind;
use background_sync_registration::{NetworkIdentity, TagId};
use background_sync_scheduler::OriginReach;

use crate::machine::Machine;
use crate::machine::parts::attempts::{AttemptPhase, Subject};
use crate::machine::parts::origins::{Lane, OriginIx};
use crate::machine::parts::time::Timer;
use crate::{AttemptId, Ignored, Output};

impl Machine {
    /// Starts what may start. Looks at nothing that is not ready.
    pub(in crate::machine) fn take_turns(&mut self) {
        while self.phase.is_running() && self.general_holds().is_empty() {
            let Some(lane) = self.origins.next_turn() else { return };
            self.take_turn(lane);
        }
    }

    /// One start for this lane, if nothing holds it. Whatever does lets it join again later. The first registration
    /// decides for those behind it, so that none of them overtakes it.
    fn take_turn(&mut self, lane: Lane) {
        let ix = lane.origin;
        let Some(first) = self.places.first_ready(lane, self.registry.lists()) else { return };
        let Some(origin) = self.origins.get(ix) else { return };
        let holds = self.origin_holds(lane, origin);
        if holds.full || holds.store.is_some() {
            return;
        }
        let spread =
            if origin.needs_spread(self.around.link_epoch()) { self.draw_spread(lane.origin) } else { holds.spread };
        if let Some(until) = spread {
            return self.time.set(Timer::Lane(lane), until);
        }
        if let Some(wait) = holds.budget {
            self.time.set_in(Timer::Lane(lane), wait);
            return self.file_for_wake(lane);
        }
        if let Some(until) = holds.wake_up {
            self.time.set(Timer::Lane(lane), until);
            return self.file_for_wake(lane);
        }
        match holds.reach {
            OriginReach::Online => {
                self.start(first, ix);
                self.origins.join(lane);
            }
            OriginReach::Offline => {}
            OriginReach::Asked(again_at) if again_at > self.time.monotonic() => {
                self.time.set(Timer::Lane(lane), again_at);
            }
            OriginReach::Asked(_) | OriginReach::Unknown => self.ask_oracle(lane),
        }
    }

    /// After start-up and after a link came back, origins do not all start in one moment. Gives the moment, if it is
    /// still to come.
    fn draw_spread(&mut self, ix: OriginIx) -> Option<background_sync_registration::MonotonicTime> {
        let now = self.time.monotonic();
        let origin = self.origins.get_mut(ix)?;
        let params = self.rules.params();
        let most = params.longest_spread(origin.in_background(now, params.background_grace));
        // A wake-up has to see it happen: half of its time at most.
        let most = self.wake.time_left(now).map_or(most, |left| most.min(left / 2));
        let until = now.after(self.rules.up_to(most));
        origin.spread(self.around.link_epoch(), until);
        self.file_origin_for_wake(ix);
        Some(until).filter(|until| *until > now)
    }

    /// The oracle is asked about an origin only when it heads the queue, and again if it does not answer.
    fn ask_oracle(&mut self, lane: Lane) {
        let now = self.time.monotonic();
        let Some((origin, again_at)) = self.origins.ask(lane.origin, now) else { return };
        self.time.set(Timer::Lane(lane), again_at);
        self.out.emit(Output::AskNetwork { origin });
    }

    fn start(&mut self, tag: TagId, origin: OriginIx) {
        let Some(registration) = self.registry.registration(tag) else { return };
        let Some(worker) = self.registry.worker_of(tag) else { return };
        let private = self.origins.get(origin).is_some_and(|origin| origin.is_private());
        let Some(kind) = self.registry.kind_of(tag) else { return };
        let subject = Subject { worker, origin, kind, tag, sequence: registration.sequence(), private };
        let series = registration.series();
        let last_chance = self.is_last_chance(registration);
        let deadline = self.time.monotonic().after(self.rules.params().max_start_duration);
        let ask = self.around.must_ask(registration, self.rules.params().network_mode);
        let id = if ask {
            self.attempts.ask(subject, last_chance, self.around.here(), deadline)
        } else {
            self.attempts.start(subject, last_chance, deadline)
        };
        if let Some(activity) = self.registry.begin_activity(tag) {
            activity.attempt_begins(id);
        }
        let cap = self.rules.params().longest_event(kind, series, last_chance);
        self.book_start(id, subject, cap);
        #[cfg(feature = "periodic")]
        if kind == SyncKind::Periodic {
            self.periodic_start(subject);
        }
        self.time.set(Timer::Attempt(id), deadline);
        self.file(tag);
        // It takes a place of its origin, which holds the other kind too.
        self.file_origin_for_wake(origin);
        let Some(key) = self.registry.worker(worker).map(|worker| worker.key().clone()) else { return };
        if ask {
            self.out.emit(Output::AskUser { attempt: id, key });
        } else {
            // The worker starts while the attempt is being written.
            self.out.emit(Output::Start { attempt: id, key, kind });
            self.dirty(tag, subject.sequence, true);
        }
    }

    /// I13: a start that has to be paid for takes from the day's budget beforehand.
    fn book_start(&mut self, id: AttemptId, subject: Subject, cap: Duration) {
        let (now, params) = (self.time.now(), self.rules.params());
        let Some(origin) = self.origins.get_mut(subject.origin) else { return };
        if origin.pays(subject.kind, now.monotonic, params) {
            let allowed = params.day_allowance(subject.kind);
            let ticket = origin.budget_mut(subject.kind).book_next(now.wall, cap, allowed);
            self.attempts.book(id, ticket);
            self.budget_changed(subject.origin);
        }
    }

    /// The user's answer about another network.
    pub(in crate::machine) fn answered(&mut self, id: AttemptId, yes: bool) {
        let here = self.around.here();
        let asking = self.attempts.get(id).map(|attempt| (attempt.subject(), attempt.phase()));
        let Some((subject, AttemptPhase::AskingUser { about, .. })) = asking else {
            return self.ignore(Ignored::NobodyAsked);
        };
        let about: Option<NetworkIdentity> = *about;
        if !yes && let Some(activity) = self.registry.activity_mut(subject.tag) {
            activity.decline(about);
        }
        // The answer is about the network that was up when it was asked for.
        if !yes || about != here {
            return self.release(id);
        }
        let deadline = self.time.monotonic().after(self.rules.params().max_start_duration);
        self.attempts.agreed(id, deadline);
        self.time.set(Timer::Attempt(id), deadline);
        if self.registry.of_sequence(subject.tag, subject.sequence).is_some()
            && let Some(registration) = self.registry.registration_mut(subject.tag)
        {
            registration.set_network(here);
        }
        let Some(key) = self.registry.worker(subject.worker).map(|worker| worker.key().clone()) else { return };
        self.out.emit(Output::Start { attempt: id, key, kind: subject.kind });
        self.dirty(subject.tag, subject.sequence, true);
    }
}
