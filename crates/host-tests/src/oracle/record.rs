use std::time::Duration;

use background_sync::registration::{MonotonicTime, Now, StoredWait, WallTime};
use background_sync::scheduler::{NetworkId, NetworkMode, SyncParameters};
use background_sync::{AttemptId, RequestId};

use super::series::PossibleSeries;

/// A reply that nobody confirms holds its event for this long.
const DELIVERY: Duration = Duration::from_secs(1);

/// A registration.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) order: u64,
    /// `false` when two orders of things at one moment are both right, and it may or may not be there.
    pub(super) certain: bool,
    pub(super) registered: WallTime,
    /// On the clock of this session.
    pub(super) registered_at: Option<MonotonicTime>,
    /// Replies that have to be delivered before an event.
    pub(super) undelivered: Vec<Undelivered>,
    pub(super) running: Option<AttemptId>,
    pub(super) dispatches: u32,
    pub(super) again: Again,
    /// Events in a row that were registered again by a page while they ran. What a worker does is spaced by
    /// a row of its own, which a quiet event breaks.
    pub(super) in_a_row: u32,
    pub(super) again_by_worker: bool,
    /// The longest that the loop breaker may hold what registers it again.
    pub(super) again_hop: Duration,
    pub(super) told_last: bool,
    /// The last call that was answered had joined another one.
    pub(super) joined: bool,
    /// The last call that was answered may have made it younger and changed nothing else.
    pub(super) may_be_unwritten: bool,
    /// The last reply began a new series beyond doubt.
    pub(super) new_promise: bool,
    pub(super) series: PossibleSeries,
    /// Events of this series.
    pub(super) events: u32,
    pub(super) wait: Wait,
    /// The networks that it may have been registered on; `None` when nothing is known of that.
    pub(super) networks: Option<Vec<Option<NetworkId>>>,
    /// Networks that the user may have refused for it.
    pub(super) declined: Vec<NetworkId>,
}

/// A reply on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undelivered {
    pub(super) request: RequestId,
    pub(super) sent: MonotonicTime,
    /// It is the one that made it pending.
    pub(super) promised: bool,
}

/// Whether it was registered again while its event ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    No,
    /// The call was made before the event was dispatched, and answered after.
    Maybe,
    Yes,
}

/// A wait whose length is partly left to chance.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wait {
    /// It lasts beyond doubt until then.
    pub(super) at_least: Option<MonotonicTime>,
    /// It is over by then.
    pub(super) at_most: Option<MonotonicTime>,
    /// It follows a failed event: registering ends it.
    pub(super) is_back_off: bool,
    /// The host chose it: a returning link does not end it.
    pub(super) is_deferral: bool,
    /// It was stored, and what is left of it shows when the store is read.
    pub(super) stored: Option<StoredWait>,
}

/// A question whose answer may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    No,
    Maybe,
    Yes,
}

impl Certainty {
    pub(super) fn between(may: bool, must: bool) -> Self {
        match (may, must) {
            (_, true) => Self::Yes,
            (true, false) => Self::Maybe,
            (false, false) => Self::No,
        }
    }

    pub(super) fn is_possible(self) -> bool {
        self != Self::No
    }
}

impl Wait {
    pub(super) fn at_most(until: MonotonicTime) -> Self {
        Self { at_most: Some(until), ..Self::default() }
    }

    pub(super) fn back_off(now: MonotonicTime, shortest: Duration, longest: Duration, is_deferral: bool) -> Self {
        Self {
            at_least: Some(now.after(shortest)),
            at_most: Some(now.after(longest)),
            is_back_off: true,
            is_deferral,
            stored: None,
        }
    }

    pub(super) fn stored(wait: Option<StoredWait>, is_back_off: bool, is_deferral: bool) -> Self {
        Self { stored: wait, is_back_off, is_deferral, ..Self::default() }
    }

    /// It may last so long, whatever it was.
    pub(super) fn or_until(&mut self, until: MonotonicTime) {
        self.at_most = self.at_most.max(Some(until));
    }

    /// The store has been read: never more is left than was, and no more than the wall clock says.
    pub(super) fn resume(&mut self, now: Now) {
        if let Some(stored) = self.stored.take() {
            let left = stored.until.since(now.wall).min(stored.length);
            self.or_until(now.monotonic.after(left));
        }
    }

    pub(super) fn lasts(&self, now: MonotonicTime) -> Certainty {
        let may = self.at_most.is_some_and(|until| until > now) || self.stored.is_some();
        Certainty::between(may, self.at_least.is_some_and(|until| until > now))
    }

    /// Whether a back-off that registering would end lasts.
    pub(super) fn backs_off(&self, now: MonotonicTime) -> Certainty {
        if self.is_back_off { self.lasts(now) } else { Certainty::No }
    }
}

impl Record {
    pub(super) fn new(order: u64, registered: WallTime) -> Self {
        Self {
            order,
            certain: true,
            registered,
            registered_at: None,
            undelivered: Vec::new(),
            running: None,
            dispatches: 0,
            again: Again::No,
            in_a_row: 0,
            again_by_worker: false,
            again_hop: Duration::ZERO,
            told_last: false,
            joined: false,
            may_be_unwritten: false,
            new_promise: false,
            series: PossibleSeries::new(),
            events: 0,
            wait: Wait::default(),
            networks: None,
            declined: Vec::new(),
        }
    }

    /// Another promise: nothing of what was made counts for it.
    pub(super) fn begin_series(&mut self) {
        self.series = PossibleSeries::new();
        self.events = 0;
    }

    pub(super) fn may_begin_series(&mut self) {
        self.series.or_new();
        self.events = 0;
    }

    /// Whether the reply that promises its event is still on its way.
    pub(super) fn awaits_delivery(&self, now: MonotonicTime) -> Certainty {
        let on_its_way = || self.undelivered.iter().filter(|reply| now.since(reply.sent) < DELIVERY);
        Certainty::between(on_its_way().next().is_some(), on_its_way().any(|reply| reply.promised))
    }

    pub(super) fn delivered(&mut self, request: RequestId) {
        self.undelivered.retain(|reply| reply.request != request);
    }

    /// Whether the network that is up is another one than it was registered on.
    pub(super) fn is_elsewhere(&self, here: Option<&NetworkId>) -> Certainty {
        let Some(here) = here else { return Certainty::No };
        let Some(networks) = &self.networks else { return Certainty::Maybe };
        let other = |network: &Option<NetworkId>| network.as_ref().is_some_and(|network| network != here);
        Certainty::between(networks.iter().any(other), networks.iter().all(other))
    }

    /// Whether it has to wait for another network.
    pub(super) fn waits_for_another_network(&self, here: Option<&NetworkId>, parameters: &SyncParameters) -> Certainty {
        let declined = here.is_some_and(|here| self.declined.contains(here));
        let elsewhere = match parameters.network_mode {
            NetworkMode::Any | NetworkMode::AskOnChange => Certainty::No,
            NetworkMode::Same => self.is_elsewhere(here),
        };
        match elsewhere {
            Certainty::No if declined => Certainty::Maybe,
            other => other,
        }
    }

    /// A network that it may have been registered on.
    pub(super) fn may_be_of(&mut self, networks: &[Option<NetworkId>]) {
        if let Some(known) = &mut self.networks {
            for network in networks {
                if !known.contains(network) {
                    known.push(network.clone());
                }
            }
        }
    }
}
