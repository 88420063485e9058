use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::mem;

use rustc_hash::FxHasher;

use super::STARTS;
use crate::{Agent, Op};

/// Every state up to a depth, each with the shortest way to it: a tree.
#[derive(Debug)]
pub struct States {
    nodes: Vec<Node>,
    /// Where each depth begins.
    depths: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    /// What it was reached from, and how. Of a start it says which.
    from: u32,
    op: Option<Op>,
}

type Visited = HashSet<u128, BuildHasherDefault<FxHasher>>;

impl States {
    /// All that can be reached from the [starts](STARTS) in so many operations, in an order that is always the same.
    #[must_use]
    pub fn up_to(depth: usize) -> Self {
        let mut it = Self { nodes: Vec::new(), depths: vec![0] };
        let (mut visited, mut level) = (Visited::default(), Vec::new());
        for (from, start) in (0..).zip(STARTS) {
            let mut agent = Agent::new();
            for op in start.history {
                agent.apply(*op);
            }
            if visited.insert(agent.key()) {
                it.nodes.push(Node { from, op: None });
                level.push(agent);
            }
        }
        for left in (0..depth).rev() {
            level = it.another_step(&level, &mut visited, left > 0);
        }
        it
    }

    /// What follows on the last depth. The last agents of all are needed by nobody.
    fn another_step(&mut self, level: &[Agent], visited: &mut Visited, keep: bool) -> Vec<Agent> {
        let (mut next, mut possible) = (Vec::new(), Vec::new());
        let first = *self.depths.last().unwrap_or(&0);
        self.depths.push(self.nodes.len());
        for (at, agent) in level.iter().enumerate() {
            agent.possible(&mut possible);
            for op in possible.drain(..) {
                let mut after = agent.clone();
                after.apply(op);
                if visited.insert(after.key()) {
                    self.nodes.push(Node { from: number(first + at), op: Some(op) });
                    next.extend(keep.then_some(after));
                }
            }
        }
        next
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none; there always is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many there are at each depth.
    #[must_use]
    pub fn by_depth(&self) -> Vec<usize> {
        let ends = self.depths.iter().skip(1).copied().chain([self.nodes.len()]);
        self.depths.iter().zip(ends).map(|(begin, end)| end - begin).collect()
    }

    /// Those of a depth.
    pub(super) fn at_depth(&self, depth: usize) -> std::ops::Range<usize> {
        let end = |depth: usize| self.depths.get(depth).copied().unwrap_or(self.nodes.len());
        end(depth)..end(depth + 1)
    }

    /// Whether it is known what it leads to: of all but those of the last depth.
    pub(super) fn is_expanded(&self, node: usize) -> bool {
        self.depths.len() > 1 && self.depths.last().is_some_and(|last| node < *last)
    }

    /// The new ones that a state leads to, in the order of the operations: they are beside each other.
    pub(super) fn following(&self, node: usize) -> std::ops::Range<usize> {
        let depth = self.depths.partition_point(|begin| *begin <= node);
        let below = self.at_depth(depth);
        let nodes = &self.nodes[below.clone()];
        let begin = nodes.partition_point(|it| (it.from as usize) < node);
        let end = nodes.partition_point(|it| it.from as usize <= node);
        below.start + begin..below.start + end
    }

    /// What leads to it from the one before; `None` at a start.
    pub(super) fn op(&self, node: usize) -> Option<Op> {
        self.nodes[node].op
    }

    /// Everything that leads to it.
    #[must_use]
    pub fn history(&self, mut node: usize) -> Vec<Op> {
        let mut backwards = Vec::new();
        while let Some(op) = self.nodes[node].op {
            backwards.push(op);
            node = self.nodes[node].from as usize;
        }
        let start = STARTS[self.nodes[node].from as usize].history.iter().copied();
        start.chain(mem::take(&mut backwards).into_iter().rev()).collect()
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("there are fewer than four thousand millions")
}
