//! What the network oracle says.

use background_sync_policy::{Origin, Partition, PartitionId};
use background_sync_registration::Wait;
use background_sync_scheduler::{Change, NetworkMode, NetworkState};

use super::Machine;
use super::log::About;
use super::state::{OriginIx, OriginNetwork, Timer};
use crate::{EventName, NetworkSubject};

impl Machine {
    pub(super) fn network_changed(&mut self, subject: NetworkSubject, state: NetworkState, epoch: u64) {
        self.latest_notice = self.latest_notice.max(epoch);
        match subject {
            NetworkSubject::All => self.general_network_changed(state, epoch),
            NetworkSubject::Origin(_) if epoch < self.connectivity.epoch() => {}
            NetworkSubject::Origin(origin) => self.origin_network_changed(&origin, &state, epoch),
        }
    }

    fn general_network_changed(&mut self, state: NetworkState, epoch: u64) {
        let now = self.monotonic();
        if epoch < self.connectivity.epoch() {
            return;
        }
        let change = self.connectivity.notice(state, epoch, now, &self.params);
        if let Some(id) = self.connectivity.state().network_id() {
            self.last_network = Some(id.clone());
        }
        match change {
            Change::Nothing | Change::StillOffline => {}
            // The oracle's first word in this session: nothing came back that anybody saw go.
            Change::FirstOnline => {
                self.link_epoch += 1;
                self.wake.came_online();
            }
            // sync.online: the link is up; everything pending may fire.
            Change::CameOnline => {
                self.link_epoch += 1;
                self.wake.came_online();
                if let Some(until) = self.connectivity.held_until(now) {
                    self.timers.set(Timer::NetworkHold, until);
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
                self.timers.cancel(Timer::NetworkHold);
                self.interrupt_running();
            }
        }
        if change != Change::Nothing {
            self.stats.network_changes += 1;
        }
        self.ask_origins_again();
    }

    /// What was said about single origins is void: the general state is another one.
    fn ask_origins_again(&mut self) {
        for ix in self.origins.keys().copied().collect::<Vec<_>>() {
            if let Some(origin) = self.origins.get_mut(&ix) {
                origin.network = OriginNetwork::NotAsked;
            }
            self.place_network_bound(ix);
            self.place_for_wake(ix);
            self.recheck_origin(ix);
        }
    }

    /// Which network it is matters to some registrations.
    fn place_network_bound(&mut self, ix: OriginIx) {
        let Some(origin) = self.origins.get(&ix) else { return };
        match self.params.network_mode {
            NetworkMode::Any if origin.elsewhere.is_empty() => {}
            NetworkMode::Any | NetworkMode::Same | NetworkMode::AskOnChange => {
                for (sequence, worker) in origin.network_bound() {
                    self.place(worker, sequence);
                }
            }
        }
    }

    /// The link came back, or is another one: per origin a few back-offs end early, the first
    /// registrations' first. An early end of the wait that sync.fire.5.3.2.1 leaves to us.
    fn retry_early(&mut self) {
        let (now, both, refire) = (self.monotonic(), self.now(), self.params.min_refire_spacing);
        for ix in self.origins.keys().copied().collect::<Vec<_>>() {
            let Some(origin) = self.origins.get_mut(&ix) else { continue };
            let mut early = Vec::new();
            for (sequence, worker) in &origin.waiting {
                if !origin.early.take(self.params.early_retries_per_hour, now) {
                    break;
                }
                early.push((*worker, *sequence));
            }
            for (worker_ix, sequence) in early {
                let Some(worker) = self.workers.get_mut(&worker_ix) else { continue };
                let key = worker.key.clone();
                let Some(registration) = worker.list.get_by_sequence_mut(sequence) else { continue };
                let tag = registration.tag().clone();
                let spacing = registration.last_attempt_ended().and_then(|ended| Wait::since(ended, refire, both));
                if registration.end_wait_early(spacing) {
                    let about = About { key: &key, tag: &tag, instance: Some(sequence) };
                    self.report(about, EventName::SyncRetriedEarly, Vec::new());
                    self.place(worker_ix, sequence);
                }
            }
        }
    }

    /// The answer about one origin; it holds in every partition.
    fn origin_network_changed(&mut self, origin: &Origin, state: &NetworkState, epoch: u64) {
        let general_epoch = self.connectivity.epoch();
        let online = state.is_online();
        for ix in self.partitions_of(origin) {
            let Some(state) = self.origins.get_mut(&ix) else { continue };
            if epoch < state.network_epoch {
                // It is late, and says nothing.
                continue;
            }
            state.network_epoch = epoch;
            let ready = !state.ready.is_empty();
            let asked = matches!(state.network, OriginNetwork::Asked { .. });
            let answered = OriginNetwork::Answered { online, general_epoch };
            if std::mem::replace(&mut state.network, answered) != answered && !asked && online {
                self.wake.came_online();
            }
            if !online {
                self.interrupt_running_of(ix);
            } else if asked && ready {
                self.rotation.rejoin_at_head(ix);
            } else {
                self.recheck_origin(ix);
            }
            self.place_for_wake(ix);
        }
    }

    fn partitions_of(&self, origin: &Origin) -> Vec<OriginIx> {
        let first = (origin.clone(), Partition::Profile(PartitionId(0)));
        let last = (origin.clone(), Partition::Private(PartitionId(u64::MAX)));
        self.origin_by_name.range(first..=last).map(|(_, ix)| *ix).collect()
    }

    /// Its spread has ended, or its budget has room again.
    pub(super) fn origin_may_go_on(&mut self, ix: OriginIx) {
        self.place_for_wake(ix);
        self.recheck_origin(ix);
    }

    /// An origin may have a reason less to wait: let it line up again.
    pub(super) fn recheck_origin(&mut self, ix: OriginIx) {
        if self.origins.get(&ix).is_some_and(|origin| !origin.ready.is_empty()) {
            self.rotation.join(ix);
        }
    }

    pub(super) fn recheck_all_origins(&mut self) {
        for ix in self.origins.keys().copied().collect::<Vec<_>>() {
            self.recheck_origin(ix);
        }
    }
}
