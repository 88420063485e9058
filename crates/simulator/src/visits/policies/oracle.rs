use crate::visits::people::Person;

/// Minutes between two events.
const FLOOR: i64 = 720;
/// What an event costs, in minutes of age, so that none is free.
const PRICE: i64 = 1;
/// For each use, the last moment before it, and as many further floors back.
const CANDIDATES: usize = 3;
/// Candidates between two events that follow each other.
const BETWEEN: usize = 60;

/// Knows the future: the events with the least sum of ages at `uses`, no two closer than the floor, each at a moment at
/// which it can run.
pub(super) fn events(person: &Person, uses: &[i64]) -> Vec<i64> {
    let registered = person.visits()[0];
    let candidates = candidates(person, uses);
    let ages = Ages::new(uses);
    // For each candidate the least cost up to it, with the event before it.
    let mut best: Vec<(i64, Option<usize>)> = Vec::with_capacity(candidates.len());
    for (this, at) in candidates.iter().enumerate() {
        let mut least = (ages.sum(registered, *at) + PRICE, None);
        let before = (this.saturating_sub(BETWEEN)..this).rev().filter(|before| at - candidates[*before] >= FLOOR);
        for before in before {
            let cost = best[before].0 + ages.sum(candidates[before], *at) + PRICE;
            if cost < least.0 {
                least = (cost, Some(before));
            }
        }
        best.push(least);
    }
    let total = |last: &usize| best[*last].0 + ages.sum(candidates[*last], i64::MAX);
    let mut last = (0..candidates.len()).min_by_key(total);
    let mut events = Vec::new();
    while let Some(event) = last {
        events.push(candidates[event]);
        last = best[event].1;
    }
    events.reverse();
    events
}

fn candidates(person: &Person, uses: &[i64]) -> Vec<i64> {
    let first = person.visits()[0] + FLOOR;
    let mut candidates = Vec::new();
    for visit in uses {
        let mut wanted = visit - 1;
        for _ in 0..CANDIDATES {
            let at = person.last_reachable(wanted);
            candidates.extend((at >= first).then_some(at));
            wanted = at - FLOOR;
        }
    }
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}

/// Sums of ages, without adding them up each time.
struct Ages<'a> {
    uses: &'a [i64],
    /// Sums of the uses before each.
    sums: Vec<i64>,
}

impl<'a> Ages<'a> {
    fn new(uses: &'a [i64]) -> Self {
        let mut sums = vec![0];
        for at in uses {
            sums.push(sums[sums.len() - 1] + at);
        }
        Self { uses, sums }
    }

    /// Of content from `from` on, at the uses after it and up to `to`.
    fn sum(&self, from: i64, to: i64) -> i64 {
        let [first, end] = [from, to].map(|at| self.uses.partition_point(|visit| *visit <= at));
        self.sums[end] - self.sums[first] - (end - first) as i64 * from
    }
}
