use crate::agent::{Agent, Event};
use crate::one_shot::OneShotState;
use crate::{Kind, Op, Replied, State, Tag, WorkerId};

/// What always holds, and how it is known that there was a chance for it not to.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// As the chapter *design* has it.
    pub name: &'static str,
    /// What it is about.
    pub always: &'static str,
    /// What makes it more than words.
    pub sometimes: Twin,
}

/// The other side of what always holds.
#[derive(Clone, Copy, Debug)]
pub enum Twin {
    /// This has to happen somewhere, or the invariant was not tried.
    Happens(&'static str, fn(&Step, &Agent) -> bool),
    /// It cannot be broken in so small a world: why.
    Cannot(&'static str),
}

/// Something that happened to both sides, which agreed.
#[derive(Debug)]
pub struct Step {
    pub(super) before: Agent,
    pub(super) op: Op,
    pub(super) replied: Option<Replied>,
    /// The machine is one that was told the same as another.
    pub(super) told_again: bool,
}

const fn of(name: &'static str, always: &'static str, sometimes: Twin) -> Invariant {
    Invariant { name, always, sometimes }
}

/// I1 to I17.
pub const INVARIANTS: [Invariant; 17] = [
    of(
        "I1",
        "nothing is registered without a window, a worker and the permission",
        Twin::Happens("a call is refused for want of a window", |step, _| {
            step.replied == Some(Replied::Rejected("InvalidAccessError"))
        }),
    ),
    of(
        "I2",
        "a tag has one registration in a list and one event at a time",
        Twin::Happens("a registration waits for the end of the event of another one of its tag", |_, after| {
            let holds_one_up = |event: &&Event| !event.orphaned && !after.is_known(event) && is_pending(after, event);
            after.online && after.running.iter().any(|event| holds_one_up(&event))
        }),
    ),
    of(
        "I3",
        "what was acknowledged survives a crash",
        Twin::Happens("something is registered after a crash", |step, after| {
            step.op == Op::Crash && !after.seen().registered.is_empty()
        }),
    ),
    of(
        "I4",
        "no event is dispatched without a link",
        Twin::Happens("an event has waited for the link", |step, after| {
            step.op == Op::Online && after.running.len() > step.before.running.len()
        }),
    ),
    of(
        "I5",
        "an attempt is durable before its event",
        Twin::Happens("an attempt counts though the process died in it", |step, after| {
            step.op == Op::Crash && waiting(after) > waiting(&step.before)
        }),
    ),
    of(
        "I6",
        "lastChance is the truth",
        Twin::Happens("a last chance fails", |step, _| {
            let failed = matches!(step.op, Op::Settle { fulfilled: false, .. });
            failed && settled(step).is_some_and(|event| event.said.last_chance && step.before.is_known(event))
        }),
    ),
    of(
        "I7",
        "every request has one reply, and every attempt one end",
        Twin::Happens("an event ends whose registration is gone", |step, _| {
            settled(step).is_some_and(|event| !step.before.is_known(event))
        }),
    ),
    of(
        "I8",
        "an old back-off cannot end a newer one",
        Twin::Happens("a call ends a back-off before its time", |step, _| match step.op {
            Op::Register { worker, tag } => {
                step.replied == Some(Replied::Resolved) && state_of(&step.before, worker, tag) == Some(State::Waiting)
            }
            Op::RegisterPeriodic { .. }
            | Op::UnregisterPeriodic { .. }
            | Op::Online
            | Op::Offline
            | Op::Settle { .. }
            | Op::Windows { .. }
            | Op::Permission { .. }
            | Op::Switch { .. }
            | Op::Unregister { .. }
            | Op::Install { .. }
            | Op::Crash
            | Op::Pass { .. } => false,
        }),
    ),
    of(
        "I9",
        "what ends of another generation is ignored",
        Twin::Happens("an event ends whose tag has another registration by now", |step, _| {
            settled(step).is_some_and(|event| !step.before.is_known(event) && is_pending(&step.before, event))
        }),
    ),
    of(
        "I10",
        "everything is bounded, and what is registered may be registered again",
        Twin::Happens("a tag that is pending is registered again", |step, _| match step.op {
            Op::Register { worker, tag } => {
                step.replied == Some(Replied::Resolved) && state_of(&step.before, worker, tag) == Some(State::Pending)
            }
            Op::RegisterPeriodic { .. }
            | Op::UnregisterPeriodic { .. }
            | Op::Online
            | Op::Offline
            | Op::Settle { .. }
            | Op::Windows { .. }
            | Op::Permission { .. }
            | Op::Switch { .. }
            | Op::Unregister { .. }
            | Op::Install { .. }
            | Op::Crash
            | Op::Pass { .. } => false,
        }),
    ),
    of("I11", "a failed commit fails what is in it", Twin::Cannot("this store never fails")),
    of("I12", "what is private is not stored", Twin::Cannot("both workers are of the profile")),
    of(
        "I13",
        "an origin without a window has a budget",
        Twin::Cannot("budgets are without end here, as the texts know none"),
    ),
    of(
        "I14",
        "the same is said to the same",
        Twin::Happens("a machine has lived through what another one did", |step, _| step.told_again),
    ),
    of(
        "I15",
        "what can fire fires",
        Twin::Happens("several events begin at once", |step, after| {
            after.running.len() > step.before.running.len() + 1
        }),
    ),
    of("I16", "the device is not woken in vain", Twin::Cannot("nobody wakes this device, it never sleeps")),
    of("I17", "an origin has shares", Twin::Cannot("nothing is near its share after so few calls")),
];

/// The event that the operation ends.
fn settled(step: &Step) -> Option<&Event> {
    let Op::Settle { nth, .. } = step.op else { return None };
    step.before.nth_running(nth)
}

/// The list of the event has a pending registration of its tag.
fn is_pending(agent: &Agent, event: &Event) -> bool {
    let said = event.said;
    let pending = |(worker, kind, tag, state): &(WorkerId, Kind, Tag, State)| {
        (*worker, *kind, *tag, *state) == (said.worker, said.kind, said.tag, State::Pending)
    };
    agent.seen().registered.iter().any(pending)
}

fn state_of(agent: &Agent, worker: WorkerId, tag: Tag) -> Option<State> {
    agent.workers[worker.0].one_shot.iter().find(|it| it.tag == tag).map(|it| it.state.name())
}

fn waiting(agent: &Agent) -> usize {
    let one_shot = agent.workers.iter().flat_map(|worker| &worker.one_shot);
    one_shot.filter(|it| matches!(it.state, OneShotState::Waiting { .. })).count()
}
