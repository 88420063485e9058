//! What the network oracle says.

use std::time::Duration;

use background_sync_policy::Origin as OriginName;
use background_sync_registration::{TagId, Wait};
use background_sync_scheduler::{Change, NetworkCost, NetworkMode, NetworkState};

use crate::machine::Machine;
use crate::machine::parts::origins::OriginIx;
use crate::machine::parts::time::Timer;
use crate::{EventName, NetworkSubject};

impl Machine {
    pub(in crate::machine) fn network_changed(&mut self, subject: NetworkSubject, state: NetworkState, epoch: u64) {
        self.around.note_notice(epoch);
        match subject {
            NetworkSubject::All => self.general_network_changed(state, epoch),
            NetworkSubject::Origin(_) if epoch < self.around.link().epoch() => {}
            NetworkSubject::Origin(origin) => self.origin_network_changed(&origin, &state, epoch),
        }
    }

    fn general_network_changed(&mut self, state: NetworkState, epoch: u64) {
        let now = self.time.monotonic();
        let before = self.circumstances();
        let Some(change) = self.around.network(state, epoch, now, self.rules.params()) else { return };
        self.forget_own_costs();
        self.circumstances_changed(before);
        match change {
            Change::Nothing | Change::StillOffline => {}
            // The oracle's first word in this session: nothing came back that anybody saw go.
            Change::FirstOnline => self.wake.came_online(),
            // sync.online: the link is up; everything pending may fire.
            Change::CameOnline => {
                self.wake.came_online();
                if let Some(until) = self.around.link().held_until(now) {
                    self.time.set(Timer::NetworkHold, until);
                }
                if let Some(left) = self.wake.time_left(now) {
                    self.fit_hold_into(left / 2);
                }
                self.retry_early();
            }
            Change::OtherNetwork => {
                self.wake.came_online();
                self.retry_early();
            }
            Change::WentOffline => {
                self.time.cancel(Timer::NetworkHold);
                self.attempts.interrupt(|_| true);
            }
        }
        if change == Change::Nothing {
            return self.ask_about_parked_again();
        }
        self.out.network_changed();
        self.ask_origins_again();
    }

    /// The same again: whoever can go on does so already, but an origin that was refused, or was asked about, may be
    /// reached by now.
    fn ask_about_parked_again(&mut self) {
        let parked = self.origins.parked();
        self.out.visited_origins(parked.len());
        for ix in parked {
            self.origins.ask_again(ix);
            self.origin_may_go_on(ix);
        }
    }

    /// A link that is held for longer than a wake-up has would never see an event.
    pub(in crate::machine) fn fit_hold_into(&mut self, most: Duration) {
        if let Some(until) = self.around.hold_at_most(self.time.monotonic(), most) {
            self.time.set(Timer::NetworkHold, until);
        }
    }

    /// What was said about single origins is void: the general state is another one.
    fn ask_origins_again(&mut self) {
        let all = self.origins.all();
        self.out.visited_origins(all.len());
        for ix in all {
            self.origins.ask_again(ix);
            self.file_network_bound(ix);
            self.origin_may_go_on(ix);
        }
    }

    /// Which network it is matters to some registrations.
    fn file_network_bound(&mut self, ix: OriginIx) {
        match self.rules.params().network_mode {
            NetworkMode::Any if !self.places.any_elsewhere(ix) => {}
            NetworkMode::Any | NetworkMode::Same | NetworkMode::AskOnChange => {
                // What was due and waited for this network has to be judged for a turn.
                #[cfg(feature = "periodic")]
                self.origins.plan_later(ix);
                for tag in self.places.network_bound(ix, self.registry.lists()) {
                    self.file(tag);
                }
            }
        }
    }

    /// The link came back, or is another one: per origin a few back-offs end early, the first
    /// registrations' first. An early end of the wait that sync.fire.5.3.2.1 leaves to us.
    fn retry_early(&mut self) {
        let (now, per_hour) = (self.time.monotonic(), self.rules.params().early_retries_per_hour);
        for ix in self.origins.all() {
            let Some(origin) = self.origins.get_mut(ix) else { continue };
            let waiting = self.places.waiting(ix, self.registry.lists());
            let early: Vec<_> = waiting.take_while(|_| origin.take_early_retry(per_hour, now)).collect();
            for tag in early {
                self.end_wait_early(tag);
            }
        }
    }

    fn end_wait_early(&mut self, tag: TagId) {
        let (now, refire) = (self.time.now(), self.rules.params().min_refire_spacing);
        let Some(registration) = self.registry.registration_mut(tag) else { return };
        let ended = registration.last_attempt_ended();
        let spacing = ended.and_then(|ended| Wait::since(ended, refire, now));
        if registration.end_wait_early(spacing) {
            let sequence = registration.sequence();
            self.report(tag, Some(sequence), EventName::SyncRetriedEarly, Vec::new());
            self.file(tag);
        }
    }

    /// The answer about one origin; it holds in every partition.
    fn origin_network_changed(&mut self, name: &OriginName, state: &NetworkState, epoch: u64) {
        let general_epoch = self.around.link().epoch();
        for ix in self.origins.partitions_of(name) {
            let Some(answer) = self.origins.answered(ix, state, epoch, general_epoch) else { continue };
            self.note_cost(ix, NetworkCost::of(state));
            if answer.is_new && !answer.was_asked && answer.online {
                self.wake.came_online();
            }
            if !answer.online {
                self.attempts.interrupt(|subject| subject.origin == ix);
            } else if answer.was_asked && ix.lanes().into_iter().any(|lane| self.places.has_ready(lane)) {
                let ready = ix.lanes().into_iter().rev().filter(|lane| self.places.has_ready(*lane));
                ready.for_each(|lane| self.origins.rejoin_at_head(lane));
            } else {
                self.recheck_origin(ix);
            }
            self.file_origin_for_wake(ix);
        }
    }
}
