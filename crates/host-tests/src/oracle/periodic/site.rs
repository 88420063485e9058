use std::collections::BTreeSet;
use std::time::Duration;

use background_sync::policy::RegistrationKey;
use background_sync::registration::{Tag, WallTime};
use background_sync::scheduler::{Engagement, PeriodicParameters};

use super::record::Span;
use crate::oracle::record::Certainty;

/// An origin, as far as its periodic syncs go.
#[derive(Clone, Debug, Default)]
pub(super) struct SiteState {
    /// When an event of it was last dispatched, over all sessions.
    fired: Option<Span<WallTime>>,
    /// Since when it has had periodic registrations without a break, if it may have any.
    registered: Option<Span<WallTime>>,
    /// What the engine may be taken to have said of it.
    engagement: Levels,
    paused: bool,
    /// A visit was told of.
    pub(super) visited: bool,
    /// Since when it may have been seen to be due, since it was judged last.
    open_since: Option<WallTime>,
    /// When it was judged last, at the earliest.
    judged: Option<WallTime>,
    /// With a second slot: when the token was taken that comes back first, an interval later.
    taken: Option<WallTime>,
    /// Since when it may have been due without a break.
    overdue: Option<Overdue>,
    turn: Option<OpenTurn>,
}

/// Since when something has been due at the earliest, on two clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overdue {
    wall: WallTime,
    /// For how long the process had been running.
    ran: Duration,
}

impl Overdue {
    fn older(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let both =
            one.zip(other).map(|(one, other)| Self { wall: one.wall.min(other.wall), ran: one.ran.min(other.ran) });
        both.or(one).or(other)
    }

    /// Of two clocks the one that makes it older counts.
    pub(super) fn age(self, now: WallTime, ran: Duration) -> Duration {
        now.since(self.wall).max(ran.saturating_sub(self.ran))
    }
}

/// The engagement that may count.
#[derive(Clone, Debug)]
struct Levels(Vec<Engagement>);

impl Default for Levels {
    fn default() -> Self {
        Self(vec![Engagement::default()])
    }
}

/// What was judged together.
#[derive(Clone, Debug)]
struct OpenTurn {
    key: RegistrationKey,
    began: WallTime,
    fired: BTreeSet<Tag>,
    /// Since when it had been due.
    overdue: Option<Overdue>,
}

/// How a first event stands to what its origin was judged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    /// With those that fired before it.
    Together,
    /// By itself.
    Anew,
    /// Both may be so.
    Either,
}

/// What was let fire does so within an hour, and as long as a start may be tried.
const TURN: Duration = Duration::from_secs(3_600);

impl SiteState {
    /// It may have its first registration now.
    pub(super) fn may_be_registered(&mut self, at: WallTime, had_any: Certainty) {
        match (&mut self.registered, had_any) {
            (Some(_), Certainty::Yes) => {}
            (Some(registered), Certainty::No | Certainty::Maybe) => *registered = registered.with(at),
            (None, _) => self.registered = Some(Span::of(at)),
        }
    }

    /// Nothing of it is registered, and nothing on its way.
    pub(super) fn emptied(&mut self) {
        self.registered = None;
    }

    pub(super) fn restarted(&mut self, anchors: Option<Span<WallTime>>) {
        self.registered = match (self.registered, anchors) {
            (Some(registered), Some(Span { least, most })) => Some(registered.with(least).with(most)),
            (None, anchors) => anchors,
            (Some(_), None) => None,
        };
        self.engagement = Levels::default();
        self.paused = false;
        self.open_since = None;
        self.overdue = None;
        self.turn = None;
    }

    /// What it did is nowhere to be found any more, perhaps.
    pub(super) fn may_be_forgotten(&mut self) {
        self.fired = None;
        (self.judged, self.taken) = (None, None);
        if let Some(registered) = &mut self.registered {
            registered.least = WallTime::from_unix_ms(i64::MIN);
        }
    }

    pub(super) fn engagement_told(&mut self, engagement: Engagement) {
        self.engagement = Levels(vec![engagement]);
    }

    pub(super) fn pause_told(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// A visit ends the suspension of an origin that has periodic registrations.
    pub(super) fn was_visited(&mut self, has_any: Certainty) {
        if !has_any.is_possible() {
            return;
        }
        self.visited = true;
        if self.engagement.0.contains(&Engagement::None) {
            if has_any == Certainty::Yes {
                self.engagement.0.retain(|level| *level != Engagement::None);
            }
            self.engagement.0.push(Engagement::default());
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(super) fn has_no_engagement(&self) -> Certainty {
        let is_none = |level: &Engagement| *level == Engagement::None;
        Certainty::between(self.engagement.0.iter().any(is_none), self.engagement.0.iter().all(is_none))
    }

    /// `periodic.def.state`: suspended, by the user or for want of engagement.
    pub(super) fn is_suspended(&self) -> Certainty {
        if self.paused { Certainty::Yes } else { self.has_no_engagement() }
    }

    /// `periodic.def.effective`.
    fn interval(&self, parameters: &PeriodicParameters) -> Span<Duration> {
        let factors = self.engagement.0.iter().map(|level| parameters.engagement.of(*level).unwrap_or(1));
        let one = Span::of(parameters.min_interval_for_any_origin);
        let of = |factor| parameters.min_interval_for_any_origin.saturating_mul(factor);
        factors.map(of).map(Span::of).reduce(|sum, next| sum.with(next.least)).unwrap_or(one)
    }

    /// When it may be judged, at the earliest and beyond doubt. Of a new origin the first event waits as if one had
    /// just fired.
    pub(super) fn due(&self, parameters: &PeriodicParameters) -> Option<Span<WallTime>> {
        let since = match (self.fired, self.registered) {
            (Some(fired), Some(registered)) => {
                Span { least: fired.least.max(registered.least), most: fired.most.max(registered.most) }
            }
            (one, other) => one.or(other)?,
        };
        let interval = self.interval(parameters);
        let whole = Span { least: since.least.after(interval.least), most: since.most.after(interval.most) };
        if !parameters.visits.second_slot {
            return Some(whole);
        }
        let gap = since.least.after(parameters.second_slot_gap);
        let token = self.taken.map(|taken| taken.after(interval.least));
        Some(Span { least: token.map_or(gap, |token| gap.max(token)), most: whole.most.max(gap) })
    }

    /// What is due by now may have been seen to be; `earliest` is when the first of its own intervals is over.
    pub(super) fn look(
        &mut self,
        now: WallTime,
        earliest: Option<WallTime>,
        ran: Duration,
        parameters: &PeriodicParameters,
    ) {
        let is_open = self.is_suspended() != Certainty::Yes;
        let due = self.due(parameters).map(|due| due.least);
        if is_open && due.is_none_or(|due| due <= now) {
            self.open_since.get_or_insert(now);
        }
        let since = earliest.map(|own| due.map_or(own, |due| due.max(own))).filter(|since| is_open && *since <= now);
        let new = since.map(|wall| Overdue { wall, ran: ran.saturating_sub(now.since(wall)) });
        self.overdue = new.and_then(|new| Overdue::older(Some(new), self.overdue));
    }

    /// Since when what a tag belongs to has been due: a retry to the turn of its event, and so what is judged with
    /// others. `over_since` is that of a first event.
    pub(super) fn overdue_since(
        &self,
        now: WallTime,
        key: &RegistrationKey,
        tag: &Tag,
        over_since: Option<WallTime>,
    ) -> Option<Overdue> {
        let of_turn = || self.turn.as_ref().filter(|turn| turn.key == *key).and_then(|turn| turn.overdue);
        match over_since.and_then(|over| self.judge(now, key, tag, over, TURN)) {
            Some(Judged::Anew) => self.overdue,
            Some(Judged::Either) => Overdue::older(self.overdue, of_turn()),
            Some(Judged::Together) | None => of_turn(),
        }
    }

    pub(super) fn no_later_than(&mut self, now: WallTime) {
        for span in [&mut self.fired, &mut self.registered].into_iter().flatten() {
            span.no_later_than(now);
        }
        self.open_since = self.open_since.map(|at| at.min(now));
        for at in [&mut self.judged, &mut self.taken].into_iter().flatten() {
            *at = (*at).min(now);
        }
        if let Some(overdue) = &mut self.overdue {
            overdue.wall = overdue.wall.min(now);
        }
        if let Some(turn) = &mut self.turn {
            turn.began = turn.began.min(now);
        }
    }

    /// Whether an event that is no retry may begin, whose own interval has been over since then.
    pub(super) fn judge(
        &self,
        now: WallTime,
        key: &RegistrationKey,
        tag: &Tag,
        over_since: WallTime,
        longest_tries: Duration,
    ) -> Option<Judged> {
        let joins = self.turn.as_ref().is_some_and(|turn| {
            turn.key == *key
                && !turn.fired.contains(tag)
                && over_since <= turn.began
                && now.since(turn.began) <= TURN.saturating_add(longest_tries)
        });
        match (joins, self.open_since) {
            (true, Some(_)) => Some(Judged::Either),
            (true, None) => Some(Judged::Together),
            (false, Some(_)) => Some(Judged::Anew),
            (false, None) => None,
        }
    }

    /// An event is dispatched that is no retry.
    pub(super) fn begins(
        &mut self,
        now: WallTime,
        key: &RegistrationKey,
        tag: &Tag,
        judged: Judged,
        parameters: &PeriodicParameters,
    ) {
        if judged == Judged::Anew {
            // A token is gained in each interval, and no more than two are kept.
            let interval = self.interval(parameters).least;
            self.taken = self.taken.map(|taken| taken.after(interval)).max(self.judged);
            self.judged = Some(now);
        }
        match judged {
            Judged::Together => {}
            Judged::Anew | Judged::Either => {
                let of_turn = self.turn.take().filter(|_| judged == Judged::Either).and_then(|turn| turn.overdue);
                let overdue = Overdue::older(self.overdue.take(), of_turn);
                self.turn = Some(OpenTurn { key: key.clone(), began: now, fired: BTreeSet::new(), overdue });
                self.open_since = None;
            }
        }
        if let Some(turn) = &mut self.turn {
            turn.fired.insert(tag.clone());
        }
    }

    /// An event is dispatched, retry or not: periodic.fire.6.7.3, but at once.
    pub(super) fn fired(&mut self, now: WallTime) {
        self.fired = Some(Span::of(now));
        // What was seen to be due before it is so no longer.
        self.open_since = None;
    }

    /// It may count as having fired now.
    pub(super) fn may_have_fired(&mut self, now: WallTime) {
        match &mut self.fired {
            Some(fired) => fired.most = fired.most.max(now),
            None => self.fired = Some(Span { least: WallTime::from_unix_ms(i64::MIN), most: now }),
        }
    }

    /// When it fired last, at the latest.
    pub(super) fn may_have_turn_of_others(&self, now: WallTime, key: &RegistrationKey) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.key != *key && now.since(turn.began) < TURN)
    }
}
