use std::fmt;
use std::str::FromStr;

use crate::visits::people::Kind;

/// A rule for placing events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyName {
    /// Every 12 hours, at a phase that has nothing to do with the reader: what everything is compared with.
    Clock12,
    /// Every 12 hours from the registration on.
    Clock12FromRegistration,
    /// Every 24 hours, at such a phase.
    Clock24,
    /// 12 hours times a factor that falls with the engagement of a site, as Chromium has it. The score is rebuilt from
    /// its description and not checked against the browser.
    Engagement,
    /// Ten minutes before each visit of a week ago.
    LastWeek,
    /// At any time in the seven hours before each visit of a week ago: Android's rule as it ships.
    LastWeekLoose,
    /// Ten minutes before the time of the last day's first visit.
    Yesterday,
    /// Ten minutes before the time that a fifth of the first visits are earlier than.
    Quantile20,
    /// The same for one in twenty.
    Quantile5,
    /// The same, with workdays and weekends apart.
    Quantile5Split,
    /// How often each hour of a week is visited; an event when waiting costs more than it brings.
    HourOfWeek,
    /// The product's visit model, one slot a day.
    Ours,
    /// The same with a second slot, and tokens instead of 12 hours between events.
    OursTwoSlots,
    /// Knows each day's distribution, and not the draw.
    Insider,
    /// Knows the future: the least sum of ages at the first use of each day.
    Oracle1,
    /// Knows the future: the least sum of ages at all uses.
    Oracle2,
}

impl PolicyName {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 16] = [
        Self::Clock12,
        Self::Clock12FromRegistration,
        Self::Clock24,
        Self::Engagement,
        Self::LastWeek,
        Self::LastWeekLoose,
        Self::Yesterday,
        Self::Quantile20,
        Self::Quantile5,
        Self::Quantile5Split,
        Self::HourOfWeek,
        Self::Ours,
        Self::OursTwoSlots,
        Self::Insider,
        Self::Oracle1,
        Self::Oracle2,
    ];

    /// As tables and options write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clock12 => "clock-12h",
            Self::Clock12FromRegistration => "clock-12h-registered",
            Self::Clock24 => "clock-24h",
            Self::Engagement => "engagement",
            Self::LastWeek => "last-week",
            Self::LastWeekLoose => "last-week-7h",
            Self::Yesterday => "yesterday",
            Self::Quantile20 => "quantile-20",
            Self::Quantile5 => "quantile-5",
            Self::Quantile5Split => "quantile-5-split",
            Self::HourOfWeek => "hour-of-week",
            Self::Ours => "ours",
            Self::OursTwoSlots => "ours-two-slots",
            Self::Insider => "insider",
            Self::Oracle1 => "oracle-1",
            Self::Oracle2 => "oracle-2",
        }
    }

    /// Whether it can say anything about such people: nobody has an expectation of who has no habit.
    pub(in crate::visits) const fn makes_sense_for(self, kind: Kind) -> bool {
        !matches!((self, kind), (Self::Insider, Kind::Erratic | Kind::ErraticByDay))
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for PolicyName {
    type Err = UnknownPolicy;

    fn from_str(name: &str) -> Result<Self, UnknownPolicy> {
        Self::ALL.into_iter().find(|policy| policy.name() == name).ok_or(UnknownPolicy)
    }
}

/// No policy has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPolicy;

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = PolicyName::ALL.iter().map(|policy| policy.name()).collect();
        write!(f, "no such policy; there are {}", names.join(", "))
    }
}

impl std::error::Error for UnknownPolicy {}
