//! The days of a person, one event after the other.

use super::budget::{Budget, Purse};
use super::people::{Draw, Person};
use super::policies::{Policy, Question};

/// Minutes after which a policy is asked again though nothing has happened, as a browser arms its wake-up again.
const ASKED_EVERY: i64 = 360;

/// What surrounds all people alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Surroundings {
    /// Wake-ups come late by a uniform draw below so many minutes.
    jitter: u32,
}

impl Surroundings {
    /// As the study has it, in minutes.
    pub(super) const JITTER: u32 = 6;

    pub(super) const fn new(jitter: u32) -> Self {
        Self { jitter }
    }

    pub(super) fn lateness(&self, seed: u64) -> Lateness {
        Lateness { draw: Draw::seeded(seed ^ 0x717, 1.0), below: f64::from(self.jitter) }
    }
}

/// How late the system wakes the browser, each time anew.
pub(super) struct Lateness {
    draw: Draw,
    below: f64,
}

impl Lateness {
    fn next(&mut self) -> i64 {
        self.draw.between(0.0, self.below) as i64
    }
}

/// The events of a person under a policy. The first visit registers, and is told before anything is asked.
pub(super) fn events(person: &Person, policy: &mut dyn Policy, budget: Budget, mut lateness: Lateness) -> Vec<i64> {
    let Some((&registered, mut visits)) = person.visits().split_first() else { return Vec::new() };
    let mut purse = Purse::new(budget, registered);
    let mut events = Vec::new();
    let mut now = registered;
    let mut late = lateness.next();
    policy.reachable(now, person.offset(now), person.can_run(now));
    policy.visited(now, person.offset(now));
    loop {
        let next = Next::after(now, person, visits);
        let earliest = purse.earliest().max(now);
        let last_fire = purse.last_fire();
        let question = Question { now, offset: person.offset(now), last_fire, registered, earliest };
        let fires = policy.next(&question).map(|wanted| wanted.max(earliest) + late);
        if let Some(at) = fires.filter(|at| *at <= next.at && *at < person.end() && person.can_run(*at)) {
            now = at;
            purse.pay(at);
            events.push(at);
            policy.fired(at);
            late = lateness.next();
            continue;
        }
        if next.at >= person.end() {
            return events;
        }
        now = next.at;
        if next.reachability_changes {
            policy.reachable(now, person.offset(now), person.can_run(now));
        }
        if let Some((_, later)) = visits.split_first().filter(|(visit, _)| **visit == now) {
            policy.visited(now, person.offset(now));
            visits = later;
        }
    }
}

/// The next thing that happens by itself.
struct Next {
    at: i64,
    reachability_changes: bool,
}

impl Next {
    /// `visits` are those to come.
    fn after(now: i64, person: &Person, visits: &[i64]) -> Self {
        let change = person.next_reachability_change(now);
        let moments = [visits.first().copied(), change, person.next_offset_change(now)];
        let at = moments.into_iter().flatten().fold(now + ASKED_EVERY, i64::min);
        Self { at, reachability_changes: change == Some(at) }
    }
}
