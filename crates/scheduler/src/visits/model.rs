use std::fmt;

use background_sync_registration::WallTime;
use serde::{Deserialize, Serialize};

use super::civil::{LocalTime, minute_of};
use super::habit::{Habit, refit};
use super::histogram::Histogram;
use super::presence::Presence;
use super::second_slot;
use super::stored::StoredModel;
use super::{Availability, BinWidth, UtcOffset, VisitParameters};

/// When the user visits one origin.
///
/// Fed with visits that the user made; says where the next periodic sync should lie so that content is fresh when it is
/// read ([`place`](Self::place)). It keeps no date of any visit but the last day's: how often visits fell into each
/// quarter of an hour of a day, apart for workdays and weekends, and how many weeks had one on each weekday.
///
/// All times are local civil time with the offset of the moment, so that a trip and the change to summer time count at
/// once. It reads no clock, holds nothing on the heap, and is at most 512 bytes large.
///
/// What it knows is a profile of a person. It is in no `Debug` text; who stores it deletes it with the last
/// registration, with the site's data, and when it [is forgotten](Self::is_forgotten).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredModel", into = "StoredModel")]
pub struct VisitModel {
    pub(super) width: BinWidth,
    /// By the kind of day.
    pub(super) habits: [Habit; 2],
    /// Visits after a pause on a day that had one already.
    pub(super) later: Histogram,
    /// In minutes of the day, on days that had their first visit.
    pub(super) second_slot: Option<u16>,
    pub(super) presence: Presence,
    /// The minute of the last visit.
    pub(super) last_visit: i64,
}

const _: () = assert!(size_of::<VisitModel>() <= 512);

/// Visits with at least this pause, in minutes, before them are another reading.
const PAUSE: i64 = 240;

impl VisitModel {
    /// Of an origin that was never visited.
    #[must_use]
    pub const fn new(params: &VisitParameters) -> Self {
        Self {
            width: params.bin_width,
            habits: [Habit::new(); 2],
            later: Histogram::EMPTY,
            second_slot: None,
            presence: Presence::new(),
            last_visit: 0,
        }
    }

    /// The user has visited the origin: an activation by the user in a top-level window of it, no frame in another site's.
    ///
    /// A day's first visit finds the slots anew, which is some microseconds; every other one is a few instructions. A
    /// day that is not later than the last one is no new day, unless the clock was set back by more than two days. After
    /// 90 days without a visit it begins anew. Parameters of another width than before are taken over.
    pub fn visited(&mut self, at: WallTime, offset: UtcOffset, availability: &Availability, params: &VisitParameters) {
        let local = LocalTime::of(at, offset);
        if self.presence.is_forgotten(local.day) {
            *self = Self::new(params);
        }
        self.take_width(params.bin_width);
        let minute = minute_of(at);
        if self.presence.is_new(local.day) {
            self.learn_first_of_day(local);
            self.refit(availability, params);
        } else if minute - self.last_visit >= PAUSE {
            self.later.add(self.width.bin_of(local.minute));
        }
        self.last_visit = minute;
    }

    /// Whether the last visit is 90 days ago or more: nothing that was learnt counts any more, and what is stored should
    /// be deleted.
    #[must_use]
    pub fn is_forgotten(&self, now: WallTime, offset: UtcOffset) -> bool {
        self.presence.is_forgotten(LocalTime::of(now, offset).day)
    }

    fn learn_first_of_day(&mut self, local: LocalTime) {
        let habit = &mut self.habits[local.day.kind().index()];
        // The very first visit has no forecast to judge.
        if self.presence.last.is_some() {
            habit.judge(local.minute);
        }
        habit.learn(self.width.bin_of(local.minute));
        self.later.fade();
        self.presence.visited(local.day);
    }

    fn refit(&mut self, availability: &Availability, params: &VisitParameters) {
        refit(&mut self.habits, self.width, availability);
        self.second_slot =
            if params.second_slot { second_slot::find(&self.habits[0], &self.later, self.width) } else { None };
    }

    fn take_width(&mut self, width: BinWidth) {
        if width != self.width {
            self.habits = self.habits.map(|habit| habit.with_width(self.width, width));
            self.later = self.later.with_width(self.width, width);
            self.width = width;
        }
    }
}

impl fmt::Debug for VisitModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VisitModel").finish_non_exhaustive()
    }
}
