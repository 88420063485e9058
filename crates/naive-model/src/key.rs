//! Which states are the same.

use twox_hash::XxHash3_128;

use crate::agent::{Agent, Event};
use crate::choices::{ACROSS_ORIGINS, ANY_ORIGIN, PERIODIC_CAP};
use crate::one_shot::OneShotState;
use crate::{Kind, State};

/// There is no such moment.
const NEVER: u16 = u16::MAX;

impl Agent {
    /// What tells this state from others: two agents with the same key do the same for ever. There is no absolute time
    /// in it, only how much is left of what runs; what is over is over, however long. Registrations have no numbers but
    /// their places in the lists. A hash of 128 bits: no two of some millions share one.
    #[must_use]
    pub fn key(&self) -> u128 {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend([self.online, self.switched_on[0], self.switched_on[1]].map(u8::from));
        put(&mut bytes, self.left_after(self.last_pass, ACROSS_ORIGINS));
        for origin in &self.origins {
            bytes.extend([origin.windows, origin.granted[0], origin.granted[1]].map(u8::from));
            put(&mut bytes, self.left_after(origin.last_fire, ANY_ORIGIN));
            put(&mut bytes, self.left_after(origin.registered_since, ANY_ORIGIN));
            put(&mut bytes, self.left_after(origin.turn_ends, 0));
        }
        for worker in &self.workers {
            bytes.extend([u8::from(worker.active), worker.one_shot.len() as u8, worker.periodic.len() as u8]);
            for it in &worker.one_shot {
                bytes.extend([it.tag, state(it.state.name()), it.attempts as u8]);
                if let OneShotState::Waiting { until } = it.state {
                    put(&mut bytes, self.left(until));
                }
            }
            for it in &worker.periodic {
                bytes.extend([it.tag, state(it.state.name()), it.retry_count as u8]);
                put(&mut bytes, it.min_interval as u16);
                put(&mut bytes, self.left(it.anchor + it.min_interval));
                put(&mut bytes, self.left_after(it.retry_at, 0));
            }
        }
        self.put_running(&mut bytes);
        XxHash3_128::oneshot(&bytes)
    }

    /// In the order in which they can be seen, as they are settled by that.
    fn put_running(&self, bytes: &mut Vec<u8>) {
        let mut running: Vec<&Event> = self.running.iter().collect();
        running.sort_by_key(|event| event.said);
        for event in running {
            let said = &event.said;
            let flags =
                u8::from(said.last_chance) | u8::from(event.orphaned) << 1 | u8::from(self.is_known(event)) << 2;
            bytes.extend([said.worker.0 as u8, said.kind as u8, said.tag, flags]);
            if said.kind == Kind::Periodic {
                put(bytes, self.left(event.began + PERIODIC_CAP));
            }
        }
    }

    /// What it is about is still in its list.
    pub(crate) fn is_known(&self, event: &Event) -> bool {
        let worker = &self.workers[event.said.worker.0];
        match event.said.kind {
            Kind::OneShot => worker.one_shot.iter().any(|it| it.id == event.registration),
            Kind::Periodic => worker.periodic.iter().any(|it| it.id == event.registration),
        }
    }

    fn left_after(&self, since: Option<u64>, minutes: u64) -> u16 {
        since.map_or(NEVER, |at| self.left(at + minutes))
    }

    fn left(&self, until: u64) -> u16 {
        until.saturating_sub(self.now) as u16
    }
}

fn state(state: State) -> u8 {
    match state {
        State::Pending => 0,
        State::Waiting => 1,
        State::Firing => 2,
        State::ReregisteredWhileFiring => 3,
    }
}

fn put(bytes: &mut Vec<u8>, number: u16) {
    bytes.extend(number.to_le_bytes());
}
