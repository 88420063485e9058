//! What can happen next.

use crate::agent::Agent;
use crate::{Kind, Op, Tag, WorkerId};

/// The two workers, each of an origin of its own.
const WORKERS: [WorkerId; 2] = [WorkerId(0), WorkerId(2)];

/// The two tags. The interval of one is shorter than what is left between two events of an origin anyway, and that of the
/// other is longer.
const TAGS: [(Tag, u64); 2] = [(0, 1), (1, 13)];

const KINDS: [Kind; 2] = [Kind::OneShot, Kind::Periodic];

impl Agent {
    /// Everything that can happen in this state; what would be without any effect but the minute it takes is left out.
    pub(crate) fn possible(&self, into: &mut Vec<Op>) {
        into.clear();
        for worker in WORKERS {
            self.possible_at(worker, into);
        }
        into.push(if self.online { Op::Offline } else { Op::Online });
        for nth in 0..self.running.len() {
            into.extend([true, false].map(|fulfilled| Op::Settle { nth, fulfilled }));
        }
        into.extend(self.timer());
        into.push(Op::Crash);
    }

    fn possible_at(&self, worker: WorkerId, into: &mut Vec<Op>) {
        let (here, origin) = (&self.workers[worker.0], worker.origin());
        let around = &self.origins[origin.0];
        for (tag, hours) in TAGS {
            into.extend([Op::Register { worker, tag }, Op::RegisterPeriodic { worker, tag, hours }]);
            if here.periodic.iter().any(|it| it.tag == tag) {
                into.push(Op::UnregisterPeriodic { worker, tag });
            }
        }
        into.push(if here.active { Op::Unregister { worker } } else { Op::Install { worker } });
        into.push(Op::Windows { origin, open: !around.windows });
        for kind in KINDS {
            into.push(Op::Permission { origin, kind, granted: !around.granted[kind as usize] });
        }
    }
}
