//! When something may change by itself.

use crate::agent::Agent;
use crate::choices::{ACROSS_ORIGINS, ANY_ORIGIN, PERIODIC_CAP};
use crate::one_shot::OneShotState;
use crate::{Kind, Op};

impl Agent {
    /// The operation that lets time pass up to the next moment at which something may change, that moment included.
    /// `None` when nothing changes by itself.
    #[must_use]
    pub fn timer(&self) -> Option<Op> {
        // The last of the minutes is the one that every operation takes.
        let minutes = self.next_change()? - self.now - 1;
        u16::try_from(minutes).ok().map(|minutes| Op::Pass { minutes })
    }

    /// The next minute in which something may change; in those before nothing does.
    pub(crate) fn next_change(&self) -> Option<u64> {
        let one_shot = self.workers.iter().flat_map(|worker| &worker.one_shot).filter_map(|it| match it.state {
            OneShotState::Waiting { until } => Some(until),
            OneShotState::Pending | OneShotState::Firing | OneShotState::ReregisteredWhileFiring => None,
        });
        let periodic = self.workers.iter().flat_map(|worker| &worker.periodic);
        let intervals = periodic.clone().map(|it| it.anchor + it.min_interval);
        let retries = periodic.filter_map(|it| it.retry_at);
        let events = self.running.iter().filter(|event| event.said.kind == Kind::Periodic);
        let caps = events.map(|event| event.began + PERIODIC_CAP);
        let turns = self.origins.iter().filter_map(|origin| origin.turn_ends);
        let floors = self.origins.iter().flat_map(|origin| [origin.last_fire, origin.registered_since]).flatten();
        let floors = floors.map(|at| at + ANY_ORIGIN).chain(self.last_pass.map(|at| at + ACROSS_ORIGINS));
        let all = one_shot.chain(intervals).chain(retries).chain(caps).chain(turns).chain(floors);
        all.filter(|at| *at > self.now).min()
    }
}
