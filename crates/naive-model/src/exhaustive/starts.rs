use crate::{Kind, Op, OriginId, WorkerId};

/// Where an exploration begins: what is far from an empty world would be out of its reach.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// What is so.
    pub name: &'static str,
    /// How it came to be.
    pub history: &'static [Op],
}

const FIRST: WorkerId = WorkerId(0);
const SECOND: WorkerId = WorkerId(2);
const FAILS: Op = Op::Settle { nth: 0, fulfilled: false };
const BACK_OFF: Op = Op::Pass { minutes: 59 };
const REVOKED: Op = Op::Permission { origin: OriginId(0), kind: Kind::OneShot, granted: false };
const GRANTED: Op = Op::Permission { origin: OriginId(0), kind: Kind::OneShot, granted: true };
const HALF_A_DAY: Op = Op::Pass { minutes: 13 * 60 };

/// All of them.
pub const STARTS: [Start; 8] = [
    Start { name: "nothing is registered", history: &[] },
    Start { name: "there is a link", history: &[Op::Online] },
    Start {
        name: "a last chance runs",
        history: &[Op::Online, Op::Register { worker: FIRST, tag: 0 }, FAILS, BACK_OFF, FAILS, BACK_OFF],
    },
    Start {
        name: "periodic events of both workers are due when the link comes",
        history: &[
            Op::RegisterPeriodic { worker: FIRST, tag: 0, hours: 1 },
            Op::RegisterPeriodic { worker: SECOND, tag: 0, hours: 1 },
            HALF_A_DAY,
        ],
    },
    Start { name: "a back-off runs", history: &[Op::Online, Op::Register { worker: FIRST, tag: 0 }, FAILS] },
    Start {
        name: "an event runs whose registration is gone",
        history: &[Op::Online, Op::Register { worker: FIRST, tag: 0 }, REVOKED, GRANTED],
    },
    Start {
        name: "an event runs whose worker was made anew",
        history: &[
            Op::Online,
            Op::Register { worker: FIRST, tag: 0 },
            Op::Unregister { worker: FIRST },
            Op::Install { worker: FIRST },
        ],
    },
    Start {
        name: "a periodic event failed and a one-shot one runs beside it",
        history: &[
            Op::RegisterPeriodic { worker: FIRST, tag: 0, hours: 1 },
            HALF_A_DAY,
            Op::Online,
            FAILS,
            Op::Register { worker: SECOND, tag: 1 },
        ],
    },
];
