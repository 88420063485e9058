//! What may hold a registration back, and what does beyond doubt (invariant I15).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use background_sync::policy::{Origin, RegistrationKey, SyncKind};
use background_sync::registration::MonotonicTime;
use background_sync::scheduler::SyncParameters;

use super::Oracle;
use super::account::least_needed;
use super::attempts::Tagged;
use super::model::Name;
use super::record::{Certainty, Record};
use super::told::Sight;
use super::{Verdict, broken};
use crate::Site;

/// An origin that was asked about is asked about again after this long.
const ASK_AGAIN: Duration = Duration::from_secs(60);
/// A store that failed is tried again by then.
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// Something that may hold a registration back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Suspended,
    Restricted,
    Network,
    Flap,
    Concurrency,
    Store,
    OriginConcurrency,
    Spread,
    Budget,
    WakeUp,
    OriginNetwork,
    Busy,
    Wait,
    Delivery,
    Worker,
    OtherNetwork,
    Condition,
}

/// Those of everybody and of an origin.
pub(super) const OF_ALL: [Hold; 6] =
    [Hold::Suspended, Hold::Restricted, Hold::Network, Hold::Flap, Hold::Concurrency, Hold::Store];
const OF_ORIGIN: [Hold; 5] = [Hold::OriginConcurrency, Hold::Spread, Hold::Budget, Hold::WakeUp, Hold::OriginNetwork];
/// Those of a registration alone; what is told soonest stands first.
const OF_ITSELF: [Hold; 6] =
    [Hold::Wait, Hold::Delivery, Hold::OtherNetwork, Hold::Condition, Hold::Busy, Hold::Worker];

/// What is remembered about holds between inputs.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// When single origins were asked about, until there is an answer.
    asked: BTreeMap<Origin, MonotonicTime>,
    /// Origins of which a worker that was ready said that they have no network.
    refused: BTreeSet<Origin>,
    spreads: BTreeMap<Site, Spread>,
    /// Which link origins have to be spread for.
    link: u64,
    store_failures: u32,
    store_failed_at: Option<MonotonicTime>,
}

/// Whether the first events of an origin are spread.
#[derive(Clone, Copy, Debug)]
struct Spread {
    link: u64,
    seen: bool,
    /// It is over by then; `None` while nothing could start yet.
    over_by: Option<MonotonicTime>,
}

impl Memory {
    /// Another session: everybody is spread.
    pub(super) fn started() -> Self {
        Self { link: 1, ..Self::default() }
    }

    pub(super) fn link_came_up(&mut self) {
        self.link += 1;
    }

    /// What was said about single origins is void.
    pub(super) fn nothing_known_of_origins(&mut self) {
        self.asked.clear();
        self.refused.clear();
    }

    pub(super) fn refused(&mut self, origin: &Origin) {
        self.refused.insert(origin.clone());
    }

    pub(super) fn asked_about(&mut self, origin: &Origin, now: MonotonicTime) {
        self.asked.insert(origin.clone(), now);
    }

    pub(super) fn answered_about(&mut self, origin: &Origin) {
        self.asked.remove(origin);
        self.refused.remove(origin);
    }

    pub(super) fn store_failed(&mut self, now: MonotonicTime) {
        self.store_failures = self.store_failures.saturating_add(1);
        self.store_failed_at = Some(now);
    }

    pub(super) fn store_works(&mut self) {
        self.store_failures = 0;
        self.store_failed_at = None;
    }

    pub(super) fn store_hold(&self, now: MonotonicTime) -> Certainty {
        let delay = Duration::from_secs(2_u64.saturating_pow(self.store_failures.saturating_sub(1).min(10)));
        let until = |delay: Duration| self.store_failed_at.is_some_and(|at| at.after(delay) > now);
        Certainty::between(until(delay.min(LONGEST_RETRY)), false)
    }

    /// Nothing but its spread holds an origin.
    pub(super) fn spread_begins(
        &mut self,
        site: &Site,
        now: MonotonicTime,
        seen: impl Fn() -> bool,
        parameters: &SyncParameters,
    ) {
        let link = self.link;
        if self.spreads.get(site).is_some_and(|spread| spread.link == link) {
            return;
        }
        let seen = seen();
        let over_by = Some(now.after(longest_spread(seen, parameters)));
        self.spreads.insert(site.clone(), Spread { link, seen, over_by });
    }

    /// An origin has started something.
    fn spread_is_over(&mut self, site: &Site, now: MonotonicTime) {
        let link = self.link;
        self.spreads.insert(site.clone(), Spread { link, seen: false, over_by: Some(now) });
    }
}

impl Oracle {
    pub(super) fn hold_of_all(&self, hold: Hold) -> Certainty {
        let now = self.last_now.monotonic;
        let yes = |yes| Certainty::between(yes, yes);
        match hold {
            Hold::Suspended => yes(self.told.is_suspended()),
            Hold::Restricted => yes(self.told.is_restricted()),
            Hold::Network => yes(!self.told.link().state().is_online()),
            Hold::Flap => Certainty::between(self.told.link().may_be_held(now), self.told.link().is_held(now)),
            Hold::Concurrency => self.attempts.are_full(self.last_now, None, self.parameters.max_concurrent_events),
            Hold::Store => self.memory.store_hold(now),
            Hold::OriginConcurrency
            | Hold::Spread
            | Hold::Budget
            | Hold::WakeUp
            | Hold::OriginNetwork
            | Hold::Busy
            | Hold::Wait
            | Hold::Delivery
            | Hold::Worker
            | Hold::OtherNetwork
            | Hold::Condition => Certainty::No,
        }
    }

    pub(super) fn hold_of_origin(&self, hold: Hold, site: &Site) -> Certainty {
        let now = self.last_now;
        match hold {
            Hold::OriginConcurrency => {
                self.attempts.are_full(now, Some(site), self.parameters.max_concurrent_events_per_origin)
            }
            Hold::Spread => {
                let spread = self.memory.spreads.get(site);
                let over = |spread: &Spread| {
                    spread.link == self.memory.link && spread.over_by.is_some_and(|over_by| over_by <= now.monotonic)
                };
                Certainty::between(!spread.is_some_and(over), false)
            }
            Hold::Budget => {
                let used_up = self.accounts.are_used_up(now, site, &self.parameters);
                match self.told.sight(now.monotonic, site, &self.parameters) {
                    Sight::Seen => Certainty::No,
                    Sight::Either => Certainty::between(used_up.is_possible(), false),
                    Sight::Background => used_up,
                }
            }
            Hold::WakeUp => {
                let Some(left) = self.told.left_of_wake_up(now.monotonic) else { return Certainty::No };
                // Which of its registrations is the first, and whether that has its last chance, may be open.
                let needed = [false, true].map(|last| least_needed(last, &self.parameters));
                let [one, other] = needed.map(|needed| self.told.least_of_wake_up(needed));
                let may = left.is_zero() || left < one.max(other);
                let must = left.is_zero() || left < one.min(other);
                match self.told.sight(now.monotonic, site, &self.parameters) {
                    Sight::Seen => Certainty::No,
                    Sight::Either => Certainty::between(may, false),
                    Sight::Background => Certainty::between(may, must),
                }
            }
            Hold::OriginNetwork => match self.told.own_network(&site.origin) {
                Some(state) if !state.is_online() => Certainty::Maybe,
                _ if self.memory.refused.contains(&site.origin) => Certainty::Maybe,
                Some(_) | None => {
                    let asked = self.memory.asked.get(&site.origin);
                    let may = asked.is_some_and(|at| now.monotonic.since(*at) <= ASK_AGAIN);
                    Certainty::between(may, false)
                }
            },
            Hold::Suspended
            | Hold::Restricted
            | Hold::Network
            | Hold::Flap
            | Hold::Concurrency
            | Hold::Store
            | Hold::Busy
            | Hold::Wait
            | Hold::Delivery
            | Hold::Worker
            | Hold::OtherNetwork
            | Hold::Condition => Certainty::No,
        }
    }

    fn hold_of_itself(&self, hold: Hold, name: &Name, record: &Record) -> Certainty {
        let now = self.last_now;
        match hold {
            Hold::Busy => match self.attempts.is_busy(now, &name.0, SyncKind::OneShot, &name.1) {
                Certainty::No if record.running.is_some() => Certainty::Maybe,
                busy => busy,
            },
            Hold::Wait => record.wait.lasts(now.monotonic),
            Hold::Delivery => record.awaits_delivery(now.monotonic),
            Hold::Worker => self.workers.hold(&name.0),
            Hold::OtherNetwork => {
                record.waits_for_another_network(self.told.link().state().network_id(), &self.parameters)
            }
            Hold::Condition => self.conditions_hold(name, record),
            Hold::Suspended
            | Hold::Restricted
            | Hold::Network
            | Hold::Flap
            | Hold::Concurrency
            | Hold::Store
            | Hold::OriginConcurrency
            | Hold::Spread
            | Hold::Budget
            | Hold::WakeUp
            | Hold::OriginNetwork => Certainty::No,
        }
    }

    /// Whether this holds the registration.
    pub(super) fn hold(&self, hold: Hold, name: &Name, record: &Record) -> Certainty {
        match hold {
            Hold::Suspended | Hold::Restricted | Hold::Network | Hold::Flap | Hold::Concurrency | Hold::Store => {
                self.hold_of_all(hold)
            }
            Hold::OriginConcurrency | Hold::Spread | Hold::Budget | Hold::WakeUp | Hold::OriginNetwork => {
                self.hold_of_origin(hold, &Site::of(&name.0))
            }
            Hold::Busy | Hold::Wait | Hold::Delivery | Hold::Worker | Hold::OtherNetwork | Hold::Condition => {
                self.hold_of_itself(hold, name, record)
            }
        }
    }

    /// Whether nothing of its own holds it; `Maybe` when two accounts of it are right.
    fn is_ready(&self, name: &Name, record: &Record) -> Certainty {
        let mut ready = Certainty::Yes;
        for hold in OF_ITSELF {
            match self.hold_of_itself(hold, name, record) {
                Certainty::Yes => return Certainty::No,
                Certainty::Maybe => ready = Certainty::Maybe,
                Certainty::No => {}
            }
        }
        if !record.certain || self.model.has_asks(name) { Certainty::Maybe } else { ready }
    }

    /// Whether it is ready beyond doubt. The first doubt ends the question.
    fn is_certainly_ready(&self, name: &Name, record: &Record) -> bool {
        let may_hold = |hold| self.hold_of_itself(hold, name, record).is_possible();
        record.certain && !OF_ITSELF.into_iter().any(may_hold) && !self.model.has_asks(name)
    }

    /// The tags of a key that a start may be for: those that can start, and none that comes after one of its
    /// origin that certainly can.
    pub(super) fn startable(&self, key: &RegistrationKey) -> Vec<Tagged> {
        let site = Site::of(key);
        let of_site = self.model.records().filter(|(name, _)| site.holds(&name.0));
        let of_site = of_site.map(|(name, record)| (name, record.order, self.is_ready(name, record)));
        let of_site: Vec<_> = of_site.filter(|(.., ready)| ready.is_possible()).collect();
        let ready = of_site.iter().filter(|(.., ready)| *ready == Certainty::Yes);
        let first = ready.map(|(_, order, _)| *order).min().unwrap_or(u64::MAX);
        let known = of_site.iter().filter(|(name, order, _)| name.0 == *key && *order <= first);
        let known = known.map(|((_, tag), ..)| tag.clone());
        let one_shot = |tag| (SyncKind::OneShot, tag);
        let unknown = self.model.on_their_way(key).filter(|(_, order)| *order <= first).map(|(tag, _)| tag.clone());
        known.chain(unknown).map(one_shot).collect()
    }

    /// A start, or the question before one, against everything that holds all or its origin.
    pub(super) fn may_start(&self, key: &RegistrationKey, tags: &[Tagged]) -> Verdict {
        let site = Site::of(key);
        if let Some(hold) = OF_ALL.into_iter().find(|hold| self.hold_of_all(*hold) == Certainty::Yes) {
            let invariant = match hold {
                Hold::Network => "I4",
                Hold::Flap => "hold",
                _ => "I15",
            };
            return broken(invariant, format!("something starts in spite of {hold:?}"));
        }
        let is_one_shot = tags.iter().all(|(kind, _)| *kind == SyncKind::OneShot);
        if is_one_shot && self.hold_of_origin(Hold::Budget, &site) == Certainty::Yes {
            return broken("I13", format!("{} starts something in the background, and has nothing left", site.origin));
        }
        if is_one_shot && self.hold_of_origin(Hold::WakeUp, &site) == Certainty::Yes {
            return broken("I13", format!("{} starts something, and the wake-up is too short for it", site.origin));
        }
        if !self.told.own_network(key.origin()).is_some_and(|state| state.is_online()) {
            return broken("I4", format!("{} starts something, and nobody said that it has a network", site.origin));
        }
        if tags.is_empty() {
            return broken(
                "order",
                format!("{key:?} starts something, and nothing of it could, or others come before"),
            );
        }
        Ok(())
    }

    pub(super) fn origin_started(&mut self, key: &RegistrationKey) {
        self.memory.spread_is_over(&Site::of(key), self.last_now.monotonic);
    }

    /// I15: what nothing holds has been started. Spreads begin when nothing else holds an origin.
    pub(super) fn what_can_fire_fires(&mut self) -> Verdict {
        if !self.told.is_loaded() || self.told.stopping() {
            return Ok(());
        }
        self.windows_shorten_spreads();
        if OF_ALL.into_iter().any(|hold| self.hold_of_all(hold).is_possible()) {
            return Ok(());
        }
        let now = self.last_now.monotonic;
        for (name, record) in self.model.records() {
            if !self.is_certainly_ready(name, record) {
                continue;
            }
            let site = Site::of(&name.0);
            if self.hold_of_origin(Hold::OriginConcurrency, &site).is_possible() {
                continue;
            }
            let seen = || self.told.sight(now, &site, &self.parameters) == Sight::Seen;
            self.memory.spread_begins(&site, now, seen, &self.parameters);
            let held = OF_ORIGIN.into_iter().any(|hold| self.hold_of_origin(hold, &site).is_possible());
            if !held {
                return broken("I15", format!("nothing holds {:?} of {}, and it does not start", name.1, site.origin));
            }
        }
        Ok(())
    }

    /// Somebody looks: the spread is the short one.
    fn windows_shorten_spreads(&mut self) {
        let now = self.last_now.monotonic;
        // One that is over cannot become any shorter.
        let over = |spread: &Spread| spread.over_by.is_some_and(|over_by| over_by <= now);
        for (site, spread) in self.memory.spreads.iter_mut().filter(|(_, spread)| !over(spread)) {
            let seen = self.told.sight(now, site, &self.parameters) == Sight::Seen;
            if seen && !spread.seen {
                let soon = now.after(self.parameters.first_fire_spread);
                spread.over_by = spread.over_by.map(|over_by| over_by.min(soon));
            }
            spread.seen = seen;
        }
    }
}

fn longest_spread(seen: bool, parameters: &SyncParameters) -> Duration {
    if seen { parameters.first_fire_spread } else { parameters.first_fire_spread_in_background }
}
