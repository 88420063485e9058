//! The machine against the naive model: both live through one history, and are seen alike after every operation.

use arbitrary::{Result, Unstructured};
use background_sync_naive_model::{Agent, Kind, MachineUnderTest, Op, OriginId, TAGS, WORKERS, WorkerId};

/// A difference shows after few operations or not at all.
const MOST_OPS: usize = 40;

/// The workers that periodic calls are made at: the first of each origin.
const PERIODIC: [WorkerId; 2] = [WorkerId(0), WorkerId(2)];

/// Lives through the history that the bytes stand for.
///
/// # Panics
/// When a reply, or what can be seen after an operation, differs. The message has the history, as Rust.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let (mut agent, mut machine) = (Agent::new(), MachineUnderTest::new());
    let mut history = Vec::new();
    while history.len() < MOST_OPS && !bytes.is_empty() {
        let Ok(op) = op(&mut bytes) else { return };
        history.push(op);
        assert_eq!(agent.apply(op), machine.apply(op), "the reply to the last of {history:?}");
        assert_eq!(agent.seen(), machine.seen(), "after the last of {history:?}");
    }
}

fn op(bytes: &mut Unstructured<'_>) -> Result<Op> {
    Ok(match bytes.int_in_range(0..=23)? {
        0..=3 => Op::Register { worker: worker(bytes)?, tag: tag(bytes)? },
        4..=6 => Op::RegisterPeriodic {
            worker: *bytes.choose(&PERIODIC)?,
            tag: tag(bytes)?,
            hours: *bytes.choose(&[0, 1, 13, 24])?,
        },
        7 => Op::UnregisterPeriodic { worker: *bytes.choose(&PERIODIC)?, tag: tag(bytes)? },
        8..=9 => Op::Online,
        10 => Op::Offline,
        11..=14 => Op::Settle { nth: bytes.int_in_range(0..=7)?, fulfilled: bytes.arbitrary()? },
        15 => Op::Windows { origin: origin(bytes)?, open: bytes.arbitrary()? },
        16 => Op::Permission { origin: origin(bytes)?, kind: kind(bytes)?, granted: bytes.arbitrary()? },
        17 => Op::Switch { kind: kind(bytes)?, on: bytes.arbitrary()? },
        18 => Op::Unregister { worker: worker(bytes)? },
        19 => Op::Install { worker: worker(bytes)? },
        _ => Op::Pass { minutes: minutes(bytes)? },
    })
}

fn worker(bytes: &mut Unstructured<'_>) -> Result<WorkerId> {
    Ok(WorkerId(bytes.int_in_range(0..=WORKERS - 1)?))
}

fn tag(bytes: &mut Unstructured<'_>) -> Result<u8> {
    bytes.int_in_range(0..=TAGS - 1)
}

fn origin(bytes: &mut Unstructured<'_>) -> Result<OriginId> {
    bytes.choose(&OriginId::ALL).copied()
}

fn kind(bytes: &mut Unstructured<'_>) -> Result<Kind> {
    bytes.choose(&[Kind::OneShot, Kind::Periodic]).copied()
}

/// As long as waits are: none, a back-off, half a day, a day.
fn minutes(bytes: &mut Unstructured<'_>) -> Result<u16> {
    Ok(match bytes.int_in_range(0..=3)? {
        0 => bytes.int_in_range(0..=9)?,
        1 => bytes.int_in_range(50..=69)?,
        2 => bytes.int_in_range(600..=799)?,
        _ => bytes.int_in_range(1_400..=1_499)?,
    })
}
