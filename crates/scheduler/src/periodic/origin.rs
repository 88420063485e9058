use std::time::Duration;

use background_sync_registration::{Now, Schedule, WallTime};
use serde::{Deserialize, Serialize};

use super::{Across, Engagement, OriginPace, PeriodicParameters};
use crate::Budget;
use crate::visits::{Availability, Placement, Question, UtcOffset, VisitModel, WakeUpLateness};

/// What holds the periodic syncs of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodicHold {
    /// The interval that the page asked for (`periodic.process.1.3.3.3.2`).
    MinInterval,
    /// The shortest time between two events of an origin (`periodic.process.1.3.3.2`).
    OriginInterval,
    /// The time shortly before the user's next visit.
    Slot,
    /// No visit can be foreseen: as often as the intervals let it.
    Clock,
    /// As many wake-ups as a day may have (`periodic.process.1.1`).
    AcrossOrigins,
    /// As many starts, or as much event time, as the origin may have in a day (invariant I13).
    Budget,
    /// Another event of the origin has its turn, or comes first. Not said of one that something else holds when it is due.
    OtherEvent,
    /// The user stays away: until the next visit.
    ReaderAway,
    /// Suspended: the user has nothing to do with the site any more. A visit ends that.
    NoEngagement,
    /// Suspended by the user. Only the user ends that.
    Paused,
}

/// When something periodic of an origin may fire next, and what holds it until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodicPlan {
    /// At this moment; now, if that has come. The reason is the one that holds it longest.
    At(WallTime, PeriodicHold),
    /// Not before something else happens.
    Never(PeriodicHold),
}

/// What a plan depends on besides its origin.
#[derive(Clone, Copy, Debug)]
pub struct PlanFacts<'a> {
    /// Now.
    pub now: WallTime,
    /// What civil time is ahead by now.
    pub offset: UtcOffset,
    /// How late the system wakes the browser.
    pub lateness: WakeUpLateness,
    /// The time that has to be there for an event.
    pub least_event: Duration,
    /// When anything periodic fired.
    pub across: &'a Across,
    /// The parameters.
    pub params: &'a PeriodicParameters,
}

/// What is kept of an origin in a partition for its periodic syncs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeriodicOrigin {
    pub(super) pace: OriginPace,
    pub(super) budget: Budget,
    pub(super) visits: Option<Box<VisitModel>>,
    pub(super) engagement: Engagement,
    pub(super) paused: bool,
}

impl PeriodicOrigin {
    /// When it fired, and may again.
    #[must_use]
    pub const fn pace(&self) -> &OriginPace {
        &self.pace
    }

    /// What its events used in the last day.
    #[must_use]
    pub const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The same, to book.
    pub fn budget_mut(&mut self) -> &mut Budget {
        &mut self.budget
    }

    /// It has a periodic registration, since then if it had none.
    pub fn registered(&mut self, at: WallTime) {
        self.pace.registered(at);
    }

    /// Whether something was learnt of the user's visits.
    #[must_use]
    pub const fn has_learnt(&self) -> bool {
        self.visits.is_some()
    }

    /// It has no periodic registration any more: what was learnt of the user goes with the last one.
    pub fn emptied(&mut self) {
        self.pace.emptied();
        self.visits = None;
    }

    /// The user has opened a page of it. Counts only while it has a periodic registration; `learns` says whether
    /// anything may be kept of it. Says whether a suspension ended.
    pub fn visited(
        &mut self,
        at: WallTime,
        offset: UtcOffset,
        availability: &Availability,
        params: &PeriodicParameters,
        learns: bool,
    ) -> bool {
        if self.pace.registered_since().is_none() {
            return false;
        }
        if learns && params.follow_visits {
            let model = self.visits.get_or_insert_with(|| Box::new(VisitModel::new(&params.visits)));
            model.visited(at, offset, availability, &params.visits);
        }
        let was_suspended = self.engagement == Engagement::None;
        if was_suspended {
            self.engagement = Engagement::default();
        }
        was_suspended
    }

    /// The engine judges anew how much the user has to do with it. Says whether that changed anything.
    pub fn set_engagement(&mut self, engagement: Engagement) -> bool {
        std::mem::replace(&mut self.engagement, engagement) != engagement
    }

    /// The user pauses its periodic syncs, or lets them go on. Says whether that changed anything.
    pub fn set_paused(&mut self, paused: bool) -> bool {
        std::mem::replace(&mut self.paused, paused) != paused
    }

    /// What suspends its registrations, if anything does (`periodic.def.state`).
    #[must_use]
    pub const fn suspended(&self) -> Option<PeriodicHold> {
        match (self.paused, self.engagement) {
            (true, _) => Some(PeriodicHold::Paused),
            (false, Engagement::None) => Some(PeriodicHold::NoEngagement),
            (
                false,
                Engagement::Minimal | Engagement::Low | Engagement::Medium | Engagement::High | Engagement::Max,
            ) => None,
        }
    }

    /// `periodic.def.effective`: the shortest time between two events of it.
    #[must_use]
    pub fn effective_interval(&self, params: &PeriodicParameters) -> Duration {
        let factor = params.engagement.of(self.engagement).unwrap_or(1);
        params.min_interval_for_any_origin.saturating_mul(factor)
    }

    /// An event of it is dispatched: `periodic.fire.6.7.3`, but at the beginning, and whatever becomes of the event.
    /// `is_first` of those that were judged together: they are paid for once.
    pub fn fired(&mut self, at: WallTime, is_first: bool, params: &PeriodicParameters) {
        if is_first {
            self.pace.fired(at, self.effective_interval(params));
        } else {
            self.pace.fired_too(at);
        }
    }

    /// How many events it may still start, at least one.
    #[must_use]
    pub fn starts_left(&self, params: &PeriodicParameters) -> usize {
        let left = self.budget.starts_left(params.allowance());
        usize::try_from(left).unwrap_or(usize::MAX).max(1)
    }

    /// The clock was set back: what lies in the future counts as of now. Says whether something did.
    pub fn no_later_than(&mut self, now: WallTime) -> bool {
        self.budget.forget(now);
        self.pace.no_later_than(now)
    }

    /// Whether there is nothing left to remember.
    #[must_use]
    pub fn is_over(&self, now: WallTime, params: &PeriodicParameters) -> bool {
        let interval = self.effective_interval(params).saturating_mul(2);
        let has_fired_lately = self.pace.last_fire().is_some_and(|at| now.since(at) < interval);
        let is_as_usual = !self.paused && self.engagement == Engagement::default();
        self.pace.registered_since().is_none() && self.budget.is_empty() && !has_fired_lately && is_as_usual
    }

    /// From when on a registration may fire as far as its own interval goes, a little of which may be left out.
    #[must_use]
    pub fn interval_over(schedule: &Schedule, params: &PeriodicParameters) -> WallTime {
        schedule.after_percent(100_u32.saturating_sub(params.interval_flex_percent))
    }

    /// `periodic.process.1.3.3`: when the origin is judged next, if this is the registration whose interval is over
    /// first.
    #[must_use]
    pub fn plan(&self, first: &Schedule, facts: &PlanFacts<'_>) -> PeriodicPlan {
        if let Some(why) = self.suspended() {
            return PeriodicPlan::Never(why);
        }
        let params = facts.params;
        let least = facts.least_event;
        let own = Self::interval_over(first, params);
        // periodic.process.1.3.3.2: the origin's last event, and the effective minimum interval.
        let floor = self.pace.earliest(self.effective_interval(params), params).unwrap_or(own);
        let mut at = own.max(floor);
        let mut why = if floor > own { PeriodicHold::OriginInterval } else { PeriodicHold::MinInterval };
        match self.place(at, first, facts) {
            Placement::Absent => return PeriodicPlan::Never(PeriodicHold::ReaderAway),
            Placement::Slot(slot) if slot > at => (at, why) = (slot, PeriodicHold::Slot),
            Placement::Clock(clock) if clock > at => (at, why) = (clock, PeriodicHold::Clock),
            Placement::Slot(_) | Placement::Clock(_) => {}
        }
        // periodic.privacy.location: of an origin no more than so much in a day.
        if let Some(wait) = self.budget.wait(Now { wall: facts.now, ..Now::default() }, least, params.allowance())
            && facts.now.after(wait) > at
        {
            (at, why) = (facts.now.after(wait), PeriodicHold::Budget);
        }
        match facts.across.earliest(params) {
            Some(across) if across > at && !facts.across.is_shared(at.max(facts.now), params) => {
                PeriodicPlan::At(across, PeriodicHold::AcrossOrigins)
            }
            Some(_) | None => PeriodicPlan::At(at, why),
        }
    }

    /// Whether it may fire now though its plan is a little later, because something fires now anyway: the intervals are
    /// over, and one wake-up does for both.
    #[must_use]
    pub fn may_join(&self, first: &Schedule, facts: &PlanFacts<'_>) -> bool {
        let PeriodicPlan::At(at, why) = self.plan(first, facts) else { return false };
        let is_place = match why {
            PeriodicHold::Slot | PeriodicHold::Clock => true,
            PeriodicHold::MinInterval
            | PeriodicHold::OriginInterval
            | PeriodicHold::AcrossOrigins
            | PeriodicHold::Budget
            | PeriodicHold::OtherEvent
            | PeriodicHold::ReaderAway
            | PeriodicHold::NoEngagement
            | PeriodicHold::Paused => false,
        };
        let interval = self.effective_interval(facts.params);
        let floor = self.pace.earliest(interval, facts.params).is_none_or(|floor| floor <= facts.now);
        let own = Self::interval_over(first, facts.params) <= facts.now;
        at <= facts.now
            || (is_place
                && floor
                && own
                && facts.across.is_shared(facts.now, facts.params)
                && at <= facts.now.after(facts.params.batch_window))
    }

    fn place(&self, earliest: WallTime, first: &Schedule, facts: &PlanFacts<'_>) -> Placement {
        let by_clock = self.whole_interval(first).max(earliest);
        let (Some(model), Some(registered)) = (&self.visits, self.pace.registered_since()) else {
            return Placement::Clock(by_clock);
        };
        if model.is_forgotten(facts.now, facts.offset) {
            return Placement::Clock(by_clock);
        }
        let question = Question {
            now: facts.now,
            earliest,
            last_fire: self.pace.last_fire(),
            registered,
            offset: facts.offset,
            lateness: facts.lateness,
        };
        match model.place(&question) {
            // Where no visit can be foreseen nothing is won by leaving out a part of the interval.
            Placement::Clock(at) => Placement::Clock(at.max(by_clock)),
            placed @ (Placement::Slot(_) | Placement::Absent) => placed,
        }
    }

    /// When the whole interval is over. It counts from the moment at which the last event began, where that is what the
    /// anchor is the end of: else an hourly event would come a little later every time.
    fn whole_interval(&self, first: &Schedule) -> WallTime {
        let length = first.min_interval.duration();
        let began = self.pace.last_fire().filter(|at| *at <= first.anchor && first.anchor.since(*at) < length / 10);
        began.unwrap_or(first.anchor).after(length)
    }

    /// Bytes that it holds on the heap, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.budget.heap_bytes() + self.visits.as_ref().map_or(0, |_| size_of::<VisitModel>())
    }
}
