use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{INVARIANTS, States, Step, Twin};
use crate::{Agent, MachineUnderTest, Op};

/// From here on a subtree is walked by one thread.
const SHARED: usize = 2;

/// A history after which something is not as it must be, as short as there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What happened, to be done [again](replay).
    pub history: Vec<Op>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\nafter this, to be given to `replay`:\n[", self.what)?;
        self.history.iter().try_for_each(|op| writeln!(f, "    Op::{op:?},"))?;
        f.write_str("]")
    }
}

impl std::error::Error for Found {}

/// What an exploration came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Operations after which a machine was looked at.
    pub steps: usize,
    /// How often each [twin](super::Twin) was seen, in the order of [`INVARIANTS`].
    pub twins: [usize; INVARIANTS.len()],
}

impl Totals {
    fn look(&mut self, step: &Step, after: &Agent) {
        self.steps += 1;
        for (count, invariant) in self.twins.iter_mut().zip(INVARIANTS) {
            match invariant.sometimes {
                Twin::Happens(_, is_it) => *count += usize::from(is_it(step, after)),
                Twin::Cannot(_) => {}
            }
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.steps += other.steps;
        self.twins.iter_mut().zip(other.twins).for_each(|(mine, theirs)| *mine += theirs);
        self
    }
}

/// The transcription and a machine, in the same state.
struct Pair {
    agent: Agent,
    machine: MachineUnderTest,
    told_again: bool,
}

impl Pair {
    fn new() -> Self {
        Self { agent: Agent::new(), machine: MachineUnderTest::new(), told_again: false }
    }

    fn again(&self) -> Self {
        Self { agent: self.agent.clone(), machine: self.machine.again(), told_again: true }
    }

    /// Makes it happen to both.
    fn apply(&mut self, op: Op) -> Result<Step, String> {
        let before = self.agent.clone();
        let (expected, replied) = (self.agent.apply(op), self.machine.apply(op));
        if let Some(broken) = self.machine.broken() {
            return Err(broken.to_owned());
        }
        if expected != replied {
            return Err(format!("the reply to {op:?} is {replied:?}, and it should be {expected:?}"));
        }
        let (expected, seen) = (self.agent.seen(), self.machine.seen());
        if expected != seen {
            return Err(format!("there is\n{seen:?}\nand there should be\n{expected:?}"));
        }
        Ok(Step { before, op, replied, told_again: self.told_again })
    }
}

/// Lives through a history, and says what is wrong in it first.
///
/// # Errors
/// What is wrong, and after which of the operations.
pub fn replay(history: &[Op]) -> Result<(), Found> {
    let mut pair = Pair::new();
    for (at, op) in history.iter().enumerate() {
        pair.apply(*op).map_err(|what| Found { history: history[..=at].to_vec(), what })?;
    }
    Ok(())
}

/// Has machines do everything that is possible in each of the states but those of the last depth, and looks at them after
/// that: whether it leads to a state that is new or to one that was reached before, a machine has to follow.
///
/// # Errors
/// The shortest history after which something is wrong.
pub fn explore(states: &States, threads: usize) -> Result<Totals, Found> {
    let shared = Shared { states, next: AtomicUsize::new(0), first: Mutex::new(None) };
    let all = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(|| shared.work())).collect();
        running.into_iter().map(|thread| thread.join()).collect::<Result<Vec<Totals>, _>>()
    });
    let all = all.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    match shared.first.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((_, found)) => Err(found),
        None => Ok(all.into_iter().fold(Totals::default(), Totals::and)),
    }
}

/// Lives through a history.
fn live(history: &[Op], totals: &mut Totals) -> Result<Pair, Found> {
    let mut pair = Pair::new();
    for (at, op) in history.iter().enumerate() {
        let step = pair.apply(*op).map_err(|what| Found { history: history[..=at].to_vec(), what })?;
        totals.look(&step, &pair.agent);
    }
    Ok(pair)
}

/// What the threads share.
struct Shared<'a> {
    states: &'a States,
    /// The next of the states that nobody took yet.
    next: AtomicUsize,
    /// The first state, in their order, in which something goes wrong, and what.
    first: Mutex<Option<(usize, Found)>>,
}

impl Shared<'_> {
    /// Takes one state after the other of those near the starts, and the far ones of them with what follows.
    fn work(&self) -> Totals {
        let mut totals = Totals::default();
        let shared = self.states.at_depth(SHARED);
        loop {
            let node = self.next.fetch_add(1, Ordering::Relaxed);
            if node >= shared.end {
                return totals;
            }
            match live(&self.states.history(node), &mut totals) {
                Ok(pair) => self.walk(node, pair, shared.contains(&node), &mut totals),
                Err(found) => self.found(node, found),
            }
        }
    }

    /// Everything that can happen in a state, and in those below it. The machine itself does the last of it, and others
    /// like it the rest.
    fn walk(&self, node: usize, pair: Pair, and_below: bool, totals: &mut Totals) {
        if !self.states.is_expanded(node) || self.is_beyond_what_was_found(node) {
            return;
        }
        let (mut following, mut possible) = (self.states.following(node).peekable(), Vec::new());
        pair.agent.possible(&mut possible);
        let Some(last) = possible.pop() else { return };
        for op in possible {
            let below = following.next_if(|next| self.states.op(*next) == Some(op));
            self.step(node, op, pair.again(), below.filter(|_| and_below), totals);
        }
        let below = following.next_if(|next| self.states.op(*next) == Some(last));
        self.step(node, last, pair, below.filter(|_| and_below), totals);
    }

    fn step(&self, node: usize, op: Op, mut pair: Pair, below: Option<usize>, totals: &mut Totals) {
        match pair.apply(op) {
            Ok(step) => {
                totals.look(&step, &pair.agent);
                if let Some(below) = below {
                    self.walk(below, pair, true, totals);
                }
            }
            Err(what) => {
                let history = self.states.history(node).into_iter().chain([op]).collect();
                self.found(node, Found { history, what });
            }
        }
    }

    /// They are in the order of their depth, so nothing shorter comes of it.
    fn is_beyond_what_was_found(&self, node: usize) -> bool {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        first.as_ref().is_some_and(|(found, _)| *found <= node)
    }

    fn found(&self, node: usize, found: Found) {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(before, _)| node < *before) {
            *first = Some((node, found));
        }
    }
}
